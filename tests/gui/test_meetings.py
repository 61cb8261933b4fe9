"""The list of meetings and what can be done with one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QRadioButton,
    QTextEdit,
)

from app.core.errors import StorageError
from app.gui.dialogs.ask import Question
from app.gui.dialogs.export import ExportDialog, suggested_name
from app.gui.meetings.model import detail_text, duration_text, when_text
from app.gui.rows import MeetingRow, MeetingState
from tests.gui.conftest import Program, find

if TYPE_CHECKING:
    from pathlib import Path


def titles(program: Program) -> list[str]:
    model = program.find(QListView, "meetingsList").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def test_meetings_are_listed_newest_first(program: Program) -> None:
    assert titles(program) == ["Product roadmap", "Interview"]


def test_search_filters_titles(program: Program) -> None:
    QTest.keyClicks(program.find(QLineEdit, "searchBox"), "INTER")
    assert titles(program) == ["Interview"]
    QTest.keyClicks(program.find(QLineEdit, "searchBox"), "xyz")
    assert titles(program) == []


def test_a_chosen_meeting_is_shown_with_its_notes(program: Program) -> None:
    program.choose("m1")
    assert program.transcript() == "Good morning\nThank you"
    assert program.window.notes.markdown().strip() == "Old **notes**"
    assert program.find(QLineEdit, "titleEdit").text() == "Product roadmap"


def test_a_meeting_that_cannot_be_read_is_said(program: Program) -> None:
    del program.services.meetings.kept["m2"]
    program.choose("m2")
    assert program.texts() == ["There is no meeting 'm2'."]
    assert program.desktop.workspace.shown == ""


def test_renaming_in_the_list_and_in_the_header(program: Program) -> None:
    program.choose("m1")
    model = program.window.meetings.model
    position = model.position("m1")
    assert position is not None
    model.setData(model.index(position), "  Road   map ")
    program.idle()
    assert ("rename", "m1", "Road map") in program.services.meetings.changes
    assert program.find(QLineEdit, "titleEdit").text() == "Road map"
    program.find(QLineEdit, "titleEdit").setText("Roadmap 2")
    program.find(QLineEdit, "titleEdit").editingFinished.emit()
    program.idle()
    assert titles(program)[0] == "Roadmap 2"


def test_a_failed_rename_is_said_and_undone(program: Program) -> None:
    program.services.meetings.refuse = StorageError("The meeting is in use")
    program.desktop.workspace.rename("m1", "New")
    program.idle()
    program.bot.waitUntil(lambda: titles(program)[0] == "Product roadmap")
    assert program.texts() == ["The meeting is in use."]


def test_deleting_asks_first(program: Program) -> None:
    program.choose("m1")
    program.window.meetings.delete_asked.emit("m1")
    question = program.window.findChild(Question)
    assert question is not None
    assert "m1" in program.services.meetings.kept
    find(question, QPushButton, "agreeButton").click()
    program.idle()
    assert titles(program) == ["Interview"]
    assert program.desktop.workspace.shown in ("", "m2")
    assert "m1" not in program.services.meetings.kept


def test_a_meeting_that_is_recorded_cannot_be_deleted(program: Program) -> None:
    live = program.record()
    row = program.window.meetings.model.row(live.id)
    assert row is not None
    menu = program.window.meetings.menu_for(row)
    disabled = [a.text() for a in menu.actions() if a.text() and not a.isEnabled()]
    assert disabled == [
        "Continue this meeting", "Transcribe what is missing", "Tell speakers apart",
        "Translate…", "Delete…",
    ]  # fmt: skip


def export_dialog(program: Program) -> ExportDialog:
    program.choose("m1")
    program.desktop.actions.export.trigger()
    program.idle()
    dialog = program.window.findChild(ExportDialog)
    assert dialog is not None
    return dialog


def test_an_export_is_written_and_said(program: Program, tmp_path: Path) -> None:
    dialog = export_dialog(program)
    assert dialog.path.name == "Product roadmap.json"
    find(dialog, QRadioButton, "format_srt").setChecked(True)
    find(dialog, QLineEdit, "exportName").setText(str(tmp_path / "talk"))
    find(dialog, QPushButton, "exportAgree").click()
    program.idle()
    assert (tmp_path / "talk.srt").read_text(encoding="utf-8") == "m1 as srt"
    (message,) = program.desktop.messages.current
    assert message.text == "Exported to talk.srt."
    assert message.button is not None
    assert message.button.text == "Show folder"


def test_overwriting_is_asked(program: Program, tmp_path: Path) -> None:
    (tmp_path / "talk.json").write_text("old", encoding="utf-8")
    dialog = export_dialog(program)
    find(dialog, QLineEdit, "exportName").setText(str(tmp_path / "talk.json"))
    agree = find(dialog, QPushButton, "exportAgree")
    agree.click()
    assert (tmp_path / "talk.json").read_text(encoding="utf-8") == "old"
    assert "exists already" in find(dialog, QLabel, "exportWarning").text()
    agree.click()
    program.idle()
    assert (tmp_path / "talk.json").read_text(encoding="utf-8") == "m1 as json"


def test_a_failed_export_is_said(program: Program, tmp_path: Path) -> None:
    program.services.meetings.refuse = StorageError("The folder is gone", hint="Choose another.")
    dialog = export_dialog(program)
    find(dialog, QLineEdit, "exportName").setText(str(tmp_path / "talk"))
    find(dialog, QPushButton, "exportAgree").click()
    program.idle()
    assert program.texts() == ["The folder is gone."]


def test_without_a_meeting_there_is_nothing_to_export(program: Program) -> None:
    program.desktop.actions.export.trigger()
    assert program.texts() == ["Choose a meeting to export."]


def test_file_names_are_made_of_what_file_systems_take() -> None:
    assert suggested_name('Plan: "A/B" <draft>?') == "Plan A B draft"
    assert suggested_name("...") == "meeting"
    assert len(suggested_name("x" * 300)) == 80


def test_dates_and_lengths_in_words() -> None:
    now = datetime.now().astimezone()
    assert when_text(now).startswith("Today")
    assert when_text(now - timedelta(days=1)).startswith("Yesterday")
    assert str((now - timedelta(days=800)).year) in when_text(now - timedelta(days=800))
    assert [duration_text(s) for s in (12, 300, 5400)] == ["12 s", "5 min", "1 h 30 min"]
    row = MeetingRow("x", "X", None, 0.0, MeetingState.DAMAGED)
    assert detail_text(row) == "Damaged"


def test_what_is_missing_is_transcribed_from_the_menu(program: Program) -> None:
    kept = program.services.meetings.kept
    kept["m2"] = replace(kept["m2"], lines=())
    program.choose("m2")
    assert "Transcribe" in program.find(QLabel, "emptyHint").text()
    row = program.window.meetings.model.row("m2")
    assert row is not None
    menu = program.window.meetings.menu_for(row)
    next(a for a in menu.actions() if a.text().startswith("Transcribe")).trigger()
    assert program.texts() == ["Transcribing “Interview”…"]
    program.idle()
    assert program.services.meetings.changes == [("transcribe", "m2", "base")]
    assert program.texts() == ["“Interview” has been transcribed."]
    assert program.transcript() == "Found later"
    program.window.meetings.transcribe_asked.emit("m2")
    program.idle()
    assert program.texts() == ["Everything in “Interview” has been transcribed already."]


@pytest.mark.parametrize("width", [900, 1200, 1800])
def test_a_long_hint_is_shown_whole(program: Program, width: int) -> None:
    kept = program.services.meetings.kept
    kept["m2"] = replace(kept["m2"], lines=())
    program.choose("m2")
    program.window.resize(width, 700)
    hint = program.find(QLabel, "emptyHint")
    program.bot.waitUntil(lambda: hint.isVisible() and hint.height() > 0)
    QApplication.processEvents()  # the layout is made anew
    assert hint.height() >= hint.heightForWidth(hint.width())


def test_nothing_is_transcribed_during_a_recording_without_a_model_or_in_vain(
    program: Program,
) -> None:
    program.record()
    program.window.meetings.transcribe_asked.emit("m2")
    assert program.texts() == ["A meeting is being recorded. Transcribe this one afterwards."]
    program.stop()
    program.services.meetings.refuse = StorageError("The disk is full")
    program.window.meetings.transcribe_asked.emit("m2")
    program.idle()
    assert program.texts() == ["The disk is full."]
    program.window.bar.models.show_models([], "")
    program.window.meetings.transcribe_asked.emit("m2")
    assert program.texts() == ["Choose a model first: it turns speech into text."]
    verbs = [change[0] for change in program.services.meetings.changes]
    assert "transcribe" not in verbs


def test_the_delete_key_works_in_the_list(program: Program) -> None:
    program.choose("m2")
    view = program.find(QListView, "meetingsList")
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert program.window.findChild(Question) is not None


def test_notes_of_a_deleted_meeting_are_not_written(program: Program) -> None:
    program.choose("m1")
    QTest.keyClicks(program.find(QTextEdit, "notesEditor"), "too late")
    program.window.meetings.delete_asked.emit("m1")
    find(program.window, QPushButton, "agreeButton").click()
    program.idle()
    assert program.texts() == []
    assert not [change for change in program.services.meetings.changes if change[0] == "notes"]
