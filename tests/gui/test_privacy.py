"""What is to be forgotten leaves recording, transcript and captions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QRadioButton, QSpinBox

from app.core.errors import StorageError
from app.core.events import FinalCaption, MeetingForgot, PreviewChanged, Translation
from app.gui.dialogs.ask import Question
from app.gui.dialogs.forget import ForgetDialog
from app.gui.rows import MarkKind, SavedLine, SavedMark
from app.gui.transcript.line import Note
from app.gui.transcript.lines import TranscriptLines
from tests.gui.conftest import Program, find, words


def final(utterance: int, start: float, text: str) -> FinalCaption:
    heard = words(utterance, start, text).words
    return FinalCaption(utterance, 0, start, heard[-1].end, text, "en", heard)


def dialog_of(program: Program) -> ForgetDialog:
    return find(program.window, ForgetDialog)


@pytest.mark.parametrize("minutes", [1, 5, 10])
def test_the_last_minutes_are_forgotten_after_one_question(program: Program, minutes: int) -> None:
    live = program.record()
    program.desktop.actions.forget_asked.emit(minutes)
    find(dialog_of(program), QPushButton, "forgetAgree").click()
    program.idle()
    assert live.calls == ["start", f"forget {60 * minutes}"]
    assert "forgotten" in program.texts()[0]


def test_any_number_of_minutes_can_be_forgotten(program: Program) -> None:
    live = program.record()
    program.desktop.actions.forget_asked.emit(0)
    dialog = dialog_of(program)
    find(dialog, QRadioButton, "forget10").setChecked(True)
    find(dialog, QSpinBox, "forgetMinutes").setValue(37)
    find(dialog, QPushButton, "forgetAgree").click()
    program.idle()
    assert live.calls[-1] == "forget 2220"


def test_cancelling_forgets_nothing(program: Program) -> None:
    live = program.record()
    program.window.activateWindow()
    program.bot.waitUntil(program.window.isActiveWindow)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(program.window, Qt.Key.Key_Backspace, both)
    dialog_of(program).reject()
    program.idle()
    assert live.calls == ["start"]


def test_there_is_nothing_to_forget_without_a_meeting(program: Program) -> None:
    assert not program.desktop.actions.forget.isEnabled()
    assert not program.desktop.actions.forget_menu.menuAction().isEnabled()
    assert not program.window.bar.forget.isVisible()
    program.record()
    assert program.window.bar.forget.isVisible()
    texts = [action.text() for action in program.desktop.actions.forget_menu.actions()]
    assert texts == [
        *("The last minute…", "The last 5 minutes…", "The last 10 minutes…", "Another time…"),
    ]
    assert program.desktop.actions.forget_menu.menuAction() in program.desktop.tray.menu.actions()


def test_a_failure_to_forget_is_said(program: Program) -> None:
    live = program.record()
    live.refuse = StorageError("The disk cannot be written")
    program.desktop._privacy.forget(60.0)
    program.idle()
    assert program.texts() == ["The disk cannot be written."]


def test_transcript_and_captions_lose_what_was_forgotten(program: Program) -> None:
    program.record()
    program.tell(final(0, 0.0, "this stays"), final(1, 60.0, "a secret"), words(2, 62.0, "more"))
    program.tell(PreviewChanged(2, " of it"))
    program.tell(MeetingForgot(55.0, 120.0))
    assert program.transcript().splitlines() == ["this stays", "65 s were removed here for good"]
    assert "secret" not in program.desktop.captions.panel.text()
    assert "more" not in program.desktop.captions.panel.text()
    program.tell(words(3, 121.0, "and on"))
    assert program.desktop.captions.panel.text() == "and on"


def test_words_outside_the_stretch_stay() -> None:
    lines = TranscriptLines()
    list(lines.changes(final(0, 10.0, "one two three four")))
    list(lines.changes(Translation(0, "de", "eins zwei drei vier", final=True)))
    list(lines.changes(MeetingForgot(11.0, 20.0)))
    assert lines.text() == "one two"


def test_what_is_said_after_the_stretch_begins_then() -> None:
    lines = TranscriptLines()
    list(lines.changes(words(0, 7.0, "a secret")))
    list(lines.changes(MeetingForgot(0.0, 10.0)))
    list(lines.changes(words(0, 10.5, "and on")))
    assert [(line.note, line.start) for line in (lines[0], lines[1])] == [
        (Note.FORGOTTEN, 0.0),
        (None, 10.5),
    ]
    assert lines.text() == "and on"


def test_lines_from_before_a_meeting_went_on_are_forgotten_too() -> None:
    lines = TranscriptLines()
    saved = [SavedLine(0, 1.0, "old", end=2.0), SavedLine(1, 50.0, "gone", end=58.0)]
    lines.load(saved, names={0: "Ada"})
    list(lines.changes(final(2, 61.0, "gone as well")))
    list(lines.changes(MeetingForgot(55.0, 70.0)))
    assert lines.text() == "old"
    assert lines.names == {0: "Ada"}


def with_times(program: Program) -> None:
    kept = program.services.meetings.kept
    lines = tuple(
        SavedLine(i, i * 4.0, text, end=i * 4.0 + 3.5) for i, text in enumerate(("one", "two", "3"))
    )
    marks = (SavedMark(MarkKind.DEVICE, 4.0, 4.0, "USB"),)
    kept["m1"] = replace(kept["m1"], lines=lines, marks=marks)
    program.choose("m1")


def select(program: Program, first: int, last: int) -> None:
    view = program.window.centre.view
    cursor = QTextCursor(view.document().findBlockByNumber(first))
    end = view.document().findBlockByNumber(last)
    cursor.setPosition(end.position() + 1, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)


def test_selected_lines_of_a_saved_meeting_are_forgotten_after_a_question(
    program: Program,
) -> None:
    with_times(program)
    select(program, 1, 3)  # the mark, "two" and "3"
    menu = program.window.centre.view.menu_at(0.0)
    next(a for a in menu.actions() if a.text().startswith("Forget")).trigger()
    question = find(program.window, Question)
    assert question.windowTitle() == "Forget 2 lines?"
    assert program.services.meetings.changes == []
    find(question, QPushButton, "agreeButton").click()
    program.idle()
    assert program.services.meetings.changes == [("forget", "m1", "4", "11.5")]
    assert program.transcript().splitlines() == ["one", "From here on recorded from “USB”"]


def test_without_a_selection_or_in_a_live_meeting_there_is_nothing_to_forget(
    program: Program,
) -> None:
    with_times(program)
    view = program.window.centre.view
    assert not [a for a in view.menu_at(0.0).actions() if a.text().startswith("Forget")]
    program.record()
    program.tell(final(0, 0.0, "spoken now"))
    view.selectAll()
    assert not [a for a in view.menu_at(0.0).actions() if a.text().startswith("Forget")]
