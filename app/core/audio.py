"""The two shapes in which sound travels: as the device gives it, and as models take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPEECH_RATE = 16_000
"""Samples a second of everything that a model hears."""


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a source delivers: `rate` in frames a second, `channels` in samples a frame."""

    rate: int
    channels: int


@dataclass(frozen=True, slots=True, eq=False)
class AudioBlock:
    """A run of sound as the source delivered it; this is what is recorded.

    `samples` is int16 of shape (frames, channels). `first_frame` counts from the start of the
    source and is never re-counted: a jump between two blocks is audio that was lost.
    """

    first_frame: int
    samples: NDArray[np.int16]
    format: AudioFormat

    @property
    def frames(self) -> int:
        return len(self.samples)

    @property
    def end_frame(self) -> int:
        return self.first_frame + len(self.samples)

    @property
    def start(self) -> float:
        """Seconds since the start of the source."""
        return self.first_frame / self.format.rate

    @property
    def end(self) -> float:
        return self.end_frame / self.format.rate


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """A run of mono float32 samples at `SPEECH_RATE`, in [-1, 1]; this is what models hear."""

    first_sample: int
    samples: NDArray[np.float32]

    @property
    def end_sample(self) -> int:
        return self.first_sample + len(self.samples)

    @property
    def start(self) -> float:
        """Seconds since the start of the source."""
        return self.first_sample / SPEECH_RATE

    @property
    def end(self) -> float:
        return self.end_sample / SPEECH_RATE
