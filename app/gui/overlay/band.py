"""Rows of the panel in one style: what is spoken, or its translation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QVariantAnimation

from app.gui.overlay.typesetting import Typesetter

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter
    from PySide6.QtWidgets import QWidget

    from app.gui.overlay.rolling import RollingLines
    from app.gui.overlay.typesetting import TextStyle

ROLL_MS = 160
_BLEED = 6
"""Pixels by which tall signs may stand out of their rows."""


class Band:
    """Paints lines one below the other, and rolls them up when new ones come."""

    def __init__(self, owner: QWidget, points: int, style: TextStyle) -> None:
        self.type = Typesetter(points, style)
        self.rows = 0
        self._roll = QVariantAnimation(owner)
        self._roll.setDuration(ROLL_MS)
        self._roll.valueChanged.connect(owner.update)

    @property
    def height(self) -> float:
        """Pixels of all rows."""
        return self.rows * self.type.line_height

    def start_roll(self, lines: int) -> None:
        self._roll.stop()
        self._roll.setStartValue(float(lines))
        self._roll.setEndValue(0.0)
        self._roll.start()

    def stop_roll(self) -> None:
        self._roll.stop()

    def paint(self, painter: QPainter, page: RollingLines, box: QRectF) -> None:
        """Draw the visible lines of `page`, the first one at the top of `box`."""
        if not self.rows:
            return
        running = self._roll.state() == QVariantAnimation.State.Running
        offset = float(self._roll.currentValue()) if running else 0.0
        first = max(0, page.top - (1 if offset else 0))
        painter.save()
        painter.setClipRect(box.adjusted(-_BLEED, -_BLEED, _BLEED, _BLEED))
        for row, line in enumerate(page.lines[first : page.top + self.rows], start=first):
            y = box.top() + (row - page.top + offset) * self.type.line_height
            self.type.draw(painter, line, box.left(), y, box.width())
        painter.restore()
