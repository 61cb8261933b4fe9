"""Translations below the lines of a transcript, and correcting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core.events import (
    FinalCaption,
    PreviewChanged,
    SpeakerTurn,
    Translation,
    TranslationEdited,
    TurnsFound,
)
from app.gui.rows import SavedLine
from app.gui.transcript.line_editor import LineEditor
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.view import TranscriptView
from app.session.translations import LineTranslation
from tests.gui.conftest import Program, find, words

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from app.core.events import Event
    from app.gui.theme import Theme


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> TranscriptView:
    found = TranscriptView(theme)
    qtbot.addWidget(found)
    found.resize(600, 400)
    found.show()
    found.show_lines(TranscriptLines(), follow=True)
    return found


def tell(view: TranscriptView, *events: Event) -> None:
    for event in events:
        for change in view.lines.changes(event):
            view.follow_change(change)


def final(utterance: int, text: str, *heard: str, revision: int = 0) -> FinalCaption:
    known = words(utterance, 0.0, " ".join(heard)).words if heard else ()
    return FinalCaption(utterance, revision, 0.0, 2.0, text, "zh", known)


def told(utterance: int, text: str, language: str = "en", *, is_final: bool = True) -> Translation:
    return Translation(utterance, language, text, final=is_final)


def test_a_translation_stands_below_its_line_while_both_grow(view: TranscriptView) -> None:
    tell(view, words(0, 0, "早上"), told(0, "Good", is_final=False), PreviewChanged(0, "好"))
    assert view.toPlainText() == "早上好\nGood"
    tell(view, told(0, "Good morning", is_final=False), words(1, 5, "谢谢"))
    assert view.toPlainText() == "早上好\nGood morning\n谢谢"
    tell(view, final(0, "早上好。"), told(0, "Good morning."), told(0, "좋은 아침입니다.", "ko"))
    assert view.toPlainText() == "早上好。\nGood morning.\n좋은 아침입니다.\n谢谢"
    assert view.document().blockCount() == 2, "a line and its translations are one"


def test_an_older_translation_changes_nothing(view: TranscriptView) -> None:
    tell(view, final(0, "早上好。"), told(0, "Good morning."))
    tell(view, told(0, "Good", is_final=False))
    assert view.toPlainText().endswith("Good morning.")
    tell(view, TranslationEdited(0, "en", "Morning!"), told(0, "Good morning again."))
    assert view.toPlainText().endswith("Morning!")


def test_a_translation_without_a_line_is_not_shown_until_there_is_one(view: TranscriptView) -> None:
    tell(view, told(4, "early"))
    assert view.toPlainText() == ""
    tell(view, final(4, "原文"))
    assert view.toPlainText() == "原文\nearly"
    tell(view, final(4, "", revision=1))
    assert view.toPlainText() == ""


def test_signs_that_count_twice_do_not_shift_what_follows(view: TranscriptView) -> None:
    tell(view, words(0, 0, "😀 hello"), told(0, "😀😀 bonjour", "fr", is_final=False))
    tell(view, words(0, 2, "world"), told(0, "😀😀 bonjour le monde", "fr"))
    assert view.toPlainText() == "😀 hello world\n😀😀 bonjour le monde"
    tell(view, PreviewChanged(0, "again"))
    assert view.toPlainText() == "😀 hello world again\n😀😀 bonjour le monde"


def test_a_translation_of_several_speakers_stands_below_the_last(view: TranscriptView) -> None:
    heard = "How are you? I am fine."
    turns = (SpeakerTurn(0.0, 1.0, 0), SpeakerTurn(1.0, 3.0, 1))
    tell(view, final(0, heard, *heard.split()), told(0, "Wie geht es dir? Gut.", "de"))
    tell(view, TurnsFound(0.0, 3.0, turns, final=False))
    texts = view.toPlainText().split("\n")
    assert len(texts) == 3
    assert texts[-1] == "Wie geht es dir? Gut."
    assert view.lines.translations(0) == ()
    tell(view, final(0, heard, *heard.split(), revision=1))
    assert view.toPlainText().split("\n") == texts
    tell(view, TurnsFound(0.0, 3.0, (SpeakerTurn(0.0, 3.0, 0),), final=False))
    assert view.toPlainText() == f"{heard}\nWie geht es dir? Gut."


def test_translations_are_copied_and_found(view: TranscriptView) -> None:
    tell(view, final(0, "早上好。"), told(0, "Good morning."))
    assert not view.document().find("morning").isNull()
    view.selectAll()
    assert view.textCursor().selection().toPlainText() == "早上好。\nGood morning."
    assert view.lines.text() == "早上好。\nGood morning."


def test_a_saved_meeting_has_its_translations() -> None:
    lines = TranscriptLines()
    kept = (LineTranslation("en", "Mine", final=True, edited=True), LineTranslation("ko", "둘"))
    lines.load([SavedLine(3, 1.0, "原文", translations=kept), SavedLine(4, 2.0, "不译")])
    assert [t.text for t in lines.translations(0)] == ["Mine", "둘"]
    assert not list(lines.changes(told(3, "The machine's"))), "what a person wrote stays"
    lines.load([SavedLine(3, 1.0, "另一个")])
    assert lines.translations(0) == ()


def spot(view: TranscriptView, row: int, language: str) -> QPoint:
    rect = view._place_of(row, language)
    return QPoint(rect.left() + 30, rect.center().y())


def test_a_double_click_corrects_what_is_under_it(qtbot: QtBot, view: TranscriptView) -> None:
    tell(view, final(0, "早上好。"), told(0, "Good mourning."), told(0, "좋은 아침", "ko"))
    editor = find(view, LineEditor)
    for language, text in (("", "早上好。"), ("en", "Good mourning."), ("ko", "좋은 아침")):
        at = spot(view, 0, language)
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert editor.toPlainText() == text
        QTest.keyClick(editor, Qt.Key.Key_Escape)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=spot(view, 0, "en"))
    editor.setPlainText("Good morning.")
    with (
        qtbot.waitSignal(view.translation_edited) as said,
        qtbot.assertNotEmitted(view.line_edited),
    ):
        QTest.keyClick(editor, Qt.Key.Key_Return)
    assert said.args == [0, "en", "Good morning."]


def test_f2_corrects_the_language_that_the_cursor_is_in(view: TranscriptView) -> None:
    tell(view, final(0, "早上好。"), told(0, "Good morning."))
    cursor = view.document().find("morning")
    view.setTextCursor(cursor)
    QTest.keyClick(view, Qt.Key.Key_F2)
    assert find(view, LineEditor).toPlainText() == "Good morning."


def test_a_corrected_translation_is_kept_live_and_saved(program: Program) -> None:
    live = program.record()
    program.tell(final(0, "早上好。"), told(0, "Good mourning."))
    program.window.centre.view.translation_edited.emit(0, "en", "Good morning.")
    assert live.calls[-1] == f"tell {TranslationEdited(0, 'en', 'Good morning.')}"
    assert program.transcript().endswith("Good morning.")
    program.stop()
    program.choose("m1")
    program.window.centre.view.translation_edited.emit(0, "en", "Hello.")
    program.idle()
    assert program.services.meetings.told == [TranslationEdited(0, "en", "Hello.")]
