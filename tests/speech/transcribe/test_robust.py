"""Loops, guesses and pauses: nothing that was said is lost, and nothing is made up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.events import Word
from app.speech.transcribe import alignatt
from app.speech.transcribe.guards import is_guesswork, is_made_up, is_unlikely
from app.speech.transcribe.whisper import Alignment, DecodingTask
from tests.fakes.speech import FakeWhisper, Speaker, ramble
from tests.speech.transcribe.listening import recognise, words_of


class Entranced(FakeWhisper):
    """Once the text has `patience` words, it can only repeat the last four of them."""

    patience = 6

    def continue_text(self, *arguments: Any) -> list[int]:
        prefix = list(arguments[2])
        return (
            prefix[-4:] * 5 if len(prefix) >= self.patience else super().continue_text(*arguments)
        )


def committed(speaker: Speaker, model: FakeWhisper) -> str:
    words = words_of(recognise(speaker, model))
    starts = [word.start for word in words]
    assert starts == sorted(starts)
    return "".join(word.text for word in words).strip()


def test_what_follows_a_loop_is_not_lost() -> None:
    """But for one short word at the very end: so little is as likely an inexact end of the text."""
    said = ramble(60)
    told = committed(Speaker().rest(1).say(*said).rest(2), Entranced())
    assert told in (" ".join(said), " ".join(said[:-1]))


def test_without_going_on_behind_the_loop_it_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignatt, "_UNHEARD", float("inf"))
    monkeypatch.setattr(alignatt, "_UNHEARD_FOR_LONG", float("inf"))
    said = ramble(60)
    told = committed(Speaker().rest(1).say(*said).rest(2), Entranced())
    assert len(told.split()) < len(said) - 1


class Drowsy(FakeWhisper):
    """Once the text has six words, it takes it for all there is."""

    def continue_text(self, *arguments: Any) -> list[int]:
        return [] if len(arguments[2]) >= 6 else super().continue_text(*arguments)


def test_what_follows_a_text_that_ended_too_soon_is_not_lost() -> None:
    said = ramble(40)
    told = committed(Speaker().rest(1).say(*said).rest(2), Drowsy())
    assert told.startswith(" ".join(said[:34])), "only the last seconds may be missing"


class Startled(FakeWhisper):
    """Begins each text with a word that nobody says."""

    def continue_text(self, *arguments: Any) -> list[int]:
        encoded, prefix = arguments[0], arguments[2]
        heard = [7, *(item.token for item in encoded)] if len(encoded) else []
        return heard[len(prefix) :] if 7 in prefix else heard[len(prefix) + bool(prefix) :]

    def align(self, encoded: Any, tokens: Any, frames: int, task: DecodingTask) -> Alignment:
        made_up = 7 in tokens
        rest = super().align(encoded, tokens[made_up:], frames, task)
        if not made_up:
            return rest
        starts = np.concatenate([rest.starts[:1], rest.starts])
        return Alignment(starts, np.concatenate([[np.float32(0.001)], rest.probabilities]))


def test_a_word_that_nobody_says_is_not_written_though_likely_ones_follow() -> None:
    said = ramble(5)
    assert committed(Speaker().rest(1).say(*said).rest(2), Startled()) == " ".join(said)


def test_what_is_guessed_is_not_written() -> None:
    model = FakeWhisper()
    model.sure = 0.05
    assert not committed(Speaker().rest(1).say(*ramble(12)).rest(3), model)


def written(*told: tuple[str, float, float]) -> list[Word]:
    """Words in a row, from their texts, probabilities and lengths."""
    words: list[Word] = []
    for text, probability, length in told:
        begin = words[-1].end if words else 0.0
        words.append(Word(text, begin, begin + length, probability))
    return words


@pytest.mark.parametrize(
    ("probabilities", "guessed"),
    [((0.01, 0.1), True), ((0.01, 0.5), False), ((0.2,), False), ((0.03,), True)],
)
def test_one_likely_word_is_enough(probabilities: tuple[float, ...], guessed: bool) -> None:
    assert is_guesswork(written(*((" so", p, 0.2) for p in probabilities))) is guessed


def test_in_a_brief_sound_one_word_must_be_sure() -> None:
    assert is_guesswork(written((" so", 0.2, 0.2), (" it", 0.4, 0.2)), brief=True)
    assert not is_guesswork(written((" so", 0.2, 0.2), (" it", 0.6, 0.2)), brief=True)


@pytest.mark.parametrize(
    ("told", "guessed"),
    [
        ([(" Oh", 0.006, 0.7), (",", 0.3, 0.1)], True),  # as written about laughter ...
        ([(" a", 0.005, 0), (" b", 0.95, 0), (" c", 0.05, 0), (" d", 0.98, 0.4)], True),
        ([(" a", 0.003, 0), (" b", 0.95, 0), (" c", 0.13, 0), (" d", 0.28, 0)], True),
        ([(" a", 0.005, 0.2), (" b", 0.95, 0.2), (" c", 0.05, 0.2), (" d", 0.98, 0.4)], False),
        ([(" a", 0.9, 0), (" b", 0.95, 0), (" c", 0.8, 0), (" d", 0.98, 0.4)], False),
        ([(" Yes", 0.5, 0.2), (".", 0.1, 0)], False),
        ([(" Okay", 0.3, 0)], False),
        ([(".", 0.4, 0)], False),  # ends what stands
    ],
)
def test_what_hardly_anybody_can_have_said_is_guesswork(
    told: list[tuple[str, float, float]], *, guessed: bool
) -> None:
    assert is_guesswork(written(*told)) is guessed


def test_words_are_unlikely_on_the_whole_or_not() -> None:
    assert is_unlikely(written((" a", 0.005, 0), (" b", 0.95, 0), (" c", 0.05, 0)))
    assert not is_unlikely(written((" a", 0.3, 0), (" b", 0.95, 0), (" c", 0.2, 0)))
    assert not is_unlikely([])


@pytest.mark.parametrize(
    ("probability", "length", "made_up"), [(0.0, 0.0, True), (0.0, 0.2, False), (0.3, 0.0, False)]
)
def test_a_word_that_was_neither_heard_nor_said(
    probability: float, length: float, *, made_up: bool
) -> None:
    assert is_made_up(written((" He", probability, length))[0]) is made_up


class Amused(FakeWhisper):
    """Takes each laugh for a set phrase: only the first word is unlikely, and none has time."""

    def continue_text(self, *arguments: Any) -> list[int]:
        return [] if arguments[2] else [0, 1, 2]

    def align(self, encoded: Any, tokens: Any, frames: int, task: DecodingTask) -> Alignment:
        odds = [0.005, 0.9, 0.4][: len(tokens)]
        return Alignment(np.zeros(len(tokens) + 1, np.int64), np.array(odds, np.float32))


def test_laughter_is_not_written() -> None:
    speaker = Speaker().rest(1).say("five", length=0.6).rest(3).say("six", length=0.6).rest(3)
    assert committed(speaker, Amused()) == ""


@pytest.mark.parametrize("pause", [0.2, 0.5, 1.0, 2.0, 3.0, 6.0])
def test_pauses_take_no_words(pause: float) -> None:
    said = ramble(12)
    speaker = Speaker().rest(0.5)
    for word in said:
        speaker.say(word).rest(pause)
    assert committed(speaker.rest(2), FakeWhisper()) == " ".join(said)


def test_hours_in_the_times_of_words_are_not_added_up() -> None:
    """A word far on lies where it was said, however odd the chunks were."""
    speaker = Speaker().rest(1800).say("one", "two").rest(2)
    starts = [word.start for word in words_of(recognise(speaker.chunks(7_919)))]
    assert np.allclose(starts, [word.start for word in speaker.said], atol=0.06)
