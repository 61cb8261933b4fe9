"""Notices that the computer slept, that this program stood still, or that the clock was set."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import ClockJumped

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_S = 1.0
SLEPT = "the computer slept"
STOOD_STILL = "the program stood still"
CLOCK_SET = "the clock was set"

_SLEPT_S = 1.0  # by which the two clocks may differ without sleep
_LATE_S = 5.0  # by which a look may be late: a busy machine
_SET_S = 2.0  # by which the time of day may stray: it is corrected in small steps


def _counts_sleep() -> Callable[[], float]:
    """A clock that goes on while the computer sleeps, where there is one.

    Windows' monotonic clock does; macOS's CLOCK_MONOTONIC does, unlike the one Python reads.
    """
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
        number = getattr(time, name, None)
        if number is not None:
            return lambda: time.clock_gettime(number)
    return time.monotonic


elapsed = _counts_sleep()
"""Seconds since some moment, sleep included: what sound is placed by."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Three clocks in seconds: `awake` stops while the computer sleeps, if the system has one."""

    awake: Callable[[], float] = time.monotonic
    elapsed: Callable[[], float] = elapsed
    wall: Callable[[], float] = time.time


@dataclass(frozen=True, slots=True)
class _Reading:
    awake: float
    elapsed: float
    wall: float

    @staticmethod
    def of(clocks: Clocks) -> _Reading:
        return _Reading(clocks.awake(), clocks.elapsed(), clocks.wall())


class SleepWatch:
    """Publishes ClockJumped from a thread of its own; `check` is one look.

    `at` tells the meeting's seconds.
    """

    def __init__(
        self,
        publish: Callable[[ClockJumped], object],
        at: Callable[[], float],
        clocks: Clocks | None = None,
    ) -> None:
        self._publish = publish
        self._at = at
        self._clocks = clocks or Clocks()
        self._last = _Reading.of(self._clocks)
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._last = _Reading.of(self._clocks)
        self._thread = threading.Thread(target=self._watch, name="watch-clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def check(self) -> None:
        """Compare the clocks with what they showed the last time, about `EVERY_S` ago."""
        last, now = self._last, _Reading.of(self._clocks)
        self._last = now
        passed = now.elapsed - last.elapsed
        slept = passed - (now.awake - last.awake)
        if slept > _SLEPT_S:
            self._say(slept, SLEPT)
        elif passed > EVERY_S + _LATE_S:
            self._say(passed - EVERY_S, STOOD_STILL)
        turned = (now.wall - last.wall) - passed
        if abs(turned) > _SET_S:
            self._say(turned, CLOCK_SET)

    def _say(self, seconds: float, reason: str) -> None:
        self._publish(ClockJumped(round(self._at(), 3), round(seconds, 3), reason))

    def _watch(self) -> None:
        while not self._stopped.wait(EVERY_S):
            self.check()
