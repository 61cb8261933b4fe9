from __future__ import annotations

import random
import time

import pytest

from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptionEdited,
    Event,
    FinalCaption,
    LanguageDetected,
    LoadChanged,
    LoadLevel,
    RecognitionCaughtUp,
    RecognitionSkipped,
    Word,
    WordsCommitted,
)
from app.session.line import Line
from app.session.transcript import Transcript
from tests.core.samples import SAMPLES


def word(text: str, start: float) -> Word:
    return Word(text, start, start + 0.5, 0.9)


def words(utterance: int, start: float, *texts: str) -> WordsCommitted:
    return WordsCommitted(
        utterance, tuple(word(text, start + i * 0.5) for i, text in enumerate(texts))
    )


def final(utterance: int, revision: int, start: float, text: str) -> FinalCaption:
    spoken = (word(f" {text}", start),) if text else ()
    return FinalCaption(utterance, revision, start, start + 0.5, text, "en", spoken)


def fold(*events: Event) -> Transcript:
    transcript = Transcript()
    for event in events:
        transcript.apply(event)
    return transcript


def texts(*events: Event) -> list[str]:
    return [line.text for line in fold(*events).lines]


def test_committed_words_grow_a_live_line() -> None:
    transcript = fold(words(0, 1.0, " Good", " morning"), words(0, 2.0, " all."))
    [line] = transcript.lines
    assert (line.text, line.start, line.end) == ("Good morning all.", 1.0, 2.5)
    assert (line.final, line.edited, line.revision) == (False, False, -1)
    assert [w.text for w in line.words] == [" Good", " morning", " all."]


def test_a_final_caption_replaces_the_live_line() -> None:
    transcript = fold(words(0, 1.0, " God", " morning"), final(0, 0, 1.1, "Good morning."))
    assert transcript.lines == [
        Line(
            0,
            1.1,
            1.6,
            "Good morning.",
            "en",
            (word(" Good morning.", 1.1),),
            0,
            final=True,
            edited=False,
        )
    ]


def test_only_a_higher_revision_replaces() -> None:
    assert texts(final(0, 1, 0, "one"), final(0, 0, 0, "zero")) == ["one"]
    assert texts(final(0, 1, 0, "one"), final(0, 1, 0, "again")) == ["one"]
    assert texts(final(0, 1, 0, "one"), final(0, 3, 0, "three")) == ["three"]


def test_an_absorbed_line_vanishes_and_stays_away() -> None:
    gone = [final(0, 0, 0, "a"), final(1, 0, 1, "b"), final(0, 1, 0, "a b"), final(1, 1, 1, "")]
    assert texts(*gone) == ["a b"]
    assert texts(*gone, final(1, 0, 1, "late")) == ["a b"]
    assert texts(*gone, words(1, 1, " late")) == ["a b"]
    assert texts(*gone, final(1, 2, 1, "back")) == ["a b", "back"]
    assert fold(*gone).line(1) is None


def test_a_persons_words_are_never_replaced() -> None:
    edited: list[Event] = [final(0, 0, 1.0, "helo"), CaptionEdited(0, "Hello")]
    [line] = fold(*edited, final(0, 1, 5.0, "yellow"), final(0, 2, 1.0, "")).lines
    assert (line.text, line.edited, line.start) == ("Hello", True, 1.0)
    assert [w.text for w in line.words] == [" helo"]


def test_a_line_edited_while_spoken_keeps_the_edit_and_gets_the_machines_times() -> None:
    live: list[Event] = [words(0, 1.0, " helo"), CaptionEdited(0, "Hello"), words(0, 1.5, " word")]
    [line] = fold(*live).lines
    assert (line.text, line.end, line.final) == ("Hello", 2.0, False)
    [line] = fold(*live, final(0, 0, 0.9, "hello world")).lines
    assert (line.text, line.start, line.final, line.edited) == ("Hello", 0.9, True, True)
    assert [w.text for w in line.words] == [" hello world"]


def test_an_edited_live_line_survives_being_absorbed() -> None:
    [line] = fold(words(0, 1.0, " a"), CaptionEdited(0, "A"), final(0, 0, 1.0, "")).lines
    assert (line.text, line.start, [w.text for w in line.words]) == ("A", 1.0, [" a"])


def test_an_edit_of_a_lost_line_is_kept_at_the_end() -> None:
    assert texts(final(0, 0, 5.0, "a"), CaptionEdited(7, "kept")) == ["a", "kept"]


def test_a_person_can_empty_a_line() -> None:
    assert texts(final(0, 0, 0, "noise"), CaptionEdited(0, " ")) == []


def test_lines_are_in_the_order_of_time_also_after_a_revision_moved_one() -> None:
    events = [final(0, 0, 3.0, "c"), final(1, 0, 1.0, "a"), final(2, 0, 2.0, "b")]
    assert texts(*events) == ["a", "b", "c"]
    assert texts(*events, final(1, 1, 9.0, "a")) == ["b", "c", "a"]


def test_the_language_reaches_lines_that_begin_after_it() -> None:
    transcript = fold(
        words(0, 0, " a"), LanguageDetected("ko", 0.9), words(0, 1, " b"), words(1, 2, " c")
    )
    assert transcript.language == "ko"
    assert [line.language for line in transcript.lines] == ["ko", "ko"]


def test_duration_and_gaps() -> None:
    gap, skipped = AudioGap(1.0, 7.0, "lost"), RecognitionSkipped(7.0, 8.0)
    transcript = fold(final(0, 0, 2.0, "a"), gap, skipped)
    assert (transcript.duration, transcript.gaps) == (8.0, [gap, skipped])
    assert fold(AudioSaved(3.0), AudioSaved(2.0)).duration == 3.0


def test_all_that_kept_recognition_from_hearing_something_is_told() -> None:
    transcript = fold(
        RecognitionSkipped(7.0, 9.0), RecognitionCaughtUp(7.0, 8.0),
        LoadChanged(LoadLevel.PAUSED, 9.0, 6.0),
    )  # fmt: skip
    assert transcript.gaps == [RecognitionSkipped(8.0, 9.0)]
    assert transcript.caught_up == [RecognitionCaughtUp(7.0, 8.0)]
    assert transcript.falls == [6.0]


def test_no_words_make_no_line() -> None:
    assert fold(WordsCommitted(0, ())).lines == []


def test_every_event_can_be_applied() -> None:
    assert [line.text for line in fold(*SAMPLES).lines] == ["Good evening."]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_of_finals_gives_the_same_lines(seed: int) -> None:
    """Revisions alone decide, so a replay cannot disagree with what was shown."""
    events = [final(u, r, u + r / 10, f"{u}.{r}") for u in range(8) for r in range(4)]
    random.Random(seed).shuffle(events)
    assert texts(*events) == [f"{u}.3" for u in range(8)]


def test_a_long_meeting_costs_no_more_per_event_than_a_short_one() -> None:
    def cost(transcript: Transcript, first: int) -> float:
        events = [
            event
            for u in range(first, first + 200)
            for event in (words(u, float(u), " a", " b"), final(u, 0, float(u), "a b"))
        ]
        started = time.process_time()
        for event in events:
            transcript.apply(event)
            transcript.line(event.utterance)
        return time.process_time() - started

    empty = min(cost(Transcript(), 0) for _ in range(3))
    full = fold(*(final(u, 0, float(u), "a") for u in range(20_000)))
    assert min(cost(full, 20_000 + n * 200) for n in range(3)) < 20 * empty + 0.02
