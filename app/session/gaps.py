"""Where recognition did not keep up: what is missing, what came later, when captions came late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import (
    AudioGap,
    LoadChanged,
    LoadLevel,
    RecognitionCaughtUp,
    RecognitionSkipped,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    Gap = AudioGap | RecognitionSkipped


class Gaps:
    """The stretches of a meeting that have no lines, as a fold over its events."""

    def __init__(self) -> None:
        self._missing: list[Gap] = []
        self._caught_up: list[RecognitionCaughtUp] = []
        self._falls: list[float] = []
        self._behind = False

    @property
    def missing(self) -> list[Gap]:
        """Where lines may be missing, in the order in which it was noticed."""
        return list(self._missing)

    @property
    def caught_up(self) -> list[RecognitionCaughtUp]:
        """What was missing and came later, in the order in which that was done."""
        return list(self._caught_up)

    @property
    def falls(self) -> list[float]:
        """When live recognition fell so far behind that captions came late (s)."""
        return list(self._falls)

    def apply(self, event: Gap | RecognitionCaughtUp | LoadChanged) -> None:
        """Take `event` in."""
        match event:
            case RecognitionCaughtUp():
                self._catch_up(event)
            case LoadChanged():
                behind = event.level in (LoadLevel.NO_PREVIEW, LoadLevel.PAUSED)
                if behind and not self._behind:
                    self._falls.append(event.at)
                self._behind = behind
            case _:
                self._missing.append(event)

    def _catch_up(self, event: RecognitionCaughtUp) -> None:
        start, end = event.start, event.end
        left = [rest for gap in self._missing for rest in _without(gap, start, end)]
        if left == self._missing:
            return
        self._missing = left
        if self._caught_up and self._caught_up[-1].end == start:
            start = self._caught_up.pop().start
        self._caught_up.append(RecognitionCaughtUp(start, end))


def _without(gap: Gap, start: float, end: float) -> Iterator[Gap]:
    """What is left of `gap` once the audio from `start` to `end` has been recognised."""
    if isinstance(gap, AudioGap) or end <= gap.start or gap.end <= start:
        yield gap
        return
    if gap.start < start:
        yield RecognitionSkipped(gap.start, start)
    if end < gap.end:
        yield RecognitionSkipped(end, gap.end)
