"""Who spoke when, as it was found so far: turns that are told anew, in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import SpeakerTurn

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.core.events import TurnsFound

_BUCKET = 20.0
"""Seconds. Turns are kept in pieces, so that what an event costs depends on its length only."""

_TOUCHING = 0.02  # seconds between two pieces of one turn


class TurnBook:
    """All turns of a meeting, cut into buckets of time."""

    def __init__(self) -> None:
        self.reached = 0.0
        """Up to where anything was told (s)."""
        self._buckets: dict[int, list[SpeakerTurn]] = {}
        self._settled = 0.0

    @property
    def turns(self) -> tuple[SpeakerTurn, ...]:
        """All turns in the order of their starts."""
        return tuple(joined(turn for bucket in self._buckets.values() for turn in bucket))

    def between(self, start: float, end: float) -> list[SpeakerTurn]:
        """The turns of a stretch (s), in the order of their starts; ends may be cut."""
        return joined(
            turn
            for number in _buckets(start, end)
            for turn in self._buckets.get(number, ())
            if turn.start < end and start < turn.end
        )

    def apply(self, event: TurnsFound) -> tuple[float, float]:
        """Take in what was found; returns from where to where anything may have changed (s).

        What is final is replaced by something final only.
        """
        self.reached = max(self.reached, event.end)
        start = event.start if event.final else max(event.start, self._settled)
        if event.final:
            self._settled = max(self._settled, event.end)
        if start >= event.end:
            return start, start
        new = [cut(turn, start, turn.end) for turn in event.turns if turn.end > start]
        end = max(event.end, *(turn.end for turn in new)) if new else event.end
        for number in _buckets(start, end):
            self._rewrite(number, (start, event.end), new)
        return start, end

    def _rewrite(self, number: int, told: tuple[float, float], new: Iterable[SpeakerTurn]) -> None:
        """Replace a stretch of one bucket."""
        low, high = number * _BUCKET, (number + 1) * _BUCKET
        old = self._buckets.get(number, [])
        before = [cut(turn, low, min(high, told[0])) for turn in old]
        after = [cut(turn, max(low, told[1]), high) for turn in old]
        pieces = [*before, *after, *(cut(turn, low, high) for turn in new)]
        self._buckets[number] = joined(piece for piece in pieces if piece.start < piece.end)


def _buckets(start: float, end: float) -> range:
    return range(int(start // _BUCKET), int(end // _BUCKET) + 1)


def cut(turn: SpeakerTurn, start: float, end: float) -> SpeakerTurn:
    """What of `turn` is between two times; it may end before it starts if nothing is."""
    return SpeakerTurn(max(turn.start, start), min(turn.end, end), turn.speaker)


def outside(turns: Iterable[SpeakerTurn], taken: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
    """What of `turns` lies in none of `taken`, whoever speaks there."""
    left = list(turns)
    for other in taken:
        sides = ((float("-inf"), other.start), (other.end, float("inf")))
        pieces = (cut(turn, *side) for turn in left for side in sides)
        left = [piece for piece in pieces if piece.start < piece.end]
    return left


def joined(turns: Iterable[SpeakerTurn]) -> list[SpeakerTurn]:
    """`turns` in the order of their starts, those of one speaker that touch made one."""
    found: list[SpeakerTurn] = []
    last: dict[int, int] = {}  # speaker -> the place of the last turn
    for turn in sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker)):
        place = last.get(turn.speaker)
        if place is not None and turn.start <= found[place].end + _TOUCHING:
            before = found[place]
            end = max(before.end, turn.end)
            found[place] = SpeakerTurn(before.start, end, turn.speaker)
        else:
            last[turn.speaker] = len(found)
            found.append(turn)
    return found
