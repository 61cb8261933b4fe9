"""Whisper's log-mel spectrogram, computed frame by frame as audio arrives.

Source: Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (Whisper):
25 ms Hann windows every 10 ms, Slaney's mel scale, log10, dynamic range of 8 below the loudest.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOP = 160
"""Samples from one mel frame to the next (10 ms)."""
FRAMES_PER_SECOND = SPEECH_RATE // HOP
_WINDOW = 400
_HALF = _WINDOW // 2
_SILENCE = -10.0  # log10 of the smallest power that counts


@cache
def _filters(n_mels: int) -> NDArray[np.float32]:
    """Triangular filters of equal area on Slaney's mel scale -> (n_mels, 201)."""
    bins = np.fft.rfftfreq(_WINDOW, 1 / SPEECH_RATE)
    mels = np.linspace(0.0, 15.0 + 27.0 * np.log(8.0) / np.log(6.4), n_mels + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * 6.4 ** ((mels - 15.0) / 27.0))
    rise = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    fall = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2.0 / (edges[2:] - edges[:-2])
    weights: NDArray[np.float32] = (np.maximum(0.0, np.minimum(rise, fall)) * area[:, None]).astype(
        np.float32
    )
    return weights


@cache
def _hann() -> NDArray[np.float32]:
    return np.hanning(_WINDOW + 1)[:-1].astype(np.float32)


class MelBuffer:
    """A growing run of audio and its mel frames; each finished frame is computed once."""

    def __init__(self, n_mels: int, samples: NDArray[np.float32] | None = None) -> None:
        self._n_mels = n_mels
        self.samples: NDArray[np.float32] = np.zeros(0, np.float32)
        self._done: NDArray[np.float32] = np.zeros((n_mels, 0), np.float32)
        if samples is not None:
            self.append(samples)

    def append(self, samples: NDArray[np.float32]) -> None:
        self.samples = np.concatenate([self.samples, samples])

    def drop(self, frames: int) -> None:
        """Forget the first `frames` frames and their audio; the others keep their values."""
        self.samples = self.samples[frames * HOP :]
        self._done = self._done[:, frames:]

    def cut(self, frames: int) -> None:
        """Keep the first `frames` frames and their audio; they keep their values."""
        self._finish_frames()
        self.samples = self.samples[: frames * HOP]
        self._done = self._done[:, :frames]

    @property
    def frames(self) -> int:
        """Mel frames of 10 ms that hold audio."""
        return len(self.samples) // HOP

    def window(self, total: int, first: int = 0) -> NDArray[np.float32]:
        """`total` frames from `first`, then silence, scaled for Whisper -> (1, n_mels, total)."""
        self._finish_frames()
        mel = np.full((self._n_mels, total), _SILENCE, np.float32)
        known = min(self._done.shape[1], first + total)
        mel[:, : known - first] = self._done[:, first:known]
        edge = min(self.frames + 3, first + total)  # frames that reach beyond the newest sample
        if edge > known:
            mel[:, known - first : edge - first] = self._compute(known, edge)
        np.maximum(mel, mel.max() - 8.0, out=mel)
        mel += 4.0
        mel /= 4.0
        return mel[None]

    def _finish_frames(self) -> None:
        finished = max(0, (len(self.samples) - _HALF) // HOP + 1)
        have = self._done.shape[1]
        if finished > have:
            self._done = np.concatenate([self._done, self._compute(have, finished)], axis=1)

    def _compute(self, first: int, last: int) -> NDArray[np.float32]:
        """Frames `first` to `last` - 1, with silence before and after the audio -> (n_mels, n)."""
        begin, end = first * HOP - _HALF, (last - 1) * HOP + _HALF
        audio = self.samples[max(0, begin) : end]
        padded = np.pad(audio, (max(0, -begin), max(0, end - max(0, begin) - len(audio))))
        strides = (padded.strides[0] * HOP, padded.strides[0])
        views = np.lib.stride_tricks.as_strided(padded, (last - first, _WINDOW), strides)
        power = np.abs(np.fft.rfft(views * _hann(), axis=1)).astype(np.float32) ** 2
        log: NDArray[np.float32] = np.log10(np.maximum(_filters(self._n_mels) @ power.T, 1e-10))
        return log
