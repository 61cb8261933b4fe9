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
_SETTLED_S = 0.3  # of sound at its own pace after a pause, until its lateness counts
_STEADY_S = 1.5  # of lateness without a pause before it
_SPREAD_S = 0.1  # by which the lateness of blocks may differ
_ROUNDING = 1e-6
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
            self._late.begin(_SETTLED_S)
        if late - self._usual <= _LOSS_S:
            self._usual = min(late, self._usual + _DRIFT * length)
            self._late.begin(_STEADY_S)
            return
        calm = waited >= length / 2
        if (least := self._late.note(late, length, calm=calm)) is not None:
            self._next += round((least - self._usual) * self._rate)


class _Lateness:
    """Whether blocks that are late remain so: come at their own pace, all as late as the others.

    While what waited is still coming in, each block is less late than the one before it.
    """

    def __init__(self) -> None:
        self.begin(_STEADY_S)

    def begin(self, needed: float) -> None:
        """Believe a lateness that lasts for `needed` seconds of sound."""
        self._needed = needed
        self._seconds = 0.0
        self._least, self._most = math.inf, -math.inf

    def note(self, late: float, length: float, *, calm: bool) -> float | None:
        """The lateness in seconds, once it is certain."""
        self._least, self._most = min(self._least, late), max(self._most, late)
        if not calm or self._most - self._least > _SPREAD_S:
            self.begin(self._needed)
            return None
        self._seconds += length
        return self._least if self._seconds >= self._needed - _ROUNDING else None
