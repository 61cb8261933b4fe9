"""Several channels as one, also where they cancel each other out.

A cable that is wired the wrong way gives the same sound twice, once upside down: the mean of both
is silence. There the loudest channel is taken in place of the mean.
"""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mono = NDArray[np.float32]
    Powers = NDArray[np.float64]

_PIECE_S = 0.02
_MEMORY_S = 0.2  # seconds of sound, pauses left out, that are judged together
_LOUD_MEMORY_S = 30.0
_PAUSE = 0.01  # of the loudest power: what is below says nothing about voices
_LOUDER = 10.0  # times: what came before was no voice
_CANCELLED, _AUDIBLE = 0.4, 0.8  # of the power that a single channel alone would leave in the mean
_BEGIN_S, _END_S = 0.1, 0.5  # for how long it must be otherwise than it was
_FOREKNOWN_S = 0.5
_OTHER = 4.0  # times the power for which another channel is taken


def cancels(powers: NDArray[Any], share: float = _CANCELLED) -> bool:
    """Whether hardly anything of the channels is left in their mean.

    `powers` is the power of each channel and, last, that of the mean. Two channels that are equally
    loud cancel if their correlation is below -0.8; a channel that is silent cancels nothing.
    """
    count = len(powers) - 1
    return bool(powers[-1] < share / count**2 * powers[:-1].max())


def mono_stretch(samples: NDArray[Any], rate: int) -> Mono:
    """A stretch from the midst of a stream, of shape (frames, channels), as mono (frames,).

    Its beginning is judged by what follows it.
    """
    downmix = Downmix()
    downmix.mono(samples[: round(_FOREKNOWN_S * rate)], rate)
    return downmix.mono(samples, rate)


class Downmix:
    """Makes mono of the blocks of one stream, in their order.

    It changes over within words only where it must: at once where nothing else has been heard yet,
    else after a tenth of a second; and back to the mean after half a second of voices.
    """

    def __init__(self) -> None:
        self._form = (0, 0)

    def mono(self, samples: NDArray[Any], rate: int) -> Mono:
        """(frames, channels) of any type -> (frames,), on the same scale."""
        count = samples.shape[1]
        if count == 1:
            return samples[:, 0].astype(np.float32)
        if self._form != (count, rate):
            self._begin(count, rate)
        sound = samples.astype(np.float32)
        mean: Mono = sound.sum(axis=1) / np.float32(count)
        if len(sound):
            self._correct(sound, mean)
        return mean

    def _begin(self, count: int, rate: int) -> None:
        self._form = (count, rate)
        self._piece = max(1, round(_PIECE_S * rate))
        self._filled = 0  # frames of the piece that is being heard
        self._sums: Powers = np.zeros(count + 1)
        self._choice = _Choice(count)

    def _correct(self, sound: NDArray[np.float32], mean: Mono) -> None:
        """Put the chosen channel into `mean`, piece by piece, with a ramp at each change."""
        heard = np.concatenate([sound, mean[:, None]], axis=1, dtype=np.float64)
        begins = [0, *range(self._piece - self._filled, len(sound), self._piece)]
        sums = np.add.reduceat(np.square(heard), begins, axis=0)
        for begin, end, powers in zip(begins, [*begins[1:], len(sound)], sums, strict=True):
            before = self._choice.channel
            self._hear(end - begin, powers)
            after = self._choice.channel
            if before is None and after is None:
                continue
            part = slice(begin, end)
            old, new = (
                mean[part] if channel is None else sound[part, channel]
                for channel in (before, after)
            )
            ramp = np.linspace(0, 1, end - begin, dtype=np.float32) if before != after else 1
            mean[part] = old + (new - old) * ramp

    def _hear(self, frames: int, powers: Powers) -> None:
        self._filled += frames
        self._sums += powers
        if self._filled >= self._piece:
            self._choice.note(self._sums / self._filled)
            self._sums[:] = 0
            self._filled = 0


class _Choice:
    """Which channel is taken; None is the mean of all."""

    def __init__(self, count: int) -> None:
        self.channel: int | None = None
        self._kept: Powers = np.zeros(count + 1)
        self._loud = 0.0
        self._against = 0.0  # seconds for which it has been otherwise than chosen
        self._agreed = 0.0  # seconds for which the mean has been right

    def note(self, powers: Powers) -> None:
        """A piece of sound: the power of each channel and, last, that of their mean."""
        loudest = float(powers[:-1].max())
        if loudest > _LOUDER * self._loud:
            self._agreed = 0.0
        self._loud = max(loudest, self._loud * exp(-_PIECE_S / _LOUD_MEMORY_S))
        if loudest <= _PAUSE * self._loud:
            return
        self._kept = self._kept * exp(-_PIECE_S / _MEMORY_S) + powers
        share = _CANCELLED if self.channel is None else _AUDIBLE
        if cancels(self._kept, share):
            self._take_channel()
        else:
            self._take_mean()

    def _take_channel(self) -> None:
        loudest = int(self._kept[:-1].argmax())
        if self.channel is not None:
            self._against = 0.0
            if self._kept[loudest] > _OTHER * self._kept[self.channel]:
                self.channel = loudest
            return
        self._against += _PIECE_S
        if self._agreed < _END_S or self._against >= _BEGIN_S:
            self.channel, self._against = loudest, 0.0

    def _take_mean(self) -> None:
        if self.channel is None:
            self._against = 0.0
            self._agreed += _PIECE_S
            return
        self._against += _PIECE_S
        if self._against >= _END_S:
            self.channel, self._against, self._agreed = None, 0.0, _END_S
