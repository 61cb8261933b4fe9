"""Notes: Markdown in, Markdown out, saved by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.core.errors import StorageError
from app.gui.notes.editor import AUTOSAVE_MS, NotesEditor
from app.gui.notes.text_edit import NotesTextEdit
from tests.gui.conftest import Program, find

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def editor(qtbot: QtBot) -> NotesEditor:
    found = NotesEditor()
    qtbot.addWidget(found)
    found.show_notes("m1", "")
    found.show()
    return found


def text_of(editor: NotesEditor) -> NotesTextEdit:
    return find(editor, NotesTextEdit, "notesEditor")


def press(editor: NotesEditor, name: str) -> None:
    find(editor, QToolButton, f"{name}Button").click()


def reloaded(editor: NotesEditor) -> str:
    """What the text is after it has been to the disk and back, twice."""
    once = editor.markdown()
    editor.show_notes("other", once)
    assert editor.markdown() == once
    return once.strip()


@pytest.mark.parametrize(
    "markdown",
    [
        "Plain **bold** and *italic* words",
        "## Heading",
        "- one\n- two",
        "- [x] done\n- [ ] to do",
        "日本語のメモ **太字**",
        "ملاحظات",
    ],
)
def test_markdown_comes_back_as_it_was(editor: NotesEditor, markdown: str) -> None:
    editor.show_notes("m1", markdown)
    assert reloaded(editor) == markdown


@pytest.mark.parametrize(
    "typed",
    [
        "# not a heading",
        "5 * 3 * 2",
        "a_b_c",
        "1. not a list",
        "<b>tag</b>",
        "- dash",
        "[x]",
        "R&amp;D",
    ],
)
def test_what_was_typed_is_text_after_it_was_saved(editor: NotesEditor, typed: str) -> None:
    text = text_of(editor)
    QTest.keyClicks(text, typed)
    editor.show_notes("m1", editor.markdown())
    assert text.toPlainText() == typed


def test_long_paragraphs_stay_in_one_piece(editor: NotesEditor) -> None:
    text = "word " * 100
    QTest.keyClicks(text_of(editor), text.strip())
    editor.show_notes("m1", editor.markdown())
    assert text_of(editor).toPlainText() == text.strip()


def test_the_tools_make_markdown(editor: NotesEditor) -> None:
    text = text_of(editor)
    press(editor, "heading")
    QTest.keyClicks(text, "Plan")
    QTest.keyClick(text, Qt.Key.Key_Return)
    press(editor, "bold")
    QTest.keyClicks(text, "Now")
    press(editor, "bold")
    QTest.keyClick(text, Qt.Key.Key_Return)
    press(editor, "checklist")
    QTest.keyClicks(text, "first")
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "second")
    assert reloaded(editor) == "## Plan\n\n**Now**\n\n- [ ] first\n- [ ] second"


def test_enter_on_an_empty_item_ends_the_list(editor: NotesEditor) -> None:
    text = text_of(editor)
    press(editor, "list")
    QTest.keyClicks(text, "one")
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClick(text, Qt.Key.Key_Return)
    QTest.keyClicks(text, "after")
    assert reloaded(editor) == "- one\n\nafter"


def test_a_tool_pressed_twice_leaves_plain_text(editor: NotesEditor) -> None:
    QTest.keyClicks(text_of(editor), "words")
    for tool in ("list", "list", "checklist", "checklist", "heading", "heading"):
        press(editor, tool)
    assert reloaded(editor) == "words"


def test_a_box_is_ticked_by_a_click(editor: NotesEditor) -> None:
    editor.show_notes("m1", "- [ ] to do")
    text = text_of(editor)
    cursor = text.textCursor()
    cursor.movePosition(cursor.MoveOperation.Start)
    box = text.cursorRect(cursor)
    at = box.center()
    at.setX(box.left() - 10)
    QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert reloaded(editor) == "- [x] to do"


def test_notes_are_saved_after_a_pause_in_typing(program: Program) -> None:
    program.choose("m2")
    text = text_of(program.window.notes)
    QTest.keyClicks(text, "A thought")
    assert program.window.notes.unsaved
    assert program.services.meetings.kept["m2"].notes == ""
    program.bot.waitUntil(
        lambda: program.services.meetings.kept["m2"].notes.strip() == "A thought",
        timeout=AUTOSAVE_MS + 3_000,
    )


def test_changing_the_meeting_saves_first(program: Program) -> None:
    program.choose("m2")
    QTest.keyClicks(text_of(program.window.notes), "Quick")
    program.choose("m1")
    assert program.services.meetings.kept["m2"].notes.strip() == "Quick"
    assert program.window.notes.markdown().strip() == "Old **notes**"


def test_quitting_saves_first(program: Program) -> None:
    program.choose("m2")
    QTest.keyClicks(text_of(program.window.notes), "Last words")
    with program.bot.waitSignal(program.desktop.ended):
        program.desktop.quit()
    assert program.services.meetings.kept["m2"].notes.strip() == "Last words"


def test_notes_of_the_live_meeting_are_kept_when_it_ends(program: Program) -> None:
    live = program.record()
    QTest.keyClicks(text_of(program.window.notes), "During")
    program.stop()
    program.window.notes.flush()
    program.idle()
    assert program.services.meetings.kept[live.id].notes.strip() == "During"
    assert program.window.notes.markdown().strip() == "During"


def test_notes_that_cannot_be_saved_are_said(program: Program) -> None:
    program.choose("m2")
    program.services.meetings.refuse = StorageError("The disk is full")
    QTest.keyClicks(text_of(program.window.notes), "Lost?")
    program.window.notes.flush()
    program.idle()
    assert program.texts() == ["The disk is full."]
    assert program.window.notes.markdown().strip() == "Lost?"


def test_without_a_meeting_there_is_nothing_to_write_on(program: Program) -> None:
    assert not program.window.notes.isEnabled()


def test_notes_of_the_live_meeting_are_there_on_coming_back(program: Program) -> None:
    live = program.record()
    QTest.keyClicks(text_of(program.window.notes), "Keep me")
    program.choose("m2")
    program.choose(live.id)
    assert program.window.notes.markdown().strip() == "Keep me"
