"""A source of audio that delivers when the test says so, on the test's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.core.audio import AudioBlock, AudioFormat


def _nobody(_block: AudioBlock) -> None: ...


def _nothing() -> None: ...


@dataclass
class FakeSource:
    """`refuse_open` and `refuse_start` are raised there; `diary` tells what was called."""

    rate: int = 16_000
    name: str = "mic"
    refuse_open: Exception | None = None
    refuse_start: Exception | None = None
    failure: Exception | None = None
    diary: list[str] = field(default_factory=list)
    place: int = 0
    deliver: Callable[[AudioBlock], object] = _nobody
    ended: Callable[[], object] = _nothing

    @property
    def format(self) -> AudioFormat:
        return AudioFormat(self.rate, 1)

    def open(self) -> AudioFormat:
        self.diary.append("open")
        if self.refuse_open:
            raise self.refuse_open
        return self.format

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self.diary.append("start")
        if self.refuse_start:
            raise self.refuse_start
        self.deliver, self.ended = deliver, ended

    def stop(self) -> None:
        self.diary.append("stop")
        self.deliver, self.ended = _nobody, _nothing

    def close(self) -> None:
        self.diary.append("close")

    def play(self, samples: NDArray[np.float32], size: int = 640) -> None:
        """Deliver mono samples as 16-bit blocks."""
        pcm = (samples * 32767).astype(np.int16)[:, None]
        for at in range(0, len(pcm), size):
            part = pcm[at : at + size]
            self.deliver(AudioBlock(self.place, part, self.format))
            self.place += len(part)

    def skip(self, seconds: float) -> None:
        """Lose sound: the clock goes on and nothing comes."""
        self.place += round(seconds * self.rate)

    def end(self, failure: Exception | None = None) -> None:
        """End by itself, as files do, or devices that go away."""
        self.failure = failure
        self.ended()
