"""Diarizers that know beforehand who speaks when."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.core.audio import AudioChunk
from app.core.events import SpeakerTurn, TurnsFound


def _nothing() -> None: ...


def turns_between(
    turns: Sequence[SpeakerTurn], start: float, end: float
) -> tuple[SpeakerTurn, ...]:
    return tuple(
        SpeakerTurn(t.start, min(t.end, end), t.speaker)
        for t in turns
        if t.start < end and start < t.end
    )


@dataclass
class FakeDiarizer:
    """Tells each second once it has heard it, and all of the last second at the end."""

    turns: Sequence[SpeakerTurn] = (SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(2.0, 99.0, 1))
    on_open: Callable[[], object] = _nothing
    on_feed: Callable[[], object] = _nothing
    name: str = "diarize"
    latency: float = 1.0
    heard: list[float] = field(default_factory=list)
    told: float = 0.0
    closed: bool = False

    def open(self) -> None:
        self.on_open()

    def feed(self, items: Sequence[AudioChunk], /) -> Iterator[TurnsFound]:
        for chunk in items:
            self.on_feed()
            self.heard.append(chunk.start)
            self._end = chunk.end
            while chunk.end >= self.told + 1.0:
                yield self._tell(self.told + 1.0)

    def flush(self) -> Iterator[TurnsFound]:
        if self.heard and self._end > self.told:
            yield self._tell(self._end)

    def close(self) -> None:
        self.closed = True

    def _tell(self, end: float) -> TurnsFound:
        start, self.told = self.told, end
        return TurnsFound(start, end, turns_between(self.turns, start, end), final=True)


@dataclass
class FakeWholeDiarizer:
    """Says what it is told to, after some progress; `on_progress` may cancel."""

    turns: Sequence[SpeakerTurn]
    on_progress: Callable[[], object] = _nothing
    heard: float = 0.0

    def diarize(
        self,
        samples: np.ndarray[Any, np.dtype[np.float32]],
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> tuple[SpeakerTurn, ...]:
        self.heard = len(samples) / 16_000
        progress(0.5)
        self.on_progress()
        return () if cancelled() else tuple(self.turns)
