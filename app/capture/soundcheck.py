"""Records a few seconds of each source before a meeting, and says how they are."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE, AudioBlock
from app.core.downmix import mono_stretch
from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from app.capture.protocol import AudioSource

CHECK_S = 3.0
"""Seconds that are recorded of each source."""
PATIENCE_S = 3.0
"""Longer than that is not waited for a source that delivers less."""
TOO_QUIET_DB = -50.0
"""A peak below which nobody has spoken, or too far away."""
CLIPPED_SHARE = 0.001

_FULL = 32_700
_FLOOR_DB = -96.0


class SoundVerdict(StrEnum):
    """How a source sounds."""

    FINE = "fine"
    QUIET = "too-quiet"
    SILENT = "silent"  # exact zeros: a muted device, or one that is not allowed
    CLIPPING = "clipping"
    NOTHING = "nothing-came"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, eq=False)
class SoundReport:
    """What a source gave. Levels in dB below full scale; `samples` mono, in [-1, 1], at `rate`.

    `error` and `hint` tell why it failed.
    """

    source: str
    verdict: SoundVerdict
    peak: float = _FLOOR_DB
    rms: float = _FLOOR_DB
    seconds: float = 0.0
    rate: int = SPEECH_RATE
    samples: NDArray[np.float32] | None = None
    error: str = ""
    hint: str = ""


def check_sound(
    sources: Sequence[AudioSource],
    seconds: float = CHECK_S,
    level: Callable[[str, float], object] = lambda _source, _peak: None,
    patience: float = PATIENCE_S,
) -> list[SoundReport]:
    """Record all `sources` at the same time; blocks for `seconds` and a little.

    `level` is called from their threads with a source's name and the peak of each block in dB. The
    sources are closed afterwards. What is wrong with one is in its report; nothing is raised.
    """
    takes = [_Take(source, seconds, level) for source in sources]
    for take in takes:
        take.start()
    for take in takes:
        take.wait(seconds + patience)
    return [take.report() for take in takes]


class _Take:
    """One source being recorded."""

    def __init__(
        self, source: AudioSource, seconds: float, level: Callable[[str, float], object]
    ) -> None:
        self._source = source
        self._seconds = seconds
        self._level = level
        self._blocks: list[AudioBlock] = []
        self._got = 0.0
        self._over = threading.Event()
        self._failure: Exception | None = None

    def start(self) -> None:
        try:
            self._source.open()
            self._source.start(self._take, self._over.set)
        except AppError as exc:
            self._failure = exc
            self._over.set()

    def wait(self, timeout: float) -> None:
        self._over.wait(timeout)
        self._source.stop()
        self._source.close()
        self._failure = self._failure or self._source.failure

    def report(self) -> SoundReport:
        name = self._source.name
        if not self._blocks:
            if self._failure is None:
                return SoundReport(name, SoundVerdict.NOTHING)
            hint = self._failure.hint if isinstance(self._failure, AppError) else ""
            return SoundReport(name, SoundVerdict.FAILED, error=str(self._failure), hint=hint)
        return judge_sound(name, self._blocks)

    def _take(self, block: AudioBlock) -> None:
        if self._over.is_set() or not block.frames:
            return
        self._blocks.append(block)
        self._got += block.frames / block.format.rate
        self._level(self._source.name, _decibels(_peak(block.samples)))
        if self._got >= self._seconds:
            self._over.set()


def judge_sound(source: str, blocks: Sequence[AudioBlock]) -> SoundReport:
    """Levels and verdict of what was recorded; at least one block, all of one format."""
    samples = np.concatenate([block.samples for block in blocks])
    rate = blocks[0].format.rate
    mono = mono_stretch(samples, rate) / np.float32(32768)
    rms = float(np.sqrt(np.square(mono, dtype=np.float64).mean()))
    peak = _decibels(_peak(samples))
    return SoundReport(
        source,
        _verdict(samples, peak),
        round(peak, 1),
        round(_decibels(rms), 1),
        round(len(samples) / rate, 3),
        rate,
        mono,
    )


def _verdict(samples: NDArray[np.int16], peak: float) -> SoundVerdict:
    if not samples.any():
        return SoundVerdict.SILENT
    if float((np.abs(samples.astype(np.int32)) >= _FULL).mean()) > CLIPPED_SHARE:
        return SoundVerdict.CLIPPING
    return SoundVerdict.QUIET if peak < TOO_QUIET_DB else SoundVerdict.FINE


def _peak(samples: NDArray[np.int16]) -> float:
    return max(int(samples.max()), -int(samples.min())) / 32768


def _decibels(amplitude: float) -> float:
    return max(_FLOOR_DB, 20 * float(np.log10(amplitude))) if amplitude > 0 else _FLOOR_DB
