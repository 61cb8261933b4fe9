"""Speakers that were found anew, matched with those that people already know by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.assignment import best_assignment
from app.core.events import SpeakerTurn, TurnsFound
from app.session.turns import TurnBook

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from app.session.speakers import Speakers

_ENOUGH = 0.25  # share of either speaker's time that both must have in common
_MOSTLY = 0.5  # share of a voice's time that makes it a part of a merged speaker


def matched(found: Sequence[SpeakerTurn], known: Speakers) -> dict[int, int]:
    """Number of each speaker of `found` -> its number in the meeting.

    Speakers about whom a person said something keep their numbers, by what they have in common
    with `found`; what was merged stays merged. All others get the lowest free numbers, in the
    order in which they are heard first.
    """
    new = list(dict.fromkeys(turn.speaker for turn in sorted(found, key=lambda t: t.start)))
    kept = sorted(known.touched)
    common = _common(found, known.turns, new, kept)
    mine = np.array([_length(found, who) for who in new])
    numbers: dict[int, int] = {}
    theirs = np.array([_length(known.turns, who) for who in kept])
    for row, column in best_assignment(common):
        if common[row, column] > _ENOUGH * min(mine[row], theirs[column]):
            numbers[new[row]] = kept[column]
    for row, who in enumerate(new):
        for column, old in enumerate(kept):
            if old in known.gathered and common[row, column] > _MOSTLY * mine[row]:
                numbers.setdefault(who, old)
    taken = {*numbers.values(), *kept, *known.merged}
    free = iter(n for n in range(len(new) + len(taken)) if n not in taken)
    return {who: numbers[who] if who in numbers else next(free) for who in new}


def found_anew(found: Sequence[SpeakerTurn], known: Speakers, length: float) -> TurnsFound:
    """What replaces all turns of a meeting of `length` seconds."""
    numbers = matched(found, known)
    turns = tuple(SpeakerTurn(t.start, t.end, numbers[t.speaker]) for t in found)
    end = max([length, *(turn.end for turn in (*turns, *known.turns))])
    return TurnsFound(0.0, end, turns, final=True)


def _common(
    found: Sequence[SpeakerTurn],
    known: Sequence[SpeakerTurn],
    rows: Sequence[int],
    columns: Sequence[int],
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Seconds in which both speak, for each pair."""
    book = _book(known, columns)
    seconds = np.zeros((len(rows), len(columns)))
    for turn in found:
        for other in book.between(turn.start, turn.end):
            shared = min(turn.end, other.end) - max(turn.start, other.start)
            seconds[rows.index(turn.speaker), columns.index(other.speaker)] += max(shared, 0.0)
    return seconds


def _book(turns: Sequence[SpeakerTurn], speakers: Collection[int]) -> TurnBook:
    book = TurnBook()
    wanted = tuple(turn for turn in turns if turn.speaker in speakers)
    end = max((turn.end for turn in wanted), default=0.0)
    book.apply(TurnsFound(0.0, end, wanted, final=True))
    return book


def _length(turns: Sequence[SpeakerTurn], speaker: int) -> float:
    return sum(turn.end - turn.start for turn in turns if turn.speaker == speaker)
