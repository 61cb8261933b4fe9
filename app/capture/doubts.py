"""Notices sound that does come but cannot be right, such as silence or what is far too loud."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.capture.condition import Seconds
from app.core.events import CaptureCleared, CaptureDoubted, CaptureProblem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from app.core.audio import AudioBlock

SILENT_S = 8.0
"""Seconds of exact zeros after which a microphone is doubted."""
DEAF_S = 4.0
"""Seconds of zeros, while the outputs play, after which a capture of the system is doubted."""
CLIPPING_S = 4.0
"""Seconds over which the share of clipped samples is taken."""
CLIPPED_SHARE = 0.002
"""Of the samples; a voice that is too loud clips at the peaks of each period."""

_FULL = 32_700
_CALM_S = 10.0  # without what was wrong, after which it is over

Doubt = CaptureDoubted | CaptureCleared


class OutputMeter(Protocol):
    """Whether anything plays, by another way than the capture that is doubted."""

    def plays(self) -> bool:
        """Whether an output played something audible lately. Answers at once."""
        ...

    def close(self) -> None: ...


class NoMeter:
    """Where there is no other way to know whether something plays: zeros are no fault then."""

    def plays(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is held."""


class SoundDoubts:
    """Looks at each block of one source; what it says are facts to be published.

    Without `meter` zeros are a fault (a microphone always has some noise). With it, as for the
    system's sound, they are a fault only while the meter sees something being played.
    """

    def __init__(self, source: str, meter: OutputMeter | None = None) -> None:
        self._source = source
        self._meter = meter
        self._zeros_since: float | None = None
        self._deaf_since: float | None = None
        self._asked = 0.0
        self._clipping = _Clipping()
        self._seconds = Seconds()
        self._last_wrong: dict[CaptureProblem, float] = {}
        self._doubted: set[CaptureProblem] = set()

    def note(self, block: AudioBlock) -> Iterator[Doubt]:
        """What is now doubted, or no more. Takes microseconds."""
        if not block.frames:
            return
        if self._meter is None:
            zeros = self._zero_seconds(block)
            yield from self._set(CaptureProblem.SILENT, block.end, wrong=zeros >= SILENT_S)
        else:
            yield from self._compare(block, self._meter)
        clipping = self._clipping.note(block)
        if clipping is not None:
            yield from self._set(CaptureProblem.CLIPPING, block.end, wrong=clipping)
        second = self._seconds.note(block)
        if second is not None:
            yield from self._judge(CaptureProblem.SHIFTED, block.end, wrong=second.shifted)
            yield from self._judge(CaptureProblem.OPPOSED, block.end, wrong=second.opposed)

    def close(self) -> None:
        """Release the meter."""
        if self._meter is not None:
            self._meter.close()

    def _zero_seconds(self, block: AudioBlock) -> float:
        """For how long there has been nothing but zeros."""
        if block.samples.any():
            self._zeros_since = None
            return 0.0
        if self._zeros_since is None:
            self._zeros_since = block.start
        return block.end - self._zeros_since

    def _compare(self, block: AudioBlock, meter: OutputMeter) -> Iterator[Doubt]:
        """Zeros and a meter that moves, both for long: the meter is asked once a second."""
        if self._zero_seconds(block) == 0.0:
            self._deaf_since = None
            yield from self._set(CaptureProblem.DEAF, block.end, wrong=False)
        elif block.end - self._asked >= 1.0 or block.end < self._asked:
            self._asked = block.end
            yield from self._ask(block.end, meter)

    def _ask(self, now: float, meter: OutputMeter) -> Iterator[Doubt]:
        if not meter.plays():
            self._deaf_since = None
            return
        if self._deaf_since is None:
            self._deaf_since = now
        if now - self._deaf_since >= DEAF_S:
            yield from self._set(CaptureProblem.DEAF, now, wrong=True)

    def _judge(self, problem: CaptureProblem, at: float, *, wrong: bool | None) -> Iterator[Doubt]:
        """`wrong` None: nobody knows. It is over when it has not been wrong for a while."""
        if wrong is None:
            return
        if wrong:
            self._last_wrong[problem] = at
        if wrong or at - self._last_wrong.get(problem, at) >= _CALM_S:
            yield from self._set(problem, at, wrong=wrong)

    def _set(self, problem: CaptureProblem, at: float, *, wrong: bool) -> Iterator[Doubt]:
        if wrong and problem not in self._doubted:
            self._doubted.add(problem)
            yield CaptureDoubted(self._source, problem, round(at, 3))
        elif not wrong and problem in self._doubted:
            self._doubted.remove(problem)
            yield CaptureCleared(self._source, problem, round(at, 3))


class _Clipping:
    """The share of samples at full scale over `CLIPPING_S`, and how long there were none."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._clipped = self._total = 0
        self._last_bad = 0.0

    def note(self, block: AudioBlock) -> bool | None:
        """True: clipped. False: not for long. None: nothing new to say."""
        self._start = block.start if self._start is None else self._start
        self._total += block.samples.size
        self._clipped += _clipped(block.samples)
        if block.end - self._start < CLIPPING_S:
            return None
        bad = self._clipped > CLIPPED_SHARE * self._total
        self._start, self._clipped, self._total = None, 0, 0
        if bad:
            self._last_bad = block.end
        return True if bad else False if block.end - self._last_bad >= _CALM_S else None


def _clipped(samples: NDArray[np.int16]) -> int:
    """How many samples are at full scale; nearly always told by the largest alone."""
    if int(samples.max()) < _FULL and int(samples.min()) > -_FULL:
        return 0
    return int(np.count_nonzero(samples >= _FULL) + np.count_nonzero(samples <= -_FULL))
