"""Between a device's callback, which must not wait, and the thread that reads."""

from __future__ import annotations

import queue
from dataclasses import dataclass, replace

LIMIT = 1_000
"""Packets that may wait: 10 s at least. What comes beyond is dropped and counted as lost."""


@dataclass(frozen=True, slots=True, eq=False)
class Packet:
    """What one call of a callback brought.

    `line` tells which of a recording's streams it came from; `at` is the clock (seconds) when it
    arrived; `data` holds the bytes of each of the device's buffers, undecoded. `broken`: sound was
    lost before it. `channels`: those of each buffer, where that is told with the sound.
    """

    line: int
    at: float
    data: tuple[bytes, ...]
    broken: bool = False
    channels: int = 0


class Feed:
    """Any thread puts and interrupts, one thread takes."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._packets: queue.SimpleQueue[Packet | None] = queue.SimpleQueue()
        self._limit = limit
        self._overrun: set[int] = set()
        self._interrupted = False

    @property
    def interrupted(self) -> bool:
        return self._interrupted

    def put(self, packet: Packet) -> None:
        """Returns at once, whatever the reader does."""
        if self._packets.qsize() >= self._limit:
            self._overrun.add(packet.line)
            return
        if packet.line in self._overrun:
            self._overrun.discard(packet.line)
            packet = replace(packet, broken=True)
        self._packets.put(packet)

    def forget(self) -> None:
        """Drop what waits: it comes from a stream that is no longer there."""
        while not self._packets.empty():
            self._packets.get()
        self._overrun.clear()

    def take(self, timeout: float) -> Packet | None:
        """The next packet; None after `timeout` seconds without one, or once interrupted."""
        if self._interrupted:
            return None
        try:
            return self._packets.get(timeout=timeout)
        except queue.Empty:
            return None

    def is_empty(self) -> bool:
        return self._packets.empty()

    def interrupt(self) -> None:
        self._interrupted = True
        self._packets.put(None)
