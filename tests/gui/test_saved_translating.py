"""Translating a saved meeting, and what of it is exported."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QRadioButton

from app.core.errors import PairMissingError
from app.gui.dialogs.export import ExportDialog
from app.gui.dialogs.language_list import CODE
from app.gui.dialogs.targets import TargetsDialog
from app.session.translations import LineTranslation
from tests.gui.conftest import Program, find

if TYPE_CHECKING:
    from pathlib import Path


def ask(program: Program, *codes: str) -> TargetsDialog:
    program.choose("m1")
    program.window.meetings.translate_asked.emit("m1")
    program.idle()
    dialog = find(program.window, TargetsDialog)
    for row in range(dialog.languages.list.count()):
        item = dialog.languages.list.item(row)
        on = item.data(CODE) in codes
        item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    program.idle()
    return dialog


def test_a_saved_meeting_is_translated_and_shown(program: Program) -> None:
    ask(program, "en").agree.click()
    program.bot.waitUntil(lambda: any("50 %" in text for text in program.texts()))
    program.services.meetings.found.set()
    program.idle()
    assert program.transcript() == "Good morning\nin en\nThank you\nin en"
    assert "“Product roadmap” has been translated." in program.texts()
    assert program.desktop.preferences.settings.translation.languages == (), "that is for meetings"
    ask(program, "en").agree.click()
    program.idle()
    assert "Everything in “Product roadmap” has been translated already." in program.texts()


def test_it_can_be_cancelled(program: Program) -> None:
    ask(program, "en").agree.click()
    program.bot.waitUntil(lambda: any("50 %" in text for text in program.texts()))
    find(program.window, QPushButton, "messageButton").click()
    program.idle()
    assert program.transcript() == "Good morning\nThank you"
    assert not any("ranslat" in text for text in program.texts())


def test_one_meeting_at_a_time(program: Program) -> None:
    ask(program, "en").agree.click()
    program.window.meetings.translate_asked.emit("m2")
    assert "Another meeting is being translated." in program.texts()
    program.services.meetings.found.set()
    program.idle()


def test_what_cannot_be_translated_is_said(program: Program) -> None:
    dialog = ask(program, "ko")
    assert "Nothing translates into ko" in find(dialog, QLabel, "obstacleText").text()
    program.services.meetings.pair_missing = PairMissingError("There is no package", hint="Get it")
    dialog.agree.click()
    program.idle()
    assert "There is no package." in program.texts()


def test_while_a_server_translates_it_is_said_where_the_text_goes(program: Program) -> None:
    program.desktop.preferences.change(
        "translation", engine="server", server_url="http://box.example/v1"
    )
    ask(program, "en").agree.click()
    hints = [message.hint for message in program.desktop.messages.current]
    assert "Its text is sent to box.example." in hints
    program.services.meetings.found.set()
    program.idle()


def test_a_meeting_without_words_needs_no_translation(program: Program) -> None:
    kept = program.services.meetings.kept
    kept["m2"] = replace(kept["m2"], lines=())
    program.window.meetings.translate_asked.emit("m2")
    program.idle()
    assert "There are no words in this meeting to translate." in program.texts()


def export_dialog(program: Program) -> ExportDialog:
    program.choose("m1")
    program.desktop.actions.export.trigger()
    program.idle()
    return find(program.window, ExportDialog)


def test_subtitles_are_exported_in_the_languages_chosen(program: Program, tmp_path: Path) -> None:
    kept = program.services.meetings.kept
    told = (LineTranslation("ko", "좋은 아침", final=True),)
    lines = tuple(replace(line, translations=told) for line in kept["m1"].lines)
    kept["m1"] = replace(kept["m1"], lines=lines)
    dialog = export_dialog(program)
    box = find(dialog, QComboBox, "exportText")
    assert box.isHidden(), "JSON has everything"
    find(dialog, QRadioButton, "format_srt").setChecked(True)
    assert not box.isHidden()
    assert [box.itemData(i) for i in range(box.count())] == ["both", "source", "ko"]
    box.setCurrentIndex(2)
    dialog._name.setText(str(tmp_path / "out"))
    dialog.agree.click()
    program.idle()
    assert program.services.meetings.texts == ["ko"]


def test_without_translations_there_is_nothing_to_choose(program: Program, tmp_path: Path) -> None:
    dialog = export_dialog(program)
    find(dialog, QRadioButton, "format_srt").setChecked(True)
    assert find(dialog, QComboBox, "exportText").isHidden()
    dialog._name.setText(str(tmp_path / "out"))
    dialog.agree.click()
    program.idle()
    assert program.services.meetings.texts == [""]
