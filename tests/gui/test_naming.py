"""Naming a speaker: the voice to hear, a suggested name, and voices that are remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QListWidget, QPushButton

from app.core.errors import DeviceMissingError
from app.core.events import SpeakerNamed
from app.gui.rows import NameGuess, VoiceRow
from app.gui.transcript.speaker_menu import NameDialog
from tests.fakes.window.voices import FakeVoices
from tests.gui.conftest import Program, find


@pytest.fixture
def voices(program: Program) -> FakeVoices:
    """A saved meeting with speakers is shown."""
    meetings = program.services.meetings
    lines = tuple(replace(line, speakers=(n,)) for n, line in enumerate(meetings.kept["m1"].lines))
    meetings.kept["m1"] = replace(meetings.kept["m1"], lines=lines)
    program.choose("m1")
    return program.services.voices


def ask(program: Program, row: int = 1) -> NameDialog:
    """Choose "Name Speaker …" in the menu, which is gone at once, as on the screen."""
    menu = program.window.centre.view.speaker_menu(row)
    with program.bot.waitSignal(menu.destroyed):
        menu.ask_name()
        menu.deleteLater()
    return find(program.window, NameDialog)


def remember(program: Program) -> None:
    program.desktop.preferences.change("speakers", profiles=True)


def test_the_voice_can_be_heard(program: Program, voices: FakeVoices) -> None:
    voices.may_end.clear()
    dialog = ask(program)
    play = find(dialog, QPushButton, "speakerPlay")
    play.click()
    assert (play.text(), play.isEnabled()) == ("Playing…", False)
    voices.may_end.set()
    program.idle()
    assert (play.text(), play.isEnabled()) == ("Play voice", True)
    assert voices.calls == [("play", "m1", 1)]


def test_closing_the_dialog_ends_the_sound(program: Program, voices: FakeVoices) -> None:
    voices.may_end.clear()
    dialog = ask(program)
    find(dialog, QPushButton, "speakerPlay").click()
    dialog.reject()
    program.idle()
    assert voices.calls[-1] == ("cancelled",)


def test_what_cannot_be_played_is_one_sentence(program: Program, voices: FakeVoices) -> None:
    voices.problem = DeviceMissingError("There is nothing to play sound on", hint="Connect it.")
    dialog = ask(program)
    find(dialog, QPushButton, "speakerPlay").click()
    program.idle()
    note = find(dialog, QLabel, "speakerNote")
    assert note.text() == "There is nothing to play sound on. Connect it."
    assert not note.isHidden()
    assert find(dialog, QPushButton, "speakerPlay").isEnabled()


def test_nothing_is_suggested_or_remembered_unless_wanted(
    program: Program, voices: FakeVoices
) -> None:
    voices.suggestion = NameGuess("Mina", 0.86, likely=True)
    dialog = ask(program)
    program.idle()
    assert find(dialog, QPushButton, "speakerGuess").isHidden()
    find(dialog, QLineEdit, "speakerName").setText("Anna")
    find(dialog, QPushButton, "speakerSave").click()
    program.idle()
    assert program.services.meetings.told == [SpeakerNamed(1, "Anna")]
    assert voices.calls == []


def test_a_suggestion_is_accepted_with_a_click(program: Program, voices: FakeVoices) -> None:
    remember(program)
    voices.suggestion = NameGuess("Mina", 0.861, likely=True)
    dialog = ask(program)
    program.idle()
    assert program.services.meetings.told == []
    guess = find(dialog, QPushButton, "speakerGuess")
    assert guess.text() == "Mina? 86 %"
    guess.click()
    program.idle()
    assert program.services.meetings.told == [SpeakerNamed(1, "Mina")]
    assert voices.calls == [("guess", "m1", 1), ("learn", "m1", 1)]


def test_a_doubtful_suggestion_says_so(program: Program, voices: FakeVoices) -> None:
    remember(program)
    voices.suggestion = NameGuess("Mina", 0.6, likely=False)
    dialog = ask(program)
    program.idle()
    assert find(dialog, QPushButton, "speakerGuess").text() == "Perhaps Mina? 60 %"


def test_names_given_live_are_learned_after_the_final_pass(program: Program) -> None:
    remember(program)
    program.desktop.preferences.change("speakers", engine="embedded")
    program.services.meetings.found.set()
    live = program.record()
    program.stop()
    assert program.services.voices.calls == [("learn", live.id, None)]


def test_remembered_voices_are_listed_and_forgotten(program: Program) -> None:
    voices = program.services.voices
    voices.kept = [
        VoiceRow("Anna", 12.0, 1), VoiceRow("Mina", 40.0, 2), VoiceRow("Theo", 9.0, 1, "why not")
    ]  # fmt: skip
    program.desktop.show_settings()
    wanted = program.find(QCheckBox, "setting_speakers_profiles")
    assert not wanted.isChecked()
    wanted.click()
    assert program.desktop.preferences.settings.speakers.profiles
    shown = program.find(QListWidget, "voicesList")
    assert [shown.item(row).text() for row in range(3)] == [
        "Anna  ·  12 s of speech",
        "Mina  ·  40 s of speech",
        "Theo  ·  9 s of speech  ·  not used: why not",
    ]
    forget = program.find(QPushButton, "voiceForget")
    assert not forget.isEnabled()
    shown.setCurrentRow(1)
    forget.click()
    assert [row.name for row in voices.kept] == ["Anna", "Theo"]
    program.find(QPushButton, "voicesClear").click()
    assert shown.count() == 0
