"""The transcript on the screen touches only what has changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.events import AudioGap, CaptionEdited, FinalCaption, PreviewChanged
from app.gui.rows import SavedLine
from app.gui.transcript.line_editor import LineEditor
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.view import TranscriptView
from tests.gui.conftest import words

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.core.events import Event
    from app.gui.theme import Theme


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TranscriptView:
    found = TranscriptView(theme)
    qtbot.addWidget(found)
    found.resize(600, 300)
    found.show()
    return found


def saved(count: int) -> TranscriptLines:
    lines = TranscriptLines()
    text = "Some words that were said in the meeting and fill more than one line of the window"
    lines.load([SavedLine(i, i * 5.0, f"{i} {text}") for i in range(count)])
    return lines


def apply(view: TranscriptView, *events: Event) -> None:
    for event in events:
        change = view.lines.apply(event)
        if change is not None:
            view.follow_change(change)


def blocks(view: TranscriptView) -> list[str]:
    return view.toPlainText().split("\n")


def final(utterance: int, text: str, revision: int = 0) -> FinalCaption:
    return FinalCaption(utterance, revision, 1.0, 2.0, text, "en", ())


def test_every_kind_of_change_is_drawn(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, words(0, 0, "one"), PreviewChanged(0, "too"), final(1, "three"))
    assert blocks(view) == ["one too", "three"]
    apply(view, words(0, 1, "two"), final(3, "five"), final(2, "four"))
    assert blocks(view) == ["one two", "three", "four", "five"]
    apply(view, final(2, "", 1), CaptionEdited(1, "Three!"))
    assert blocks(view) == ["one two", "Three!", "five"]
    apply(view, final(0, ""))
    assert blocks(view) == ["Three!", "five"]
    apply(view, final(3, "", 1), final(0, "first", 1))
    assert blocks(view) == ["first", "Three!"]


def test_the_end_of_a_sentence_stands_at_its_word(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, words(0, 0, "one two"), PreviewChanged(0, "?"))
    assert blocks(view) == ["one two?"]


def test_the_last_line_may_go_and_come_back(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, PreviewChanged(0, "hm"), PreviewChanged(0, ""))
    assert blocks(view) == [""]
    apply(view, final(1, "back"))
    assert blocks(view) == ["back"]


def test_lost_audio_is_shown(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, final(0, "before"), AudioGap(1.0, 3.5, "overflow"))
    assert blocks(view)[1] == "2.5 s of audio were lost here"


def test_only_the_preview_is_grey(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, words(0, 0, "sure"), PreviewChanged(0, "maybe"))
    formats = view.document().firstBlock().textFormats()
    assert [(f.length, f.format.fontItalic()) for f in formats] == [(4, False), (6, True)]
    apply(view, words(0, 0, "maybe"))
    formats = view.document().firstBlock().textFormats()
    assert [f.format.fontItalic() for f in formats] == [False]


def test_a_selection_survives_arriving_words(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, final(0, "keep this"), words(1, 2, "and"))
    cursor = view.textCursor()
    cursor.setPosition(0)
    cursor.setPosition(4, cursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    apply(view, words(1, 3, "that"), PreviewChanged(1, "x"), final(1, "And that."))
    assert view.textCursor().selectedText() == "keep"


def test_a_saved_meeting_opens_at_its_beginning(qtbot: QtBot, view: TranscriptView) -> None:
    view.show_lines(saved(200))
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 1_000)
    assert view.verticalScrollBar().value() == 0


def test_new_text_is_followed_until_the_user_scrolls_up(qtbot: QtBot, view: TranscriptView) -> None:
    bar = view.verticalScrollBar()
    view.show_lines(saved(60), follow=True)
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    apply(view, final(100, "newest " * 40))
    qtbot.waitUntil(lambda: bar.value() == bar.maximum())
    bar.setValue(bar.maximum() // 2)
    assert not view.following
    place = bar.value()
    apply(view, final(101, "newer still " * 40))
    assert bar.value() == place
    view.jump_to_end()
    assert view.following
    assert bar.value() == bar.maximum()


def test_words_are_quick_in_a_long_meeting(qtbot: QtBot, view: TranscriptView) -> None:
    """A word may not cost more because 5,000 lines stand above it."""
    view.show_lines(saved(5_000), follow=True)
    qtbot.waitUntil(lambda: view.verticalScrollBar().maximum() > 100_000, timeout=10_000)
    began = time.process_time()
    for i in range(50):
        apply(view, words(9_000, i, "word"), PreviewChanged(9_000, "preview"))
    per_event = (time.process_time() - began) / 100
    assert per_event < 0.01


def edit(view: TranscriptView, row: int) -> LineEditor:
    view.edit_row(row)
    editor = view.findChild(LineEditor)
    assert editor is not None
    return editor


def test_a_line_is_edited_in_its_place(qtbot: QtBot, view: TranscriptView) -> None:
    view.show_lines(saved(3))
    editor = edit(view, 1)
    assert editor.isVisible()
    editor.setPlainText("What was\nreally said ")
    with qtbot.waitSignal(view.line_edited) as edited:
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert edited.args == [1, "What was really said"]
    assert not editor.isVisible()


def test_escape_and_an_empty_text_change_nothing(qtbot: QtBot, view: TranscriptView) -> None:
    view.show_lines(saved(3))
    with qtbot.assertNotEmitted(view.line_edited):
        editor = edit(view, 0)
        editor.setPlainText("other")
        QTest.keyClick(editor, Qt.Key.Key_Escape)
        editor = edit(view, 0)
        editor.setPlainText("  ")
        QTest.keyClick(editor, Qt.Key.Key_Return)


def test_what_nobody_said_cannot_be_edited(view: TranscriptView) -> None:
    view.show_lines(TranscriptLines(), follow=True)
    apply(view, AudioGap(1.0, 2.0, "overflow"))
    assert not edit(view, 0).isVisible()
