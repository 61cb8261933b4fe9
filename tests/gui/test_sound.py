"""The sound test before a meeting."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton

from app.core.errors import CaptureError
from app.gui.dialogs.sound import SoundDialog
from app.gui.rows import Sound, SoundRow
from tests.gui.conftest import Program, find


@pytest.fixture
def dialog(program: Program) -> SoundDialog:
    program.window.bar.sources.test_asked.emit()
    program.idle()
    return find(program.window, SoundDialog)


def said(dialog: SoundDialog, source: str) -> str:
    return find(dialog, QLabel, f"verdict {source}").text()


def test_what_is_checked_is_recorded_judged_and_played(
    program: Program, dialog: SoundDialog
) -> None:
    sounds = program.services.sounds
    find(dialog, QCheckBox, "record system").setChecked(True)
    sounds.rows["system"] = SoundRow("system", Sound.SILENT)
    sounds.may_end.clear()
    find(dialog, QPushButton, "soundTest").click()
    assert said(dialog, "mic") == "Listening… Please speak."
    program.bot.waitUntil(lambda: dialog.cards["mic"].meter.share > 0.3)
    assert not find(dialog, QPushButton, "soundTest").isEnabled()
    sounds.may_end.set()
    program.idle()
    assert sounds.calls == [("check", "mic", ""), ("check", "system", "")]
    assert said(dialog, "mic") == "This sounds good. Loudest: -12 dB."
    assert said(dialog, "system").startswith("Nothing was played.")
    assert not find(dialog, QPushButton, "play system").isVisibleTo(dialog)
    find(dialog, QPushButton, "play mic").click()
    program.idle()
    assert sounds.calls[-1] == ("play", "mic")
    assert find(dialog, QPushButton, "soundTest").isEnabled()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (SoundRow("mic", Sound.QUIET, -60.0, clip="x"), "Too quiet."),
        (SoundRow("mic", Sound.SILENT), "Silent."),
        (SoundRow("mic", Sound.CLIPPING, 0.0, clip="x"), "Too loud"),
        (SoundRow("mic", Sound.NOTHING), "Nothing came."),
        (SoundRow("mic", Sound.FAILED, error="It is gone", hint="Plug it in."), "It is gone. Plug"),
    ],
)
def test_a_verdict_has_a_hint(
    program: Program, dialog: SoundDialog, row: SoundRow, words: str
) -> None:
    program.services.sounds.rows["mic"] = row
    dialog.test.click()
    program.idle()
    assert said(dialog, "mic").startswith(words)
    assert find(dialog, QLabel, "verdict mic").property("role") == "warn"


def test_devices_are_chosen_for_each_source_and_remembered(
    program: Program, dialog: SoundDialog
) -> None:
    find(dialog, QCheckBox, "record system").setChecked(True)
    for source, device in (("mic", "usb"), ("system", "speaker")):
        box = find(dialog, QComboBox, f"device {source}")
        box.setCurrentIndex(box.findData(device))
    dialog.agree.click()
    capture = program.desktop.preferences.settings.capture
    assert (capture.source, capture.device, capture.system_device) == ("both", "usb", "speaker")
    assert program.window.bar.sources.choice == ("both", "usb", "speaker")


def test_there_is_always_something_to_record(dialog: SoundDialog) -> None:
    find(dialog, QCheckBox, "record mic").setChecked(False)
    assert not dialog.agree.isEnabled()
    assert not dialog.test.isEnabled()
    find(dialog, QCheckBox, "record system").setChecked(True)
    assert dialog.agree.isEnabled()


def test_another_device_is_not_tested_yet(program: Program, dialog: SoundDialog) -> None:
    dialog.test.click()
    program.idle()
    box = find(dialog, QComboBox, "device mic")
    box.setCurrentIndex(1)
    box.activated.emit(1)
    assert said(dialog, "mic") == "Not tested yet."


def test_a_sound_that_cannot_be_played_is_said(program: Program, dialog: SoundDialog) -> None:
    program.services.sounds.problem = CaptureError("There is nothing to play on")
    dialog.test.click()
    program.idle()
    dialog.cards["mic"].play.click()
    program.idle()
    assert program.texts() == ["There is nothing to play on."]
    assert dialog.test.isEnabled()


def test_the_dialog_may_be_closed_while_it_listens(program: Program, dialog: SoundDialog) -> None:
    program.services.sounds.may_end.clear()
    dialog.test.click()
    dialog.reject()
    program.services.sounds.may_end.set()
    program.idle()
    assert program.texts() == []
    assert program.desktop.sound_check.dialog is None


def test_nothing_is_tested_during_a_recording(program: Program) -> None:
    program.record()
    program.desktop.sound_check.open()
    assert program.desktop.sound_check.dialog is None
