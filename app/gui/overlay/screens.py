"""The screens there are, for the place of the panel."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from app.gui.overlay.place import Box


def screens() -> list[Box]:
    """The usable part of every screen, the main one first."""
    main = QGuiApplication.primaryScreen()
    others = [s for s in QGuiApplication.screens() if s is not main]
    boxes = [s.availableGeometry() for s in (main, *others)]
    return [Box(b.x(), b.y(), b.width(), b.height()) for b in boxes]
