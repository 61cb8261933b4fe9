"""From nothing to a running desktop program, and back."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from app import __version__
from app.gui import icons
from app.gui.adapters import RealServices
from app.gui.desktop import Desktop, crash_message
from app.gui.hooks import CrashFile, ErrorHook, QuitSignals, log_qt_messages, start_log
from app.gui.instance import SingleInstance
from app.gui.messages import MessageCentre
from app.gui.overlay.trace import trace_captions
from app.gui.theme import Theme
from app.gui.threads import QtThreadHost

if TYPE_CHECKING:
    from app.core.paths import Paths

logger = logging.getLogger(__name__)

LAST_WAIT_S = 10.0


def make_application() -> QApplication:
    """The one QApplication, with the program's name and icon."""
    _prefer_x11()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    app.setApplicationName("captionist")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("captionist")
    app.setWindowIcon(icons.program_icon())
    app.setQuitOnLastWindowClosed(False)
    _translate(app)
    return app


def run(paths: Paths) -> int:
    """Show the program until the user quits; returns the exit code."""
    log_qt_messages()
    app = make_application()
    instance = SingleInstance(paths.data, app)
    if not instance.claim():
        return 0
    messages = MessageCentre()
    hook = ErrorHook(messages.show_error)
    hook.install()
    crash = _watch(paths, messages)
    signals = QuitSignals(app)
    host = QtThreadHost()
    desktop = Desktop(RealServices(paths, host), host, Theme(app), messages)
    trace_captions(desktop.captions.panel)
    instance.asked_to_show.connect(desktop.window.bring_to_front)
    signals.asked.connect(desktop.quit)
    app.commitDataRequest.connect(lambda _manager: desktop.quit())
    desktop.ended.connect(app.quit)
    desktop.show()
    try:
        return app.exec()
    finally:
        host.wait_all(LAST_WAIT_S)
        signals.close()
        instance.release()
        hook.remove()
        if crash is not None:
            crash.stop()


def _watch(paths: Paths, messages: MessageCentre) -> CrashFile | None:
    """Start the log and the crash file; a folder that cannot be written is said in the window."""
    from app.core.errors import DataFolderError
    from app.core.paths import writable_folder

    try:
        start_log(writable_folder(paths.logs))
        crash = CrashFile(paths.logs)
        if crash.start():
            messages.show(crash_message())
    except (DataFolderError, OSError) as exc:
        error = (
            exc
            if isinstance(exc, DataFolderError)
            else DataFolderError(f"The folder {paths.logs} cannot be written")
        )
        messages.show_error(error, key="data")
        return None
    return crash


def _prefer_x11() -> None:
    """Wayland lets no window stay on top or choose its place, and captions need both."""
    if os.environ.get("WAYLAND_DISPLAY") and os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "xcb;wayland")


def _translate(app: QApplication) -> None:
    """Qt's own words (Copy, Undo…) in the user's language, where Qt has them."""
    translator = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(QLocale(), "qtbase", "_", folder):
        app.installTranslator(translator)
