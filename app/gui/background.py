"""One-off jobs off the GUI thread: a download, an export, stopping a meeting."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.gui.threads import QtThreadHost

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Job:
    """What the work sees of its operation; used on the worker's thread."""

    def __init__(self, signals: _Signals, stopping: threading.Event) -> None:
        self._signals = signals
        self._stopping = stopping

    def progress(self, done: float, total: float) -> None:
        self._signals.progressed.emit(float(done), float(total))

    def cancelled(self) -> bool:
        return self._stopping.is_set()


class _Signals(QObject):
    succeeded = Signal(object)
    failed = Signal(object)
    progressed = Signal(float, float)


class BackgroundOp(Generic[T]):
    """A job and what follows it. Configure it, then `start`; callbacks run on the GUI thread.

    A failure that has no `on_failure` is reported to the user.
    """

    def __init__(self, owner: Background, name: str, work: Callable[[Job], T]) -> None:
        self._owner = owner
        self._name = name
        self._work = work
        self._stopping = threading.Event()
        self._signals = _Signals()
        self._success: Callable[[T], object] | None = None
        self._failure: Callable[[Exception], object] = owner.report
        self._progress: Callable[[float, float], object] | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._signals.succeeded.connect(self._on_succeeded, queued)
        self._signals.failed.connect(self._on_failed, queued)
        self._signals.progressed.connect(self._on_progressed, queued)

    def on_success(self, callback: Callable[[T], object]) -> BackgroundOp[T]:
        self._success = callback
        return self

    def on_failure(self, callback: Callable[[Exception], object]) -> BackgroundOp[T]:
        self._failure = callback
        return self

    def on_progress(self, callback: Callable[[float, float], object]) -> BackgroundOp[T]:
        self._progress = callback
        return self

    def start(self) -> BackgroundOp[T]:
        self._owner.launch(self, self._name, self._run)
        return self

    def cancel(self) -> None:
        """Ask the job to end early; it decides when."""
        self._stopping.set()

    @property
    def cancelled(self) -> bool:
        return self._stopping.is_set()

    def _run(self) -> None:
        try:
            result = self._work(Job(self._signals, self._stopping))
        except AppError as exc:
            logger.warning("%s: %s", self._name, exc)
            self._signals.failed.emit(exc)
        except Exception as exc:
            logger.exception("%s: unexpected failure", self._name)
            self._signals.failed.emit(exc)
        else:
            self._signals.succeeded.emit(result)

    def _on_succeeded(self, result: Any) -> None:
        try:
            if self._success is not None:
                self._success(result)
        finally:
            self._owner.forget(self)

    def _on_failed(self, error: Exception) -> None:
        try:
            self._failure(error)
        finally:
            self._owner.forget(self)

    def _on_progressed(self, done: float, total: float) -> None:
        if self._progress is not None:
            self._progress(done, total)


class Background:
    """Starts jobs and keeps them alive. `report` shows a failure that nobody handles."""

    def __init__(self, host: QtThreadHost, report: Callable[[Exception], object]) -> None:
        self.report = report
        self._host = host
        self._running: set[BackgroundOp[Any]] = set()
        self._when_idle: list[Callable[[], object]] = []

    def job(self, name: str, work: Callable[[Job], T]) -> BackgroundOp[T]:
        """A job that has not started yet. Call on the GUI thread."""
        return BackgroundOp(self, name, work)

    def launch(self, op: BackgroundOp[Any], name: str, run: Callable[[], None]) -> None:
        self._running.add(op)
        self._host.start(name, run)

    def forget(self, op: BackgroundOp[Any]) -> None:
        self._running.discard(op)
        if not self._running:
            waiting, self._when_idle = self._when_idle, []
            for callback in waiting:
                callback()

    def when_idle(self, callback: Callable[[], object]) -> None:
        """Call `callback` once no job is running: now, or when the last one has ended."""
        if self._running:
            self._when_idle.append(callback)
        else:
            callback()

    @property
    def busy(self) -> bool:
        return bool(self._running)

    def cancel_all(self) -> None:
        for op in self._running:
            op.cancel()
