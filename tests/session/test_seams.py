"""Words that are found late meet those that stand without a word too many or too few."""

from __future__ import annotations

import pytest

from app.core.events import FinalCaption, Word
from app.session.seams import fitted, words_around
from app.session.transcript import Transcript

SAID = ["from", "showing", "his", "guests", "downstairs", "I", "could", "not", "tell"]


def words(*said: str, begin: float = 0.0) -> list[Word]:
    """A word each half second, 0.4 s long."""
    return [
        Word(f" {text}", begin + 0.5 * i, begin + 0.5 * i + 0.4, 0.9) for i, text in enumerate(said)
    ]


def caption(number: int, heard: list[Word]) -> FinalCaption:
    text = "".join(word.text for word in heard).strip()
    return FinalCaption(number, 0, heard[0].start, heard[-1].end, text, "en", tuple(heard))


FOUND = words(*SAID)


def kept(start: float, end: float, *standing: Word) -> str:
    captions = [caption(0, FOUND[:4]), caption(1, FOUND[4:])]
    return " ".join(each.text for each in fitted(captions, start, end, standing))


def test_a_word_belongs_where_its_middle_is() -> None:
    assert kept(1.15, 3.15) == "his guests downstairs I"
    assert kept(1.25, 3.25) == "guests downstairs I could"


def test_what_is_left_of_a_caption_has_its_own_times() -> None:
    (first, second) = fitted([caption(0, FOUND[:4]), caption(1, FOUND[4:])], 1.5, 3.0, ())
    assert (first.text, first.start, first.end) == ("guests", 1.5, 1.9)
    assert (second.text, second.start, second.end) == ("downstairs I", 2.0, 2.9)


@pytest.mark.parametrize("shift", [-0.3, 0.0, 0.3])
def test_the_word_that_stands_is_not_written_twice_and_the_next_not_lost(shift: float) -> None:
    """Times of the same word differ between two passes."""
    before, after = words("his", begin=1.0 + shift), words("not", begin=3.5 + shift)
    assert kept(before[0].end, after[0].start, *before, *after) == "guests downstairs I could"


def test_a_repeated_word_elsewhere_moves_nothing() -> None:
    assert kept(1.5, 3.4, *words("from", begin=0.9), *words("tell", begin=3.45)) == (
        "guests downstairs I could"
    )


def test_nothing_between_is_nothing() -> None:
    assert kept(1.42, 1.48) == ""


def test_the_words_around_are_those_that_stand_in_order() -> None:
    transcript = Transcript()
    transcript.apply(caption(1, words("later", begin=8.0)))
    transcript.apply(caption(0, words("soon", "now", begin=2.0)))
    assert [word.text for word in words_around(transcript, 2.3, 9.0)] == [" now", " later"]
