"""Notices sound that is recorded badly, a second at a time, and says so once in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.downmix import cancels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.core.audio import AudioBlock

logger = logging.getLogger(__name__)

JUDGED_S = 1.0
"""Seconds that are judged together: within less, a voice alone is off its middle."""
_FULL = 32_700
_CLIPPED_SHARE = 0.01  # of the samples
_OFFSET, _OFFSET_CLIPPED = 0.1, 0.3  # of full scale; what clips is cut off more on one side
_SHORTEST_S = 0.25  # that is judged at the end
_FAINT = (32_768 * 1e-3) ** 2  # power below which nothing is told from the channels

_CLIPPED = "{name} is too loud and clips from {at:.1f} s on: words may be misheard"
_SHIFTED = (
    "{name} has a constant offset from {at:.1f} s on: the device that recorded it, or its cable, "
    "was faulty"
)
_OPPOSED = (
    "The channels of {name} cancel each other out from {at:.1f} s on, so the louder one is used: a "
    "cable or a setting of the recording was wrong"
)
_NO_NUMBERS = (
    "{name} has samples that are no numbers from {at:.1f} s on: they are taken for silence"
)


@dataclass(frozen=True, slots=True)
class Second:
    """What about a second of sound, or a little more, from `start` (s) on.

    `clipped`: too many samples are at full scale. `shifted`: the mean of a channel is off zero.
    `opposed`: the channels cancel each other out; None if it is too quiet to be known.
    """

    start: float
    clipped: bool
    shifted: bool
    opposed: bool | None


class Seconds:
    """Gathers the blocks of one source."""

    def __init__(self) -> None:
        self._channels = 0
        self._begin(0.0, 0)

    def note(self, block: AudioBlock) -> Second | None:
        """A judgement about each second, when it is over."""
        if not block.frames:
            return None
        if not self._frames or self._channels != block.format.channels:
            self._begin(block.start, block.format.channels)
        self._rate = block.format.rate
        self._frames += block.frames
        samples = block.samples
        if int(samples.max()) >= _FULL or int(samples.min()) <= -_FULL:
            self._clipped += _count_clipped(samples)
        sound = samples.astype(np.float64)
        self._totals += sound.sum(axis=0)
        if self._channels > 1:
            mean = sound.mean(axis=1)
            self._powers[:-1] += np.einsum("fc,fc->c", sound, sound)
            self._powers[-1] += mean @ mean
        return self._judged() if self._frames >= JUDGED_S * self._rate else None

    def rest(self) -> Second | None:
        """A judgement about what is left at the end, unless that is too little."""
        return self._judged() if self._frames and self._is_enough() else None

    def _is_enough(self) -> bool:
        return self._frames >= _SHORTEST_S * self._rate

    def _begin(self, start: float, channels: int) -> None:
        self._start, self._channels = start, channels
        self._frames = self._clipped = 0
        self._totals = np.zeros(channels)
        self._powers = np.zeros(channels + 1)

    def _judged(self) -> Second:
        means = self._totals / self._frames
        offset = float(np.abs(means).max()) / 32_768
        clipped = self._clipped > _CLIPPED_SHARE * self._frames * self._channels
        shifted = offset > (_OFFSET_CLIPPED if clipped else _OFFSET)
        judged = Second(self._start, clipped, shifted, self._are_opposed(means))
        self._frames = 0
        return judged

    def _are_opposed(self, means: NDArray[np.float64]) -> bool | None:
        """An offset of the channels is none of the sound."""
        if self._channels == 1:
            return False
        powers = self._powers / self._frames - np.square([*means, means.mean()])
        return cancels(powers) if powers[:-1].max() > _FAINT else None


class SoundCheck:
    """Looks at the blocks of one file; every complaint is made once."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seconds = Seconds()
        self._said: set[str] = set()

    def note(self, block: AudioBlock) -> None:
        self._judge(self._seconds.note(block))

    def finish(self) -> None:
        """Nothing more comes."""
        self._judge(self._seconds.rest())

    def note_no_numbers(self, at: float) -> None:
        """The decoder gave NaN, infinity, or as good as that."""
        self._say(_NO_NUMBERS, at)

    def _judge(self, second: Second | None) -> None:
        if second is None:
            return
        if second.clipped:
            self._say(_CLIPPED, second.start)
        if second.shifted:
            self._say(_SHIFTED, second.start)
        if second.opposed:
            self._say(_OPPOSED, second.start)

    def _say(self, complaint: str, at: float) -> None:
        if complaint not in self._said:
            self._said.add(complaint)
            logger.warning("%s", complaint.format(name=self._name, at=at))


def _count_clipped(samples: NDArray[np.int16]) -> int:
    return int(np.count_nonzero(samples >= _FULL) + np.count_nonzero(samples <= -_FULL))
