"""The log-mel spectrogram that Sortformer hears, frame by frame as audio arrives.

It is NeMo's `AudioToMelSpectrogramPreprocessor` as Sortformer configures it: pre-emphasis of 0.97,
a symmetric Hann window of 25 ms every 10 ms, 128 filters on Slaney's scale, natural logarithm, no
normalisation. A frame needs 200 samples on both sides of its middle; outside the sound is silence.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

MELS = 128
HOP = 160
"""Samples from one frame to the next (10 ms)."""
_FFT = 512
_WINDOW = 400
_HALF = _WINDOW // 2
_PREEMPHASIS = np.float32(0.97)
_GUARD = np.float32(2**-24)


@cache
def _filters() -> NDArray[np.float32]:
    """Triangles of equal area on Slaney's scale -> (257, MELS)."""
    bins = np.fft.rfftfreq(_FFT, 1 / SPEECH_RATE)
    octave = np.log(6.4) / 27.0
    highest = 15.0 + np.log(SPEECH_RATE / 2 / 1000.0) / octave
    mels = np.linspace(0.0, highest, MELS + 2)
    edges = np.where(mels < 15.0, mels * 200.0 / 3.0, 1000.0 * np.exp((mels - 15.0) * octave))
    rise = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    area = 2.0 / (edges[2:] - edges[:-2])
    weights: NDArray[np.float32] = (np.maximum(0.0, np.minimum(rise, fall)) * area).astype(
        np.float32
    )
    return weights


@cache
def _hann() -> NDArray[np.float32]:
    """The window in the middle of the FFT's frame -> (512,)."""
    return np.pad(np.hanning(_WINDOW), (_FFT - _WINDOW) // 2).astype(np.float32)


class MelStream:
    """The frames of one run of sound; what has been dropped takes no memory."""

    def __init__(self) -> None:
        self._sound = np.zeros(_FFT // 2, np.float32)  # with pre-emphasis, from frame `_done` on
        self._last = np.float32(0.0)  # the newest sample, for the pre-emphasis of the next one
        self._samples = 0
        self._frames = np.zeros((0, MELS), np.float32)
        self._first = 0  # number of the first frame that is still here

    @property
    def frames(self) -> int:
        """Frames since the start that can be read."""
        return self._first + len(self._frames)

    def append(self, samples: NDArray[np.float32]) -> None:
        """Mono sound at SPEECH_RATE that follows what came before."""
        if not len(samples):
            return
        before = np.concatenate([[self._last], samples[:-1]]).astype(np.float32)
        self._sound = np.concatenate([self._sound, samples - _PREEMPHASIS * before])
        self._last = np.float32(samples[-1])
        self._samples += len(samples)
        if self._samples >= _HALF:
            self._compute((self._samples - _HALF) // HOP + 1)

    def end(self) -> None:
        """No more sound will come: the last frames, which reach into silence, can be read too."""
        self._sound = np.pad(self._sound, (0, _FFT))
        self._compute(self._samples // HOP)

    def window(self, first: int, last: int) -> NDArray[np.float32]:
        """Frames `first` to `last` - 1, which are here and not dropped -> (last - first, MELS)."""
        return self._frames[first - self._first : last - self._first]

    def drop(self, before: int) -> None:
        """Forget the frames before number `before`."""
        self._frames = self._frames[max(0, before - self._first) :].copy()
        self._first = max(self._first, before)

    def _compute(self, until: int) -> None:
        """Add the frames up to number `until`, and forget the sound that no later frame needs."""
        new = until - self.frames
        if new <= 0:
            return
        needed = (new - 1) * HOP + _FFT
        sound = np.pad(self._sound, (0, max(0, needed - len(self._sound))))  # times the window's 0
        views = np.lib.stride_tricks.sliding_window_view(sound[:needed], _FFT)[::HOP]
        spectrum = np.fft.rfft(views * _hann(), axis=1)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        self._frames = np.concatenate([self._frames, np.log(power @ _filters() + _GUARD)])
        self._sound = self._sound[new * HOP :].copy()
