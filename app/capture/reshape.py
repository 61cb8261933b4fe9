"""From the format of one device to that of another, so that a track keeps one format."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from app.core.downmix import Downmix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.core.audio import AudioBlock, AudioFormat


class Reshaper:
    """Takes the blocks of one device in their order; without a difference they are untouched."""

    def __init__(self, given: AudioFormat, wanted: AudioFormat) -> None:
        self._given = given
        self._wanted = wanted
        self._downmix = Downmix()
        self._next: int | None = None
        self.held = 0
        """Frames that have come in and not yet gone out, at the rate that is wanted."""
        self._taken = self._given_out = 0
        self._resample: soxr.ResampleStream | None = None
        if given.rate != wanted.rate:
            self._resample = soxr.ResampleStream(
                given.rate, wanted.rate, wanted.channels, dtype="int16", quality="HQ"
            )

    def take(self, block: AudioBlock) -> tuple[NDArray[np.int16], int]:
        """What comes out now, of shape (frames, channels), and how many frames before are lost."""
        lost = 0 if self._next is None else max(0, block.first_frame - self._next)
        self._next = block.end_frame
        samples = self._with_channels(block.samples)
        if self._resample is None:
            return samples, lost
        out: NDArray[np.int16] = self._resample.resample_chunk(samples)
        out = out.reshape(-1, self._wanted.channels)
        self._taken += len(samples)
        self._given_out += len(out)
        self.held = max(0, self._scaled(self._taken) - self._given_out)
        return out, self._scaled(lost)

    def _scaled(self, frames: int) -> int:
        return round(frames * self._wanted.rate / self._given.rate)

    def _with_channels(self, samples: NDArray[np.int16]) -> NDArray[np.int16]:
        count, wanted = samples.shape[1], self._wanted.channels
        if count == wanted:
            return samples
        if wanted == 1:
            mono = np.rint(self._downmix.mono(samples, self._given.rate))
            return mono.astype(np.int16)[:, None]
        if count == 1:
            return np.repeat(samples, wanted, axis=1)
        spread = np.zeros((len(samples), wanted), np.int16)
        shared = min(count, wanted)
        spread[:, :shared] = samples[:, :shared]
        return spread
