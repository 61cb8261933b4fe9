"""The level of what is being heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.gui.guard import guarded
from app.gui.recording.state import FLOOR_DB, meter_share

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from app.gui.theme import Theme

BARS = 12
FALL_PER_TICK = 0.05
TICK_MS = 50
LOUD = 0.78
TOO_LOUD = 0.95


class LevelMeter(QWidget):
    """Rises at once, falls smoothly, and costs nothing while it stands still."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("levelMeter")
        self.setAccessibleName(self.tr("Recording level"))
        self.setToolTip(self.tr("Recording level"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self._wanted = 0.0
        self._shown = 0.0
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._fall)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(BARS * 6 - 2, 20)

    @property
    def share(self) -> float:
        """What is shown, 0 to 1."""
        return self._shown

    def show_level(self, rms: float, peak: float) -> None:
        """In dB below full scale."""
        self._wanted = max(meter_share(rms), meter_share(peak) * 0.9)
        self._shown = max(self._shown, self._wanted)
        self._timer.start()
        self.update()

    def clear(self) -> None:
        self.show_level(FLOOR_DB, FLOOR_DB)

    def _fall(self) -> None:
        self._shown = max(self._wanted, self._shown - FALL_PER_TICK)
        if self._shown <= self._wanted:
            self._timer.stop()
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        colours = self._theme.colours
        for bar in range(BARS):
            position = (bar + 0.5) / BARS
            lit = self._shown > position
            colour = colours.border_strong
            if lit:
                colour = colours.good if position < LOUD else colours.warn
                if position > TOO_LOUD:
                    colour = colours.record
            painter.setBrush(QColor(colour))
            height = 8.0 + 10.0 * position if lit else 8.0 + 4.0 * position
            painter.drawRoundedRect(QRectF(bar * 6, (20 - height) / 2, 4, height), 2, 2)
        painter.end()
