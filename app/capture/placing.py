"""Where blocks lie on a clock that goes on while nothing comes."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.capture import sleepwatch

if TYPE_CHECKING:
    from collections.abc import Callable

_PAUSE_S = 0.5  # without a block, after which something may have been lost
_LOSS_S = 0.25  # later than usual by this, and for good: so much was lost
_CALM_BLOCKS = 3  # that must come at their own pace before the lateness is believed
_DRIFT = 3e-4  # by which a device's clock may be slow


@dataclass
class Origin:
    """The moment at which a meeting's sound begins, shared by its sources."""

    clock: Callable[[], float] = sleepwatch.elapsed
    _zero: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def since(self, moment: float) -> float:
        """Seconds from the beginning to `moment`; the first one asked about is the beginning."""
        with self._lock:
            if self._zero is None:
                self._zero = moment
            return moment - self._zero


class Placer:
    """Counts frames, and skips those that never came.

    Sound that comes late is not lost: after a pause the blocks that waited come in a rush, and
    only what is still missing when they come at their own pace again is skipped.
    """

    def __init__(self, rate: int, origin: Origin | None = None) -> None:
        self._rate = rate
        self._origin = origin or Origin()
        self._next = 0
        self._fresh = True  # the next block is the first of a device
        self._last = 0.0
        self._usual = 0.0  # how late blocks are when nothing is wrong
        self._late = _Lateness()

    @property
    def seconds(self) -> float:
        """The end of what has been placed."""
        return self._next / self._rate

    def restart(self) -> None:
        """Another device comes next: its sound begins when it comes."""
        self._fresh = True

    def place(self, frames: int, lost: int = 0, held: int = 0) -> int:
        """The first frame of a block that comes now, `lost` frames after the one before it.

        `held` frames have come with it but are still in a filter.
        """
        now, length = self._origin.clock(), frames / self._rate
        start = self._origin.since(now - length - held / self._rate)
        waited, self._last = now - self._last, now
        self._next += lost
        if self._fresh:
            self._begin(start)
        else:
            self._skip(start - self.seconds, waited, length)
        first = self._next
        self._next += frames
        return first

    def _begin(self, start: float) -> None:
        self._next = max(self._next, round(start * self._rate))
        self._usual = start - self.seconds
        self._late = _Lateness()
        self._fresh = False

    def _skip(self, late: float, waited: float, length: float) -> None:
        if waited > _PAUSE_S:
            self._late.begin()
        if not self._late.doubtful:
            self._usual = min(late, self._usual + _DRIFT * length)
            return
        lost = self._late.note(late, calm=waited >= length / 2) - self._usual
        if math.isfinite(lost) and lost > _LOSS_S:
            self._next += round(lost * self._rate)


class _Lateness:
    """How late blocks remain after a pause, once they come at their own pace."""

    def __init__(self) -> None:
        self.doubtful = False
        self._calm = 0
        self._least = math.inf

    def begin(self) -> None:
        self.doubtful, self._calm, self._least = True, 0, math.inf

    def note(self, late: float, *, calm: bool) -> float:
        """Seconds, once they are known; infinite before."""
        if not calm:
            self.begin()
            return math.inf
        self._calm += 1
        self._least = min(self._least, late)
        if self._calm < _CALM_BLOCKS:
            return math.inf
        self.doubtful = False
        return self._least
