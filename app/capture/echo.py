"""Learns how the loudspeaker sounds in the microphone, and takes that away.

A filter in blocks in the frequency domain, whose step for every frequency follows from how sure
it is of itself and how much of the microphone it does not explain (a Kalman filter). Someone who
speaks meanwhile is such unexplained sound: the filter then learns less instead of going astray.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Spectrum = NDArray[np.complex64]
    Power = NDArray[np.float32]

HOP = 512
"""Samples at `SPEECH_RATE` that are looked at together: 32 ms."""
EARLY_S = 0.064
"""How much earlier than the system's own track its echo may be: the tracks are not exact."""
LATE_S = 0.6
"""How much later the echo may end: up to 500 ms of delay and some reverberation."""

_BINS = HOP + 1
_FORGET = 0.9995  # of what has been learned in each block, as rooms and people move
_SMOOTH = 0.5  # of the unexplained power
_START = 0.5  # how wrong the filter may be at first, as the square of a gain
_FLOOR = 1e-3  # power of a bin that is as good as silence (rms 1e-6 of full scale)


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """One hop of the microphone: what is left of it, and what of it the system explains."""

    rest: NDArray[np.float32]
    echo: NDArray[np.float32]


class EchoFilter:
    """Give it the system's sound and the microphone's, hop by hop.

    The system's hop must be `EARLY_S` ahead of the microphone's; see `EARLY_HOPS`.
    """

    def __init__(self, seconds: float = EARLY_S + LATE_S) -> None:
        count = -(-round(seconds * SPEECH_RATE) // HOP)
        shape = (count, _BINS)
        self._weights: Spectrum = np.zeros(shape, np.complex64)
        self._doubt: Power = np.full(shape, _START / count, np.float32)
        self._past: Spectrum = np.zeros(shape, np.complex64)
        self._unexplained: Power = np.full(_BINS, _FLOOR, np.float32)
        self._last: NDArray[np.float32] = np.zeros(HOP, np.float32)
        self._turn = 0

    @property
    def delay(self) -> float:
        """Seconds from the system's hop to the strongest part of its echo."""
        energy = np.square(np.abs(self._weights)).sum(axis=1)
        return int(np.argmax(energy)) * HOP / SPEECH_RATE

    def feed(self, system: NDArray[np.float32], mic: NDArray[np.float32]) -> Heard:
        self._hear(system)
        guess: Spectrum = np.einsum("pb,pb->b", self._past, self._weights)
        echo = np.fft.irfft(guess, 2 * HOP)[HOP:].astype(np.float32)
        rest = mic - echo
        self._learn(rest)
        return Heard(rest, echo)

    def _hear(self, system: NDArray[np.float32]) -> None:
        self._past = np.roll(self._past, 1, axis=0)
        self._past[0] = np.fft.rfft(np.concatenate((self._last, system)))
        self._last = system

    def _learn(self, rest: NDArray[np.float32]) -> None:
        error = np.fft.rfft(np.concatenate((np.zeros(HOP, np.float32), rest))).astype(np.complex64)
        self._unexplained *= _SMOOTH
        self._unexplained += (1 - _SMOOTH) * _power(error)
        power = _power(self._past)
        expected = 0.5 * np.einsum("pb,pb->b", power, self._doubt) + self._unexplained + _FLOOR
        step = self._doubt / expected
        self._weights += step * np.conj(self._past) * error
        self._constrain()
        self._doubt *= _FORGET * (1 - 0.5 * step * power)
        self._doubt += (1 - _FORGET) * _power(self._weights)

    def _constrain(self) -> None:
        """Let one part of the filter be what it stands for: `HOP` samples and no more."""
        self._turn = (self._turn + 1) % len(self._weights)
        taps = np.fft.irfft(self._weights[self._turn], 2 * HOP)
        taps[HOP:] = 0
        self._weights[self._turn] = np.fft.rfft(taps)


def _power(spectrum: Spectrum) -> Power:
    found: Power = np.square(spectrum.real) + np.square(spectrum.imag)
    return found
