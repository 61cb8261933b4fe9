"""A lock that the operating system drops by itself when its process dies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

if sys.platform == "win32":
    import msvcrt

    # The locked byte lies far behind the text, so that others can still read who holds the lock.
    _LOCKED_BYTE = 1 << 30

    def _take(file: BinaryIO, *, wait: bool) -> None:
        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(file: BinaryIO, *, wait: bool) -> None:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """A held lock on a file; made by `acquire`. Exclusive between processes and within one."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    @classmethod
    def acquire(cls, path: Path, *, wait: bool = False) -> FileLock | None:
        """Lock `path`, creating it; None if another holds it and `wait` is false.

        The file tells the holder's process ID. Raises OSError if it cannot be opened.
        """
        file = path.open("a+b", buffering=0)
        try:
            _take(file, wait=wait)
        except OSError:  # held by another: EAGAIN or EACCES, depending on the system
            file.close()
            return None
        file.truncate(0)
        file.write(str(os.getpid()).encode())
        return cls(file)

    def release(self) -> None:
        """Give the lock up; safe to call twice. The file stays."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock on `path`.

    A file that is not there is not held; one that we may not open is taken to be held.
    """
    if not path.exists():
        return False
    try:
        with path.open("rb", buffering=0) as file:
            _take(file, wait=False)
    except OSError:
        return True
    return False
