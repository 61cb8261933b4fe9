"""The one kind of QThread in the program: it runs a callable."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QDeadlineTimer, QThread

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.pipeline.runner import ThreadHandle


class CallableThread(QThread):
    """Runs `target` once. What it raises reaches `sys.excepthook`, as on a plain thread."""

    def __init__(self, name: str, target: Callable[[], object]) -> None:
        super().__init__()
        self.setObjectName(name)
        self._target = target

    def run(self) -> None:
        try:
            self._target()
        except Exception:  # noqa: BLE001 - the thread's boundary: the hook shows and logs it
            kind, value, trace = sys.exc_info()
            if kind is not None and value is not None:
                sys.excepthook(kind, value, trace)


class _Handle:
    def __init__(self, thread: CallableThread) -> None:
        self._thread = thread

    def join(self, timeout: float) -> bool:
        return self._thread.wait(QDeadlineTimer(round(max(0.0, timeout) * 1000)))


class QtThreadHost:
    """`ThreadHost` of the desktop program. May be used from any thread.

    A QThread that is destroyed while it runs takes the program down, so each one is kept here
    until it has finished.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._threads: list[CallableThread] = []

    def start(self, name: str, target: Callable[[], object]) -> ThreadHandle:
        thread = CallableThread(name, target)
        with self._lock:
            self._threads = [t for t in self._threads if not t.isFinished()]
            self._threads.append(thread)
        thread.start()
        return _Handle(thread)

    def running(self) -> list[str]:
        """Names of the threads that have not finished."""
        with self._lock:
            return [t.objectName() for t in self._threads if not t.isFinished()]

    def wait_all(self, timeout: float) -> bool:
        """Wait for every thread, `timeout` seconds in all; False if one is still running."""
        deadline = QDeadlineTimer(round(timeout * 1000))
        with self._lock:
            threads = list(self._threads)
        ended = [thread.wait(deadline) for thread in threads]
        return all(ended)
