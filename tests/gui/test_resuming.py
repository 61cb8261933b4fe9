"""A saved meeting goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QTextEdit

from app.core.events import AudioSaved, FinalCaption
from tests.gui.conftest import Program


def go_on(program: Program, meeting: str) -> None:
    row = program.window.meetings.model.row(meeting)
    assert row is not None
    menu = program.window.meetings.menu_for(row)
    next(a for a in menu.actions() if a.text() == "Continue this meeting").trigger()
    program.bot.waitUntil(lambda: program.desktop.recorder.live is not None)


def test_a_saved_meeting_goes_on_behind_its_end(program: Program) -> None:
    program.choose("m1")
    go_on(program, "m1")
    wish = program.live.wish
    assert (wish.resume, wish.begin, wish.title) == ("m1", 120.0, "Product roadmap")
    assert program.window.meetings.current == "m1"
    assert program.window.meetings.model.rowCount() == 2, "it is the same meeting"
    assert program.transcript() == "Good morning\nThank you"
    program.tell(FinalCaption(2, 0, 121.0, 122.0, "Again", "en", ()), AudioSaved(122.0))
    assert program.transcript() == "Good morning\nThank you\nAgain"
    assert program.find(QLabel, "elapsedLabel").text().startswith("00:02:0")
    assert program.find(QLabel, "savedLabel").text() == "Saved to 00:02:02"
    assert program.window.notes.meeting == "m1"
    program.stop()


def test_notes_of_a_meeting_that_goes_on_are_there(program: Program) -> None:
    go_on(program, "m1")
    assert program.find(QTextEdit, "notesEditor").toPlainText() == "Old notes"


def test_only_one_meeting_is_recorded(program: Program) -> None:
    program.record()
    row = program.window.meetings.model.row("m2")
    assert row is not None
    menu = program.window.meetings.menu_for(row)
    action = next(a for a in menu.actions() if a.text() == "Continue this meeting")
    assert not action.isEnabled()
    assert not program.desktop._resuming.go_on("m2")
    assert program.texts() == ["A meeting is being recorded. Continue this one afterwards."]


def test_a_new_meeting_after_one_that_went_on_is_new(program: Program) -> None:
    go_on(program, "m1")
    program.stop()
    wish = program.record().wish
    assert (wish.resume, wish.begin) == ("", 0.0)
    assert program.transcript() == ""
