"""Notices when a source delivers nothing."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from app.core.events import CaptureResumed, CaptureStalled

if TYPE_CHECKING:
    from collections.abc import Callable

STALL_SECONDS = 2.0
"""Longer than any device takes to deliver its first block (up to 1.8 s)."""


class StallWatch:
    """Publishes CaptureStalled after `limit` seconds without a block, and CaptureResumed.

    `beat` may be called from a device's callback: it stores a number. Events are published from
    the watch's thread. The other methods are called by the owner.
    """

    def __init__(
        self,
        source_name: str,
        publish: Callable[[CaptureStalled | CaptureResumed], object],
        clock: Callable[[], float] = time.monotonic,
        limit: float = STALL_SECONDS,
    ) -> None:
        self._source = source_name
        self._publish = publish
        self._clock = clock
        self._limit = limit
        self._last = clock()
        self._beats = self._beats_at_stall = 0
        self._stalled = self._paused = self._stopped = False
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to watch; the source has until `limit` from now for its first block."""
        self._last = self._clock()
        self._thread = threading.Thread(
            target=self._watch, name=f"watch-{self._source}", daemon=True
        )
        self._thread.start()

    def beat(self) -> None:
        """A block has come."""
        self._last = self._clock()
        self._beats += 1
        if self._stalled:
            self._wake.set()

    def pause(self) -> None:
        """Expect nothing until `resume`."""
        self._paused = True
        self._wake.set()

    def resume(self) -> None:
        self._last = self._clock()
        self._paused = False
        self._wake.set()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    def check(self, now: float) -> float | None:
        """Publish what has changed by `now`; seconds until the next look, None: until woken."""
        if self._stalled and self._beats != self._beats_at_stall:
            self._stalled = False
            self._publish(CaptureResumed(self._source))
        if self._stalled or self._paused:
            return None
        silent = now - self._last
        if silent <= self._limit:
            return self._limit - silent
        self._beats_at_stall = self._beats
        self._stalled = True
        self._publish(CaptureStalled(self._source, round(silent, 3)))
        return None

    def _watch(self) -> None:
        while not self._stopped:
            self._wake.wait(self.check(self._clock()))
            self._wake.clear()
