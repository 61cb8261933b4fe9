"""The files of a meeting: their names, and writing that survives a killed process."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Final

from app.core.errors import DiskFullError, StorageError

AUDIO: Final = "audio"
INFO: Final = "session.json"
JOURNAL: Final = "journal.jsonl"
DAMAGED: Final = "journal.damaged.jsonl"
FORGET: Final = "forget.json"
LOCK: Final = "lock"
NOTES: Final = "notes.md"

_FULL = {errno.ENOSPC, errno.EDQUOT} if hasattr(errno, "EDQUOT") else {errno.ENOSPC}


def storage_failure(action: str, exc: OSError) -> StorageError:
    """What to raise when `action` ("The recording cannot be written") failed with `exc`."""
    if exc.errno in _FULL:
        return DiskFullError(f"{action}: the disk is full")
    hint = "Check the disk and the rights of the data folder; everything saved so far is kept."
    return StorageError(f"{action}: {exc.strerror or exc}", hint=hint)


def read_text(path: Path) -> str:
    """The text of `path`, empty if it is not there; raises StorageError."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as exc:
        raise storage_failure(f"The file {path.name} cannot be read", exc) from exc


def sync_folder(folder: Path) -> None:
    """Make names created in `folder` durable, where the system has a way to."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "darwin":
    import fcntl

    def _sync(descriptor: int) -> None:
        """macOS's fsync leaves the data in the drive's memory, where a power cut finds it."""
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        except OSError:  # not every file system knows it
            os.fsync(descriptor)

else:

    def _sync(descriptor: int) -> None:
        os.fsync(descriptor)


class DurableFile:
    """A file without a buffer of ours: what was written survives the death of the process.

    Every method but `close` raises StorageError, saying that `what` cannot be written.
    """

    def __init__(self, path: Path, mode: str, what: str) -> None:
        """`mode` is "xb" for a new file, "r+b" for an existing one, "ab" for either."""
        self._action = f"{what} cannot be written"
        try:
            self._file = Path.open(path, mode, buffering=0)
            self.size = os.fstat(self._file.fileno()).st_size
            sync_folder(path.parent)
        except OSError as exc:
            raise storage_failure(self._action, exc) from exc

    def append(self, data: bytes, unit: int) -> None:
        """Write `data` to the end. If that fails, only whole `unit`s of bytes remain of it."""
        done = 0
        try:
            self._file.seek(self.size)
            while done < len(data):
                done += self._file.write(memoryview(data)[done:])
        except OSError as exc:
            self._cut(self.size + done - done % unit)
            raise storage_failure(self._action, exc) from exc
        self.size += done

    def overwrite(self, position: int, data: bytes) -> None:
        try:
            self._file.seek(position)
            self._file.write(data)
        except OSError as exc:
            raise storage_failure(self._action, exc) from exc

    def sync(self) -> None:
        """Return once everything written is on the disk."""
        try:
            _sync(self._file.fileno())
        except OSError as exc:
            raise storage_failure(self._action, exc) from exc

    def close(self) -> None:
        self._file.close()

    def _cut(self, size: int) -> None:
        try:
            self._file.truncate(size)
            self.size = size
        except OSError:
            # A torn end is what recovery is for; the failed write is the news to tell.
            self.size = max(size, self.size)
