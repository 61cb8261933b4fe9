"""The desktop program: the only module beside `app.gui` that knows Qt."""

from __future__ import annotations

import ctypes
import os
import sys

from app.core.errors import AppError
from app.platforms.process import prepare_process


def main() -> int:
    """Run the desktop program until the user quits; returns its exit code."""
    prepare_process()
    try:
        _check_desktop()
        _import_qt()
        from app.core.paths import default_paths
        from app.gui.application import run

        return run(default_paths())
    except AppError as exc:
        hint = f"\n  {exc.hint}" if exc.hint else ""
        sys.stderr.write(f"captionist: {exc}.{hint}\n")
        return 1


def self_test() -> int:
    """Load the model, caption a bundled clip, open and close the window; 0 if all of it works."""
    prepare_process()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.selftest import run

    return run(_open_and_close)


def _open_and_close() -> None:
    _import_qt()
    from app.gui.selftest import open_and_close

    open_and_close()


def _check_desktop() -> None:
    """Qt ends the process where it finds no screen; say it in a sentence instead."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if os.environ.get("DISPLAY"):
        try:
            ctypes.CDLL("libxcb-cursor.so.0")
        except OSError as exc:
            raise AppError(
                "The window cannot be shown: the library libxcb-cursor is missing",
                hint="On Debian and Ubuntu: sudo apt install libxcb-cursor0",
            ) from exc
    elif not os.environ.get("WAYLAND_DISPLAY"):
        raise AppError(
            "There is no desktop to show the window on",
            hint="Use 'captionist record' or 'captionist live' there; see 'captionist --help'.",
        )


def _import_qt() -> None:
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as exc:
        raise AppError(
            f"The window cannot be shown: {exc}",
            hint="On Debian and Ubuntu: sudo apt install libegl1 libgl1 libxkbcommon-x11-0 "
            "libfontconfig1 libdbus-1-3",
        ) from exc
