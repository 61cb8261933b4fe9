"""Where "now" comes from. A source's clock counts seconds since its first sample."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    def now(self) -> float:
        """Seconds since the start."""
        ...


class WallClock:
    """Real time since it was created."""

    def __init__(self) -> None:
        self._started = time.monotonic()

    def now(self) -> float:
        return time.monotonic() - self._started


class VirtualClock:
    """Time that moves only when it is told to: on any machine, under any load, the same."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def wait_until(self, moment: float) -> None:
        """Move on to `moment`; a moment that has passed changes nothing."""
        self._now = max(self._now, moment)

    def spend(self, seconds: float) -> None:
        self._now += seconds
