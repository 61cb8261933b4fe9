"""What catches what nobody caught: exceptions, signals of the system, crashes."""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import logging.handlers
import signal
import socket
import sys
import threading
from typing import IO, TYPE_CHECKING

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    QSocketNotifier,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

logger = logging.getLogger(__name__)

LOG_BYTES = 1_000_000
OLD_LOGS = 3


class ErrorHook(QObject):
    """Hands exceptions of any thread to `show` on the GUI thread, and to the log.

    Python calls `sys.excepthook` on the thread on which it happened.
    """

    _raised = Signal(object)

    def __init__(self, show: Callable[[BaseException], object]) -> None:
        super().__init__()
        self._show = show
        self._before = (sys.excepthook, threading.excepthook)
        self._raised.connect(self._on_raised, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._hook
        threading.excepthook = self._thread_hook

    def remove(self) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _hook(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._before[0](kind, error, trace)
            return
        logger.critical("uncaught exception", exc_info=(kind, error, trace))
        self._raised.emit(error)

    def _thread_hook(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            self._hook(args.exc_type, args.exc_value, args.exc_traceback)

    def _on_raised(self, error: BaseException) -> None:
        self._show(error)


class QuitSignals(QObject):
    """The system asks the program to end (log-out, Ctrl+C): end it in order."""

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.settimeout(0.0)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_woken)
        self._old_fd = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        self._old = {
            number: signal.signal(number, lambda *_: None)
            for number in (signal.SIGINT, signal.SIGTERM)
        }

    def close(self) -> None:
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._old_fd)
        for number, handler in self._old.items():
            signal.signal(number, handler)
        self._reading.close()
        self._writing.close()

    def _on_woken(self) -> None:
        with contextlib.suppress(BlockingIOError):
            numbers = self._reading.recv(64)
            if any(number in self._old for number in numbers):
                self.asked.emit()


def start_log(folder: Path) -> None:
    """Write the log to `folder`, which is created. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(
        folder / "captionist.log", maxBytes=LOG_BYTES, backupCount=OLD_LOGS, encoding="utf-8"
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.setLevel(logging.INFO)
    root = logging.getLogger()
    for other in root.handlers:  # the terminal goes on saying no more than it did
        other.setLevel(max(other.level, root.level))
    root.addHandler(handler)
    root.setLevel(min(root.level or logging.INFO, logging.INFO))


QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.INFO,
    QtMsgType.QtCriticalMsg: logging.WARNING,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
FONTS = "qt.text.font.db"
"""Says for every font which scripts it lacks."""


def log_qt_messages() -> None:
    """What Qt says goes to the log; the user can do nothing about it."""

    def log(kind: QtMsgType, context: QMessageLogContext, text: str | None) -> None:
        if context.category != FONTS:
            logging.getLogger("qt").log(QT_LEVELS.get(kind, logging.INFO), "%s", text)
        if kind == QtMsgType.QtFatalMsg:  # the process ends with this call
            sys.stderr.write(f"captionist: {text}\n")

    qInstallMessageHandler(log)


class CrashFile:
    """Where the interpreter writes when it dies; what stands there is from the last time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "crash.log"
        self._file: IO[str] | None = None

    def start(self) -> bool:
        """Begin to watch; True if the last run crashed. Raises OSError."""
        crashed = self._path.exists() and self._path.stat().st_size > 0
        if crashed:
            self._path.replace(self._path.with_name("last-crash.log"))
        self._file = self._path.open("w", encoding="utf-8")
        faulthandler.enable(self._file)
        return crashed

    def stop(self) -> None:
        if self._file is not None:
            faulthandler.disable()
            self._file.close()
            self._path.unlink(missing_ok=True)
