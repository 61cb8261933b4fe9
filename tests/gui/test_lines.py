"""What each event changes in a transcript on the screen."""

from __future__ import annotations

from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptionEdited,
    FinalCaption,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
)
from app.gui.rows import MarkKind, SavedLine, SavedMark
from app.gui.transcript.line import Change, ChangeKind, Note
from app.gui.transcript.lines import TranscriptLines
from tests.gui.conftest import words


def final(utterance: int, text: str, revision: int = 0, start: float = 0.0) -> FinalCaption:
    return FinalCaption(utterance, revision, start, start + 1, text, "en", ())


def texts(lines: TranscriptLines) -> list[str]:
    return [lines[row].text.strip() for row in range(len(lines))]


def test_words_preview_and_final_of_an_utterance_share_a_line() -> None:
    lines = TranscriptLines()
    assert lines.apply(PreviewChanged(0, "he")) == Change(ChangeKind.INSERTED, 0)
    assert lines.apply(words(0, 1.5, "hello")) == Change(ChangeKind.CHANGED, 0)
    assert (lines[0].text, lines[0].preview, lines[0].start) == (" hello", "", 1.5)
    assert lines.apply(final(0, "Hello.", start=1.4)) == Change(ChangeKind.CHANGED, 0)
    assert (lines[0].text, lines[0].start) == ("Hello.", 1.4)


def test_a_preview_that_comes_to_nothing_leaves_no_line() -> None:
    lines = TranscriptLines()
    lines.apply(PreviewChanged(0, "hm"))
    assert lines.apply(PreviewChanged(0, "")) == Change(ChangeKind.REMOVED, 0)
    assert len(lines) == 0


def test_a_later_revision_wins_and_an_earlier_one_does_not() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "third", revision=2))
    assert lines.apply(final(0, "second", revision=1)) is None
    assert texts(lines) == ["third"]


def test_an_absorbed_utterance_disappears() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "one"))
    lines.apply(final(1, "two"))
    lines.apply(final(0, "one two", revision=1))
    assert lines.apply(final(1, "", revision=1)) == Change(ChangeKind.REMOVED, 1)
    assert texts(lines) == ["one two"]


def test_what_a_person_wrote_stays() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "won"))
    assert lines.apply(CaptionEdited(0, "one")) == Change(ChangeKind.CHANGED, 0)
    assert lines.apply(final(0, "wan", revision=5)) is None
    assert texts(lines) == ["one"]
    assert lines[0].edited


def test_a_final_that_comes_late_goes_to_its_place() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "first"))
    lines.apply(words(2, 5, "third"))
    assert lines.apply(final(1, "second")) == Change(ChangeKind.INSERTED, 1)
    assert texts(lines) == ["first", "second", "third"]


def test_lost_audio_is_a_line_of_its_own_that_grows() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "before"))
    assert lines.apply(AudioGap(2.0, 3.0, "overflow")) == Change(ChangeKind.INSERTED, 1)
    assert lines.apply(AudioGap(3.0, 4.5, "overflow")) == Change(ChangeKind.CHANGED, 1)
    assert (lines[1].note, lines[1].length) == (Note.GAP, 2.5)
    lines.apply(RecognitionSkipped(5.0, 6.0))
    assert lines.apply(words(1, 7, "after")) == Change(ChangeKind.INSERTED, 3)
    assert lines.text() == "before\nafter"


def test_saved_marks_are_notes_among_the_lines() -> None:
    lines = TranscriptLines()
    spoken = [SavedLine(0, 1.0, "one"), SavedLine(9, 6.0, "late"), SavedLine(1, 20.0, "two")]
    marks = [SavedMark(MarkKind.SKIPPED, 30, 31), SavedMark(MarkKind.CAUGHT_UP, 5, 15)]
    lines.load(spoken, marks)
    assert [lines[row].note or lines[row].text for row in range(len(lines))] == [
        "one",
        Note.CAUGHT_UP,
        "late",
        "two",
        Note.SKIPPED,
    ]


def test_what_is_caught_up_takes_the_place_of_its_note() -> None:
    lines = TranscriptLines()
    lines.apply(final(0, "before"))
    lines.apply(RecognitionSkipped(5.0, 25.0))
    lines.apply(final(1, "after", start=26.0))
    lines.apply(PreviewChanged(2, "now"))
    assert lines.apply(final(1_000_000, "late", start=6.0)) == Change(ChangeKind.INSERTED, 2)
    assert lines.apply(RecognitionCaughtUp(5.0, 15.0)) == Change(ChangeKind.CHANGED, 1)
    assert (lines[1].start, lines[1].length) == (15.0, 10.0)
    assert lines.apply(RecognitionCaughtUp(15.0, 25.0)) == Change(ChangeKind.CHANGED, 1)
    assert lines.apply(RecognitionCaughtUp(15.0, 25.0)) is None
    assert lines[1].note is Note.CAUGHT_UP
    assert [lines[row].text or lines[row].preview for row in range(len(lines))] == [
        "before",
        "",
        "late",
        "after",
        "now",
    ]


def test_what_is_not_about_lines_changes_nothing() -> None:
    assert TranscriptLines().apply(AudioSaved(3.0)) is None


def test_an_edit_of_an_unknown_line_changes_nothing() -> None:
    assert TranscriptLines().apply(CaptionEdited(7, "text")) is None


def test_saved_lines_are_loaded_without_empty_ones() -> None:
    lines = TranscriptLines()
    lines.load(
        [SavedLine(0, 0.0, "one"), SavedLine(1, 1.0, " "), SavedLine(2, 2.0, "two", edited=True)]
    )
    assert texts(lines) == ["one", "two"]
    assert lines[1].edited
