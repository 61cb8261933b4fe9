"""The program as a whole: tray, closing, quitting, settings, downloads."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QSystemTrayIcon,
)

from app.core.errors import DownloadError
from app.core.settings import load_settings
from app.gui.dialogs.ask import Question
from app.gui.dialogs.settings import SettingsDialog
from app.gui.downloads import DownloadCard
from app.gui.tray import Tray
from tests.fakes.window.models import BASE, TINY
from tests.gui.conftest import Program, find

if TYPE_CHECKING:
    from app.gui.messages import Message


@pytest.fixture
def with_tray(program: Program, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """Offscreen there is no tray; this one believes that there is. The balloons it showed."""
    balloons: list[Message] = []
    monkeypatch.setattr(Tray, "available", property(lambda _self: True))
    program.desktop.messages.use_balloon(balloons.append)
    return balloons


def saved(program: Program) -> dict[str, bool]:
    program.desktop.preferences.flush()
    general = load_settings(program.services.paths.settings).settings.general
    return {"tray_hint_shown": general.tray_hint_shown, "window": bool(general.window)}


def test_closing_leaves_the_program_in_the_tray_and_says_so_once(
    program: Program, with_tray: list[Message]
) -> None:
    program.record()
    program.window.close()
    assert not program.window.isVisible()
    assert program.desktop.recorder.live is not None
    assert [m.text for m in with_tray] == ["Captionist is still running."]
    assert saved(program) == {"tray_hint_shown": True, "window": True}
    program.desktop.actions.show_window.trigger()
    assert program.window.isVisible()
    program.window.close()
    assert len(with_tray) == 1


def test_messages_go_to_the_tray_while_the_window_is_hidden(
    program: Program, with_tray: list[Message]
) -> None:
    program.window.close()
    with_tray.clear()
    program.desktop.messages.show_error(DownloadError("The network is gone"))
    assert [m.text for m in with_tray] == ["The network is gone."]


def test_without_a_tray_closing_quits(program: Program) -> None:
    with program.bot.waitSignal(program.desktop.ended):
        program.window.close()
    assert not program.window.isVisible()


def test_without_a_tray_closing_while_recording_asks_first(program: Program) -> None:
    program.record()
    program.window.close()
    assert program.window.isVisible()
    question = find(program.window, Question)
    find(question, QPushButton, "cancelButton").click()
    assert program.desktop.recorder.live is not None
    program.window.close()
    question = program.window.findChildren(Question)[-1]
    with program.bot.waitSignal(program.desktop.ended):
        find(question, QPushButton, "agreeButton").click()
    assert program.live.calls == ["start", "stop"]


def test_quitting_while_recording_saves_first_and_says_so(program: Program) -> None:
    program.services.slow_stop = True
    program.record()
    ended: list[bool] = []
    program.desktop.ended.connect(lambda: ended.append(True))
    program.desktop.actions.quit.trigger()
    assert program.find(QLabel, "savingLabel").isVisible()
    assert not ended
    program.live.may_stop.set()
    program.bot.waitUntil(lambda: bool(ended))
    assert program.live.calls == ["start", "stop"]
    assert program.live.id in program.services.meetings.kept


def test_the_tray_has_the_same_actions_as_the_window(program: Program) -> None:
    actions = program.desktop.tray.menu.actions()
    names = [action.objectName() for action in actions if not action.isSeparator()]
    assert names == [
        "recordAction",
        "pauseAction",
        "",
        "captionsAction",
        "showAction",
        "quitAction",
    ]
    program.record()
    assert actions[0].text() == "Stop recording"
    actions[0].trigger()
    program.idle()
    assert program.live.calls == ["start", "stop"]


def test_settings_take_effect_at_once_and_are_saved(program: Program) -> None:
    program.desktop.show_settings()
    dialog = find(program.window, SettingsDialog)
    find(dialog, QSpinBox, "setting_overlay_font_size").setValue(30)
    find(dialog, QSpinBox, "setting_overlay_lines").setValue(3)
    find(dialog, QSlider).setValue(50)
    theme = find(dialog, QComboBox, "setting_general_theme")
    theme.setCurrentIndex(theme.findData("dark"))
    theme.activated.emit(theme.currentIndex())
    assert program.desktop.theme.dark
    panel = program.desktop.captions.panel
    assert panel.height() == panel.fitting_height(3)
    program.desktop.preferences.flush()
    overlay = load_settings(program.services.paths.settings).settings.overlay
    assert (overlay.font_size, overlay.lines, overlay.opacity) == (30, 3, 0.5)
    program.desktop.preferences.change("overlay", font_size=12)
    assert find(dialog, QSpinBox, "setting_overlay_font_size").value() == 12
    program.desktop.theme.choose("light")


def test_all_settings_are_whole_in_the_smallest_dialog(program: Program) -> None:
    program.desktop.show_settings()
    dialog = find(program.window, SettingsDialog)
    dialog.resize(dialog.minimumWidth(), 700)
    seen = 0
    for page in range(dialog.pages.count()):
        dialog.pages.setCurrentIndex(page)
        QApplication.processEvents()  # the layout is made
        shown = [label for label in dialog.findChildren(QLabel) if label.isVisible()]
        for label, widget in ((label, label.buddy()) for label in shown):
            if widget is None or not widget.objectName().startswith("setting_"):
                continue
            seen += 1
            assert label.geometry().right() < widget.geometry().left(), label.text()
            assert label.height() >= label.heightForWidth(label.width()), label.text()
            assert widget.width() >= widget.minimumSizeHint().width(), label.text()
    assert seen > 10


def test_how_to_recognise_is_set_in_words_and_recorded(program: Program) -> None:
    program.desktop.show_settings()
    dialog = find(program.window, SettingsDialog)
    for name, value, text in (
        ("preset", "accurate", "Most accurate"),
        ("policy", "local-agreement", "When two looks agree (LocalAgreement)"),
    ):
        box = find(dialog, QComboBox, f"setting_recognition_{name}")
        box.setCurrentIndex(box.findData(value))
        assert box.currentText() == text
        assert all(box.itemText(i) != box.itemData(i) for i in range(box.count())), "plain words"
        box.activated.emit(box.currentIndex())
    wish = program.record().wish
    assert (wish.preset, wish.policy) == ("accurate", "local-agreement")


def test_the_settings_say_where_recognition_runs(program: Program) -> None:
    program.desktop.show_settings()
    program.idle()
    label = find(find(program.window, SettingsDialog), QLabel, "processorLabel")
    assert label.isVisible()
    assert label.text() == "Recognition runs on the CPU (int8), because base is small."


def test_only_one_settings_dialog_opens(program: Program) -> None:
    program.desktop.show_settings()
    program.desktop.show_settings()
    assert len(program.window.findChildren(SettingsDialog)) == 1


def test_choices_are_remembered(program: Program) -> None:
    bar = program.window.bar
    bar.sources.chosen.emit("system", "speaker", "")
    bar.languages.chosen.emit("ja")
    bar.models.chosen.emit("")
    program.desktop.preferences.flush()
    loaded = load_settings(program.services.paths.settings).settings
    assert (loaded.capture.source, loaded.capture.device) == ("system", "speaker")
    assert (loaded.recognition.language, loaded.recognition.model) == ("ja", "")


def no_model(program: Program) -> None:
    program.services.models.all = [replace(BASE, installed=False), TINY]
    program.desktop.models.refresh()
    program.idle()


def test_without_a_model_a_download_is_offered(program: Program) -> None:
    no_model(program)
    button = program.find(QPushButton, "emptyButton")
    assert button.text() == "Download base (145 MB)"
    button.click()
    question = find(program.window, Question)
    assert any("MIT" in label.text() for label in question.findChildren(QLabel))
    find(question, QPushButton, "agreeButton").click()
    card = find(program.window, DownloadCard)
    program.bot.waitUntil(card.isVisible)
    program.services.models.arrived.set()
    program.idle()
    assert not card.isVisible()
    assert program.window.bar.models.chosen_model == "base"
    assert "The model base is ready." in program.texts()


def test_without_a_model_recording_works_and_says_so(program: Program) -> None:
    no_model(program)
    live = program.record()
    assert live.wish.model == ""
    (message,) = program.desktop.messages.current
    assert message.text == "Recording without captions."
    assert message.button is not None
    assert message.button.text == "Download base"


def test_a_download_can_be_cancelled(program: Program) -> None:
    program.desktop.models.ask_download("tiny.en")
    find(find(program.window, Question), QPushButton, "agreeButton").click()
    program.find(QPushButton, "downloadCancel").click()
    program.idle()
    assert program.texts() == []
    assert not find(program.window, DownloadCard).isVisible()


def test_a_failed_download_is_said(program: Program) -> None:
    program.services.models.problem = DownloadError("The hub cannot be reached")
    program.services.models.arrived.set()
    program.desktop.models.ask_download("tiny.en")
    find(find(program.window, Question), QPushButton, "agreeButton").click()
    program.idle()
    (message,) = program.desktop.messages.current
    assert message.text == "The hub cannot be reached."
    assert message.button is not None
    program.services.models.problem = None
    message.button.action()
    program.idle()
    assert program.window.bar.models.chosen_model == "tiny.en"


def test_an_english_model_leaves_only_english_to_choose(program: Program) -> None:
    program.services.models.arrived.set()
    program.desktop.models.ask_download("tiny.en")
    find(find(program.window, Question), QPushButton, "agreeButton").click()
    program.idle()
    assert program.window.bar.models.chosen_model == "tiny.en"
    assert program.window.bar.languages.language == "en"


def test_an_icon_click_brings_the_window_back(program: Program, with_tray: list[Message]) -> None:
    program.window.close()
    program.desktop.tray.icon.activated.emit(QSystemTrayIcon.ActivationReason.Trigger)
    assert program.window.isVisible()
