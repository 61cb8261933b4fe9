"""Sound that no word of a window covers: where it is found, and what is laid there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import Word
from app.speech.transcribe.unheard import HoleFiller, find_holes
from tests.fakes.speech import Speaker, ramble

SAID = tuple(ramble(20))
START = 100.0
"""Seconds; where the window begins."""


def spoken(speaker: Speaker) -> tuple[AudioChunk, list[Word]]:
    """A window, and all its words."""
    window = AudioChunk(round(START * SPEECH_RATE), speaker.samples)
    said = [Word(f" {w.text}", START + w.start, START + w.end, 0.9) for w in speaker.said]
    return window, said


def fluent(count: int = 20) -> tuple[AudioChunk, list[Word]]:
    """Words of 0.3 s with 0.1 s between them, from 0.5 s on."""
    return spoken(Speaker().rest(0.5).say(*SAID[:count]).rest(0.5))


def texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


class Ear:
    """Hears the words of a window that lie in a part of it."""

    def __init__(self, said: Sequence[Word]) -> None:
        self._said = said
        self.parts: list[AudioChunk] = []
        self.before: list[list[str]] = []

    def __call__(self, part: AudioChunk, before: Sequence[Word]) -> list[Word]:
        self.parts.append(part)
        self.before.append(texts(before))
        return [w for w in self._said if part.start <= w.start and w.end <= part.end + 0.05]


def deaf(part: AudioChunk, before: Sequence[Word]) -> list[Word]:
    return []


def test_where_every_word_is_known_nothing_is_unheard() -> None:
    window, said = fluent()
    assert find_holes(window, said) == []


@pytest.mark.parametrize(
    ("first", "after"), [(0, 8), (6, 14), (12, 20)], ids=["beginning", "middle", "end"]
)
def test_what_is_passed_over_is_laid_between_the_other_words(first: int, after: int) -> None:
    window, said = fluent()
    ear = Ear(said)
    assert HoleFiller(ear).fill(window, [*said[:first], *said[after:]]) == said
    (part,) = ear.parts
    assert part.start == pytest.approx(said[first].start, abs=0.3)
    assert part.end == pytest.approx(said[after - 1].end, abs=0.3)
    assert ear.before == [texts(said[:first])]


def test_a_part_is_cut_in_the_rests_around_it() -> None:
    window, said = fluent()
    ear = Ear(said)
    HoleFiller(ear).fill(window, [*said[:6], *said[14:]])
    (part,) = ear.parts
    assert said[5].end - 0.02 <= part.start <= said[6].start + 0.02
    assert said[13].end - 0.02 <= part.end <= said[14].start + 0.02


def test_two_words_are_too_little_to_look_for() -> None:
    window, said = fluent()
    assert find_holes(window, [*said[:6], *said[8:]]) == []


def test_silence_is_no_hole() -> None:
    window, said = spoken(Speaker().say(*SAID[:4]).rest(6).say(*SAID[4:8]))
    assert find_holes(window, said) == []


def test_a_word_that_is_stretched_over_a_hole_does_not_hide_it() -> None:
    """Aligned by attention, a word lasts until the next one begins."""
    window, said = fluent()
    stretched = Word(said[5].text, said[5].start, said[14].start, 0.9)
    assert HoleFiller(Ear(said)).fill(window, [*said[:5], stretched, *said[14:]]) == [
        *said[:5],
        stretched,
        *said[7:],
    ]


@pytest.mark.parametrize("probability", [0.01, 0.4])
def test_a_doubtful_word_in_a_hole_gives_way_to_what_is_heard_there(probability: float) -> None:
    window, said = fluent()
    lone = Word(" A", said[6].start, said[6].start + 0.3, probability)
    ear = Ear(said)
    assert HoleFiller(ear).fill(window, [lone, *said[14:]]) == said
    assert len(ear.parts) == 1


def test_where_nothing_is_heard_a_doubtful_word_stays() -> None:
    window, said = fluent()
    lone = Word(" A", said[6].start, said[6].start + 0.3, 0.01)
    assert HoleFiller(deaf).fill(window, [lone, *said[14:]]) == [lone, *said[14:]]


def test_a_sure_word_in_a_hole_stays_between_what_is_heard_around_it() -> None:
    window, said = fluent()
    ear = Ear(said)
    assert HoleFiller(ear).fill(window, [said[7], *said[15:]]) == said
    assert len(ear.parts) == 2


def test_what_lies_behind_a_pause_is_another_part() -> None:
    """Together with the sentence behind it, it would be passed over again."""
    window, said = spoken(Speaker().say(*SAID[:6]).rest(3).say(*SAID[6:12]).say(*SAID[12:]))
    ear = Ear(said)
    assert HoleFiller(ear).fill(window, said[12:]) == said
    assert [len([w for w in said if p.start <= w.start < p.end]) for p in ear.parts] == [6, 6]


def test_what_is_passed_over_once_more_is_looked_for_once_more() -> None:
    window, said = fluent()
    parts: list[AudioChunk] = []

    def hasty(part: AudioChunk, before: Sequence[Word]) -> list[Word]:
        parts.append(part)
        return [word for word in said if part.start <= word.start < part.end - 0.2][-5:]

    assert HoleFiller(hasty).fill(window, said[15:]) == said
    assert len(parts) == 3


def test_noise_is_heard_once_and_stays_silent() -> None:
    speaker = Speaker().say(*SAID[:4]).hum(8).say(*SAID[4:8])
    window, said = spoken(speaker)
    window = AudioChunk(window.first_sample, window.samples + _hiss(len(window.samples)))
    parts: list[AudioChunk] = []

    def silent(part: AudioChunk, before: Sequence[Word]) -> list[Word]:
        parts.append(part)
        return []

    assert find_holes(window, said)
    assert HoleFiller(silent).fill(window, said) == said
    assert len(parts) == 1


def _hiss(samples: int) -> np.typing.NDArray[np.float32]:
    return (np.random.default_rng(3).standard_normal(samples) * 1e-4).astype(np.float32)


def test_a_window_of_which_nothing_is_known_is_not_heard_again() -> None:
    window, said = spoken(Speaker().say(*SAID))
    ear = Ear(said)
    assert HoleFiller(ear).fill(window, []) == []
    assert ear.parts == []


def test_a_model_that_finds_a_word_wherever_it_listens_comes_to_an_end() -> None:
    window, said = spoken(Speaker().say(*ramble(70)))
    parts: list[AudioChunk] = []

    def babble(part: AudioChunk, before: Sequence[Word]) -> list[Word]:
        parts.append(part)
        middle = (part.start + part.end) / 2
        return [Word(" uh", middle, middle + 0.1, 0.9)]

    HoleFiller(babble).fill(window, said[-1:])
    assert 1 < len(parts) < 10


def test_parts_take_no_memory_of_their_own() -> None:
    window, said = fluent()
    ear = Ear(said)
    HoleFiller(ear).fill(window, [*said[:3], *said[16:]])
    assert all(np.shares_memory(part.samples, window.samples) for part in ear.parts)
    assert ear.parts


def test_a_translation_may_leave_out_more() -> None:
    window, said = fluent()
    assert find_holes(window, [*said[:6], *said[14:]], least=1.2)
    assert find_holes(window, [*said[:6], *said[14:]], least=4.0) == []
