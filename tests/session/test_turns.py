"""Turns that are told anew, in pieces."""

from __future__ import annotations

import random

from app.core.events import SpeakerTurn, TurnsFound
from app.session.turns import TurnBook


def found(start: float, end: float, *turns: tuple[float, float, int], final: bool) -> TurnsFound:
    return TurnsFound(start, end, tuple(SpeakerTurn(*turn) for turn in turns), final)


def test_a_stretch_that_is_told_anew_replaces_what_was_found_in_it() -> None:
    book = TurnBook()
    book.apply(found(0, 10, (1, 4, 0), (5, 9, 1), final=False))
    book.apply(found(4.5, 10, (5, 9, 2), final=False))
    assert book.turns == (SpeakerTurn(1, 4, 0), SpeakerTurn(5, 9, 2))


def test_a_turn_that_goes_on_is_one_turn() -> None:
    book = TurnBook()
    book.apply(found(0, 10, (6, 10, 0), final=True))
    book.apply(found(10, 20, (6, 14, 0), (12, 16, 1), final=True))
    assert book.turns == (SpeakerTurn(6, 14, 0), SpeakerTurn(12, 16, 1))


def test_what_is_final_is_replaced_by_what_is_final_only() -> None:
    book = TurnBook()
    book.apply(found(0, 10, (1, 9, 0), final=True))
    book.apply(found(0, 15, (1, 14, 1), final=False))
    assert list(book.turns) == [SpeakerTurn(1, 9, 0), SpeakerTurn(10, 14, 1)]
    book.apply(found(0, 15, (2, 12, 3), final=True))
    assert list(book.turns) == [SpeakerTurn(2, 12, 3)]


def test_turns_may_overlap_and_be_asked_for_by_stretch() -> None:
    book = TurnBook()
    book.apply(found(0, 100, (0, 90, 0), (30, 35, 1), (95, 99, 2), final=True))
    assert [turn.speaker for turn in book.between(31, 32)] == [0, 1]
    assert [turn.speaker for turn in book.between(36, 37)] == [0]
    assert book.turns[0] == SpeakerTurn(0, 90, 0)


def test_any_order_of_pieces_gives_the_last_word_on_each_moment() -> None:
    """Against a picture of the meeting in tenths of a second."""
    dice = random.Random(7)
    book, picture = TurnBook(), [-1] * 1000
    for _ in range(200):
        start = dice.randrange(0, 900)
        end = start + dice.randrange(1, 99)
        first, last = sorted(dice.sample(range(start, end + 1), 2))
        who = dice.randrange(3)
        book.apply(found(start / 10, end / 10, (first / 10, last / 10, who), final=False))
        picture[start:end] = [-1] * (end - start)
        picture[first:last] = [who] * (last - first)
    for tenth, who in enumerate(picture):
        moment = tenth / 10 + 0.05
        heard = [t.speaker for t in book.turns if t.start < moment < t.end]
        assert heard == ([] if who < 0 else [who]), moment


def test_an_event_costs_the_same_after_hours() -> None:
    book = TurnBook()
    for second in range(8 * 3600):
        book.apply(found(second, second + 1, (0, second + 1, 0), final=True))
    low, high = book.apply(found(28_800, 28_801, (0, 28_801, 0), final=True))
    assert (low, high) == (28_800, 28_801)
    assert book.turns == (SpeakerTurn(0, 28_801, 0),)
    assert max(len(bucket) for bucket in book._buckets.values()) == 1
