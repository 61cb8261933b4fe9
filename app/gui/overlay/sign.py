"""Small signs on the panel: that text leaves the program, and where it can be resized."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from app.gui import icons
from app.gui.theme import scaled

HEIGHT = 20
COLOUR = QColor(255, 170, 90)
_ICON = 16.0


def paint_sign(painter: QPainter, box: QRectF, where: str) -> None:
    """Say in `box` that text is sent to `where`: as long as it is, and in words."""
    icons.paint(painter, "cloud", QRectF(box.left(), box.top() + 2, _ICON, _ICON), COLOUR.name())
    painter.setFont(scaled(painter.font(), 0.82))
    painter.setPen(COLOUR)
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    text = QCoreApplication.translate("CaptionOverlay", "Text is sent to {where}")
    painter.drawText(box.adjusted(_ICON + 6, 0, 0, 0), flags, text.format(where=where))


def paint_grip(painter: QPainter, right: float, bottom: float) -> None:
    """Two slanted lines in the corner at `right`, `bottom`."""
    painter.setPen(QColor(255, 255, 255, 110))
    for step in (4.0, 9.0):
        painter.drawLine(QPointF(right - step, bottom), QPointF(right, bottom - step))
    painter.setPen(Qt.PenStyle.NoPen)
