"""The lines of a meeting in the order of time."""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import TYPE_CHECKING

from app.session.spoken import spoken_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.session.line import Line
    from app.session.speakers import Speakers


class LineBook:
    """A line for each utterance, and the same cut where one of `voices` takes over.

    Lines without text stay, to remember their revision. Putting one in costs the same at the end
    of a long meeting as at its start.
    """

    def __init__(self, voices: Speakers) -> None:
        self._voices = voices
        self._lines: dict[int, Line] = {}
        self._spoken: dict[int, tuple[Line, ...]] = {}  # those that were asked for
        self._order: list[tuple[float, int]] = []  # (start, utterance), always sorted
        self._longest = 0.0  # seconds of the longest utterance

    def __iter__(self) -> Iterator[Line]:
        """The lines of whole utterances, in the order of time."""
        return (self._lines[utterance] for _, utterance in self._order)

    @property
    def last(self) -> int:
        """The highest number of an utterance; -1 if there is none."""
        return max(self._lines, default=-1)

    def get(self, utterance: int) -> Line | None:
        """The line of a whole utterance, if it is known."""
        return self._lines.get(utterance)

    def spoken(self, utterance: int) -> tuple[Line, ...]:
        """The utterance as a line for each speaker, cut once after each change."""
        line = self._lines.get(utterance)
        if line is None:
            return ()
        if utterance not in self._spoken:
            self._spoken[utterance] = tuple(spoken_lines(line, self._voices))
        return self._spoken[utterance]

    def between(self, start: float, end: float) -> Iterator[Line]:
        """Lines that may reach into a stretch (s), in the order of time."""
        first = bisect_left(self._order, (start - self._longest, -1))
        for place in range(first, len(self._order)):
            if self._order[place][0] > end:
                return
            yield self._lines[self._order[place][1]]

    def put(self, line: Line) -> None:
        """In place of what was known about its utterance."""
        before = self._lines.get(line.utterance)
        if before is line:
            return
        if before is None or before.start != line.start:
            if before is not None:
                del self._order[bisect_left(self._order, (before.start, line.utterance))]
            insort(self._order, (line.start, line.utterance))
        self._lines[line.utterance] = line
        self._spoken.pop(line.utterance, None)
        self._longest = max(self._longest, line.end - line.start)

    def cut_anew(self, utterances: Iterable[int]) -> None:
        """Other voices than before are known in these."""
        for utterance in utterances:
            self._spoken.pop(utterance, None)
