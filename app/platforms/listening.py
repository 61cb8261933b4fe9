"""The reading half of a recording whose sound comes through callbacks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from app.platforms.mixing import Mixer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.platforms.feed import Feed
    from app.platforms.mixing import Line
    from app.platforms.system_audio import Fragment

    Clock = Callable[[], float]

POLL_SECONDS = 0.1
CHECK_SECONDS = 1.0
clock: Clock = time.perf_counter
"""Seconds of the computer's steadiest clock; Windows' own `monotonic` moves in steps of 16 ms."""


class Listener:
    """Takes packets, fills silence by the clock and mixes the lines.

    `check` is called about once a second with the time; what it raises comes out of `read`.
    """

    def __init__(self, feed: Feed, check: Callable[[float], None], now: Clock) -> None:
        self._feed = feed
        self._check = check
        self._now = now
        self._checked_at = now()
        self._lines: Sequence[Line] = ()
        self._mixer = Mixer()

    def listen(self, lines: Sequence[Line]) -> None:
        """From now on these lines are heard; their places in the row are the packets' `line`."""
        self._lines = lines
        self._mixer.use(lines)

    def read(self) -> Fragment | None:
        """Wait for sound or for time to pass; None once interrupted."""
        while not self._feed.interrupted:
            fragment = self._mixer.take()
            if fragment is not None:
                return fragment
            self._check_if_due()  # may replace the lines, all of whose sound has been taken now
            packet = self._feed.take(POLL_SECONDS)
            if packet is not None:
                self._lines[packet.line].add(packet)
            self._let_time_pass()
        return None

    def _check_if_due(self) -> None:
        now = self._now()
        if now - self._checked_at >= CHECK_SECONDS:
            self._checked_at = now
            self._check(now)

    def _let_time_pass(self) -> None:
        now = self._now()  # before looking, so that no packet of an earlier time is overlooked
        if self._feed.is_empty():
            for line in self._lines:
                line.wait(now)
