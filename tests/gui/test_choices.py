"""What can be chosen in the top bar."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget

from app.gui import languages
from app.gui.dialogs.language_list import CODE
from app.gui.dialogs.languages import LanguagesDialog
from app.gui.recording.choices import SEVERAL, LanguageBox, ModelBox
from app.gui.recording.sources import SourceBox
from app.gui.recording.task import TaskBox
from app.gui.rows import DeviceRow
from tests.fakes.window.models import BASE, TINY
from tests.gui.conftest import find

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def sources(qtbot: QtBot) -> SourceBox:
    box = SourceBox()
    qtbot.addWidget(box)
    return box


@pytest.fixture
def models(qtbot: QtBot) -> ModelBox:
    box = ModelBox()
    qtbot.addWidget(box)
    return box


@pytest.fixture
def box(qtbot: QtBot) -> LanguageBox:
    found = LanguageBox()
    qtbot.addWidget(found)
    found.show()
    return found


def test_devices_appear_below_their_kind(sources: SourceBox) -> None:
    sources.show_devices("mic", [DeviceRow("usb", "USB Microphone")])
    sources.show_devices("system", [DeviceRow("out", "Speakers")])
    texts = [sources.itemText(i) for i in range(sources.count()) if sources.itemText(i)]
    assert texts == [
        *("Microphone", "USB Microphone", "System audio", "Speakers"),
        *("Mic and system", "Devices and sound test…"),
    ]
    assert sources.choice == ("mic", "", "")


def test_a_chosen_device_stays_chosen_while_it_is_gone(sources: SourceBox) -> None:
    sources.show_devices("mic", [DeviceRow("usb", "USB Microphone")])
    sources.choose("mic", "usb")
    sources.show_devices("mic", [])
    assert sources.choice == ("mic", "usb", "")
    sources.show_devices("mic", [DeviceRow("usb", "USB Microphone")])
    assert sources.choice == ("mic", "usb", "")
    assert sources.currentText() == "USB Microphone"


def test_a_choice_is_told(qtbot: QtBot, sources: SourceBox) -> None:
    sources.setCurrentIndex(sources.findText("System audio"))
    with qtbot.waitSignal(sources.chosen) as told:
        sources.activated.emit(sources.currentIndex())
    assert told.args == ["system", "", ""]


def test_both_are_recorded_from_the_devices_chosen_for_each(
    qtbot: QtBot, sources: SourceBox
) -> None:
    sources.show_devices("mic", [DeviceRow("usb", "USB Microphone")])
    sources.choose("mic", "usb")
    sources.setCurrentIndex(sources.findText("Mic and system"))
    with qtbot.waitSignal(sources.chosen) as told:
        sources.activated.emit(sources.currentIndex())
    assert told.args == ["both", "usb", ""]
    sources.choose("both", "usb", "hdmi")
    sources.show_devices("system", [DeviceRow("hdmi", "HDMI")])
    assert sources.choice == ("both", "usb", "hdmi")


def test_the_sound_test_is_asked_for_without_changing_the_choice(
    qtbot: QtBot, sources: SourceBox
) -> None:
    sources.choose("system", "")
    index = sources.findText("Devices and sound test…")
    sources.setCurrentIndex(index)
    with qtbot.assertNotEmitted(sources.chosen), qtbot.waitSignal(sources.test_asked):
        sources.activated.emit(index)
    assert sources.choice == ("system", "", "")


def test_a_model_that_is_missing_is_downloaded_not_chosen(qtbot: QtBot, models: ModelBox) -> None:
    models.show_models([BASE, TINY], "base")
    index = next(i for i in range(models.count()) if "tiny.en" in models.itemText(i))
    assert models.itemText(index) == "Download tiny.en (78 MB)…"
    with qtbot.waitSignal(models.download_asked) as told:
        models.setCurrentIndex(index)
        models.activated.emit(index)
    assert told.args == ["tiny.en"]
    assert models.chosen_model == "base"
    assert models.currentText() == "base"


@pytest.mark.parametrize(("wanted", "found"), [("base", "base"), ("gone", "base"), ("", "")])
def test_the_wanted_model_or_the_first(models: ModelBox, wanted: str, found: str) -> None:
    models.show_models([BASE, TINY], wanted)
    assert models.chosen_model == found


@pytest.mark.parametrize(
    ("wanted", "found"), [("base", ["base", "Record only"]), ("", ["Record only"])]
)
def test_before_the_models_are_known_the_wanted_one_is_chosen(
    models: ModelBox, wanted: str, found: list[str]
) -> None:
    models.show_models([], wanted)
    assert models.chosen_model == wanted
    assert [models.itemText(i) for i in range(models.count())] == found
    assert models.currentText() == found[0]


def test_without_any_model_sound_is_recorded(models: ModelBox) -> None:
    models.show_models([replace(BASE, installed=False)], "base")
    assert models.chosen_model == ""
    assert models.currentText() == "Record only"


def test_every_language_of_whisper_can_be_found(box: LanguageBox) -> None:
    assert len(languages.NAMES) == 100
    codes = {box.itemData(i) for i in range(box.count())} - {None}
    assert codes == {"auto", SEVERAL, *languages.NAMES}


def test_typing_finds_a_language_by_either_name(qtbot: QtBot, box: LanguageBox) -> None:
    completer = box.completer()
    assert completer is not None
    for typed in ("german", "DEUTS"):
        completer.setCompletionPrefix(typed)
        assert completer.currentCompletion() == "Deutsch (German)"
    with qtbot.waitSignal(box.chosen) as told:
        completer.activated.emit("Deutsch (German)")
    assert told.args == ["de"]
    qtbot.waitUntil(lambda: box.currentText() == "Deutsch")


def test_what_is_no_language_falls_back_to_the_choice(box: LanguageBox) -> None:
    box.choose("fr")
    line = box.lineEdit()
    assert line is not None
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "klingon")
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert box.language == "fr"
    line.editingFinished.emit()
    assert box.currentText() == "Français"


def test_an_english_model_leaves_english_and_the_choice_comes_back(box: LanguageBox) -> None:
    box.choose("de")
    box.limit(("en",))
    assert box.language == "en"
    assert box.count() == 1
    box.limit(())
    assert box.count() > 100
    assert box.language == "de"


def test_a_set_of_languages_from_the_settings_is_one_more_choice(box: LanguageBox) -> None:
    box.choose("ko,en")
    assert box.language == "ko,en"
    assert box.currentText() == "한국어, English"
    box.show_detected("ko")
    assert box.currentText() == "한국어 (detected)"
    box.forget_detected()
    box.limit(("en",))
    assert box.language == "en", "a model for English only"
    box.limit(())
    assert box.language == "ko,en"
    assert box.count() == LanguageBox().count() + 1


def test_several_languages_are_asked_for_and_the_choice_stays(
    qtbot: QtBot, box: LanguageBox
) -> None:
    box.choose("de")
    box.setCurrentIndex(box.findData(SEVERAL))
    with qtbot.waitSignal(box.several_asked), qtbot.assertNotEmitted(box.chosen):
        box.activated.emit(box.currentIndex())
    assert (box.language, box.currentText()) == ("de", "Deutsch")
    count = box.count()
    box.choose("ko,en")
    box.choose("de,fr")
    assert box.language == "de,fr"
    assert box.count() == count + 1, "one set takes the place of the other"


def test_two_languages_are_a_set_and_one_is_not(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = LanguagesDialog(parent, ("ko",))
    assert not dialog.agree.isEnabled()
    item = next(
        item
        for row in range(dialog.languages.list.count())
        if (item := dialog.languages.list.item(row)).data(CODE) == "de"
    )
    item.setCheckState(Qt.CheckState.Checked)
    with qtbot.waitSignal(dialog.chosen) as told:
        dialog.agree.click()
    assert told.args == ["ko,de"]


def test_searching_hides_other_languages_and_keeps_what_is_checked(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    dialog = LanguagesDialog(parent, ("ko", "en"))
    find(dialog, QLineEdit, "languagesSearch").setText("GERMAN")
    rows = [dialog.languages.list.item(row) for row in range(dialog.languages.list.count())]
    assert [item.data(CODE) for item in rows if not item.isHidden()] == ["de"]
    assert dialog.languages.codes == ["ko", "en"]


def test_a_model_for_english_cannot_translate_and_the_wish_comes_back(qtbot: QtBot) -> None:
    box = TaskBox()
    qtbot.addWidget(box)
    box.setCurrentIndex(1)
    with qtbot.waitSignal(box.chosen) as told:
        box.activated.emit(1)
    assert told.args == ["translate"]
    assert box.translate
    box.limit("tiny.en")
    assert not box.isEnabled()
    assert not box.translate
    assert box.currentText() == "As spoken"
    assert box.toolTip() == "The model tiny.en understands English only, so it cannot translate."
    box.limit("")
    assert box.isEnabled()
    assert box.translate
