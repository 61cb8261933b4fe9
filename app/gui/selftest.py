"""Opens and closes the window, to prove that it can be done on this machine."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer

from app.core.errors import AppError
from app.core.paths import Paths
from app.gui.adapters import RealServices
from app.gui.application import make_application
from app.gui.desktop import Desktop
from app.gui.messages import MessageCentre
from app.gui.theme import Theme
from app.gui.threads import QtThreadHost

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

PATIENCE_MS = 20_000


def open_and_close() -> None:
    """Show the window with an empty data folder and quit; raises AppError if that fails.

    Set QT_QPA_PLATFORM=offscreen before to do it without a screen.
    """
    app = make_application()
    with tempfile.TemporaryDirectory(prefix="captionist-self-test-") as folder:
        root = Path(folder)
        _run(app, Paths(root / "data", root / "models"))


def _run(app: QApplication, paths: Paths) -> None:
    host = QtThreadHost()
    desktop = Desktop(RealServices(paths, host), host, Theme(app), MessageCentre())
    loop = QEventLoop()
    ended = threading.Event()
    desktop.ended.connect(ended.set)
    desktop.ended.connect(loop.quit)
    QTimer.singleShot(PATIENCE_MS, loop, loop.quit)
    desktop.show()
    QTimer.singleShot(0, desktop, desktop.quit)
    if not desktop.window.isVisible():
        raise AppError("The window did not open")
    loop.exec()
    host.wait_all(5.0)
    if not ended.is_set():
        raise AppError("The window did not close")
