"""The speakers of a meeting that goes on: who is known, who is new, and who turns out to be one."""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.speech.diarize.clustering import (
    LONG_ENOUGH,
    Group,
    SpeakerRange,
    group_of,
    join_sure,
    most_alike,
    worth_grouping,
)
from app.speech.diarize.pieces import covered
from app.speech.diarize.voices import VOICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from app.speech.diarize.pieces import Piece, Window

OPEN_S = 3.0
"""Seconds of clean speech before a voice becomes a speaker."""
MOST_SPEAKERS = 50
"""More are not told apart live."""
_EVERY = 2 * SPEECH_RATE  # samples between windows whose pieces are compared
_STRANGE = 0.5  # less alike than this to all speakers, a voice is told before it is sure
_STRANGE_S = 1.0  # seconds of it before that
_STRANGE_FOR_S = 20.0  # seconds for which it is, if no more is heard of it
_SURE_OWNER = 0.1  # by how much a piece must be more like its speaker than like others to shape it
_AT_ONCE_S = 10.0  # seconds that become part of their speakers together
_MEMORY_S = 300.0  # seconds of speech by which a speaker is remembered: a voice may change slowly
_SHARED_S = 0.2  # seconds that two pieces may have in common and count both


class Crowd:
    """Speakers, numbered as they were found. A number that was merged away is not used again."""

    def __init__(self, speakers: SpeakerRange) -> None:
        self._range = speakers
        self._settled: dict[int, Group] = {}  # speakers, as they were before the last windows
        self._heard_until: dict[int, float] = {}  # where what shaped them last ends
        self._voices: dict[int, Group] = {}  # the same, as they are now, and voices not yet sure
        self._windows: list[Window] = []
        self._next = 0  # number of the next speaker
        self._settled_until = float("-inf")

    def known(self) -> tuple[NDArray[np.float64], list[int]]:
        """Directions (n, 192) of all voices that may be told, and their numbers."""
        directions = [group.direction for group in self._voices.values()]
        return np.array(directions).reshape(len(directions), VOICE), list(self._voices)

    def meet(self, window: Window) -> None:
        """Take in a window that ends later than all before it."""
        kept = self._windows
        if kept and kept[-1].first_sample == window.first_sample:
            kept.pop()  # the same window, before it was full
        elif len(kept) > 1 and kept[-1].first_sample - kept[-2].first_sample < _EVERY:
            kept.pop()
        kept.append(window)
        self._regroup([piece for heard in kept for piece in heard.pieces])

    def settle(self, until: float) -> None:
        """What was told about the time before `until` (s) is final; it shapes its speakers."""
        if until < self._settled_until + _AT_ONCE_S:
            return
        old = [window for window in self._windows if _end(window) <= until]
        for number, group in self._voices.items():
            if number not in self._settled and any(p.start < until for p in group.pieces):
                self._open(number, group)
        if self._settled:
            self._learn([piece for window in old for piece in window.pieces])
        self._windows = self._windows[len(old) :]
        self._settled_until = until if np.isfinite(until) else float("-inf")

    def _learn(self, pieces: Iterable[Piece]) -> None:
        numbers = list(self._settled)
        known = np.array([group.direction for group in self._settled.values()])
        shaping: dict[int, list[Piece]] = {number: [] for number in numbers}
        for piece in _good(pieces):
            alike = known @ piece.direction
            best = int(alike.argmax())
            sure = alike[best] - max([*np.delete(alike, best), 0.0]) > _SURE_OWNER
            if sure and piece.start >= self._heard_until[numbers[best]] - _SHARED_S:
                shaping[numbers[best]].append(piece)
        for number, mine in shaping.items():
            if mine:
                self._shape(number, _disjoint(mine))

    def _shape(self, number: int, pieces: Sequence[Piece]) -> None:
        added = replace(group_of(pieces), pieces=())
        before = self._settled.get(number)
        self._settled[number] = _fading(before + added if before else added)
        self._heard_until[number] = max(piece.stop for piece in pieces)

    def _open(self, number: int, group: Group) -> None:
        self._shape(number, _disjoint(group.pieces))
        self._next = max(self._next, number + 1)

    def _regroup(self, pieces: Sequence[Piece]) -> None:
        """Find out who the recent voices are."""
        numbers = list(self._settled)
        chosen = _good(pieces) if numbers else worth_grouping(pieces, OPEN_S)
        singles = [group_of([piece]) for piece in chosen]
        groups = join_sure([*self._settled.values(), *singles], 1, kept=len(numbers))
        owners: list[int | None] = [*numbers, *[None] * (len(groups) - len(numbers))]
        self._join(groups, owners)
        self._voices = {
            who: group for who, group in zip(owners, groups, strict=True) if who is not None
        }
        strangers = [group for who, group in zip(owners, groups, strict=True) if who is None]
        self._admit(sorted(strangers, key=lambda group: group.pieces[0].start), pieces)

    def _join(self, groups: list[Group], owners: list[int | None]) -> None:
        """Join groups that are one voice; a speaker goes on under its lower number."""
        while len(groups) > 1:
            # no caution: a speaker that took in the like voice of another is not parted from it
            first, second, ratio = most_alike(groups, caution=0.0)
            one, other = owners[first], owners[second]
            if ratio < 1 or (other is not None and len(self._settled) <= self._range.least):
                break
            groups[first] = groups[first] + groups[second]
            if one is not None and other is not None:
                gone = self._settled.pop(other)
                self._settled[one] = _fading(self._settled[one] + gone)
                until = self._heard_until.pop(other)
                self._heard_until[one] = max(self._heard_until[one], until)
            del groups[second], owners[second]

    def _admit(self, strangers: Sequence[Group], pieces: Sequence[Piece]) -> None:
        """Open speakers for voices of which enough was heard; tell of others that differ much."""
        newest = max((piece.stop for piece in pieces), default=0.0)
        for group in strangers:
            room = len(self._settled) < (self._range.most or MOST_SPEAKERS)
            if room and covered(group.pieces) >= OPEN_S:
                self._voices[self._next] = group
                self._open(self._next, group)
        for number, group in zip(count(self._next), strangers, strict=False):
            if self._is_strange(group, newest) and group not in self._voices.values():
                self._voices[number] = group
        if not self._voices and pieces:
            self._voices[self._next] = group_of(list(pieces))

    def _is_strange(self, group: Group, now: float) -> bool:
        if len(self._voices) >= (self._range.most or MOST_SPEAKERS):
            return False
        last = max(piece.stop for piece in group.pieces)
        if covered(group.pieces) < _STRANGE_S or last < now - _STRANGE_FOR_S:
            return False
        known, _ = self.known()
        return not len(known) or float((known @ group.direction).max()) < _STRANGE


def _good(pieces: Iterable[Piece]) -> list[Piece]:
    return [piece for piece in pieces if piece.clean and piece.seconds >= LONG_ENOUGH]


def _disjoint(pieces: Iterable[Piece]) -> list[Piece]:
    """The longest pieces that share hardly any sound; windows overlap, so the others are copies."""
    found: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: -piece.seconds):
        if all(_shared(piece, other) <= _SHARED_S for other in found):
            found.append(piece)
    return found


def _shared(one: Piece, other: Piece) -> float:
    return min(one.stop, other.stop) - max(one.start, other.start)


def _fading(group: Group) -> Group:
    """The same voice, weighing no more than what is remembered."""
    share = min(1.0, _MEMORY_S / group.weight)
    return Group(
        group.total * share,
        group.weight * share,
        group.within * share**2,
        group.pairs * share**2,
        group.seconds,
        group.pieces,
    )


def _end(window: Window) -> float:
    return (window.first_sample + window.length) / SPEECH_RATE
