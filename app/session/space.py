"""How much room the disk has for a recording, and how far all tracks of a meeting are saved."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from app.core.clock import Clock, WallClock
from app.core.errors import DiskFullError
from app.core.events import AudioSaved, SpaceMeasured
from app.session.files import storage_failure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    FreeSpace = Callable[[Path], int]

WARN_BYTES = 1_000_000_000
STOP_BYTES = 200_000_000
"""Room that is left to finish a meeting in order, and to the system."""

LAST_BYTES = 100_000_000
"""Where the recorder itself ends, if nobody has stopped the meeting by then."""

CHECK_SECONDS = 5.0


def free_bytes(folder: Path) -> int:
    """What a user may still write to the disk of `folder`; raises OSError if it is gone."""
    return shutil.disk_usage(folder).free


def require_space(folder: Path, needed: int, free: FreeSpace = free_bytes) -> None:
    """Raises DiskFullError if after `needed` bytes less than the reserve were left."""
    try:
        left = free(folder)
    except OSError as exc:
        raise storage_failure("The recording cannot be written", exc) from exc
    if left < needed + STOP_BYTES:
        lacking = (needed + STOP_BYTES - left) / 1e6
        raise DiskFullError(f"The disk is nearly full: {lacking:.0f} MB more are needed")


class SpaceWatch:
    """Looks every few seconds whether the disk is filling up."""

    def __init__(
        self, folder: Path, clock: Clock | None = None, free: FreeSpace = free_bytes
    ) -> None:
        self._folder = folder
        self._clock = clock or WallClock()
        self._free = free
        self._next = 0.0
        self._told = WARN_BYTES

    def check(self) -> SpaceMeasured | None:
        """What to tell, once for each limit that is passed.

        Raises DiskFullError where even the end of a recording may not fit any more and nobody
        has stopped it though it was told, StorageError if the folder is gone.
        """
        now = self._clock.now()
        if now < self._next:
            return None
        self._next = now + CHECK_SECONDS
        try:
            free = self._free(self._folder)
        except OSError as exc:
            raise storage_failure("The recording cannot be written", exc) from exc
        if free < LAST_BYTES and not self._told:
            raise DiskFullError("The recording was stopped: the disk is full")
        return self._news(free)

    def _news(self, free: int) -> SpaceMeasured | None:
        if free >= WARN_BYTES:
            self._told = WARN_BYTES
            return None
        limit = 0 if free < STOP_BYTES else STOP_BYTES
        if limit >= self._told:
            return None
        self._told = limit
        return SpaceMeasured(free, stopping=free < STOP_BYTES)


class SavedTogether:
    """Up to where every track of a meeting is safe: as far as the slowest of them."""

    def __init__(self, sources: Iterable[str]) -> None:
        self._saved = dict.fromkeys(sources, 0.0)
        self._ended: set[str] = set()
        self._told = 0.0

    def saved(self, source: str, seconds: float) -> AudioSaved | None:
        """Take in that `source` is saved up to `seconds`; tells if the meeting is saved further.

        One that was over for a while counts again.
        """
        self._ended.discard(source)
        self._saved[source] = max(seconds, self._saved.get(source, 0.0))
        return self._news()

    def ended(self, source: str) -> AudioSaved | None:
        """`source` is over, and what it has is saved: it holds the others back no longer."""
        self._ended.add(source)
        return self._news()

    def _news(self) -> AudioSaved | None:
        running = [s for name, s in self._saved.items() if name not in self._ended]
        seconds = min(running) if running else max(self._saved.values(), default=0.0)
        if seconds <= self._told:
            return None
        self._told = seconds
        return AudioSaved(seconds)
