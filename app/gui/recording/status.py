"""How long it has been recorded, and how much of that is safe on disk."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.gui.guard import guarded
from app.gui.recording.state import clock_text
from app.gui.theme import scaled

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from app.gui.theme import Theme

BREATH_MS = 1_800
BREATH_TICK_MS = 90
"""Slow enough to cost nothing in a meeting of hours."""


class RecordingDot(QWidget):
    """A red dot that breathes while sound is being recorded."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedSize(16, 16)
        self._theme = theme
        self._phase = 0.0
        self._breath = QTimer(self, interval=BREATH_TICK_MS)
        self._breath.timeout.connect(self._on_tick)

    def breathe(self, *, on: bool) -> None:
        if on:
            self._breath.start()
        else:
            self._breath.stop()
        self.update()

    def _on_tick(self) -> None:
        self._phase = (self._phase + BREATH_TICK_MS / BREATH_MS) % 1.0
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        running = self._breath.isActive()
        colour = QColor(self._theme.colours.record if running else self._theme.colours.warn)
        colour.setAlphaF(0.68 + 0.32 * math.cos(math.tau * self._phase) if running else 1.0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(3, 3, 10, 10))
        painter.end()


class RecordingStatus(QWidget):
    """The dot, the time, and below it up to where the recording is saved."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.dot = RecordingDot(theme)
        self._elapsed = QLabel("00:00:00")
        self._elapsed.setObjectName("elapsedLabel")
        self._elapsed.setFont(_steady(scaled(self.font(), 1.25, QFont.Weight.DemiBold)))
        self._elapsed.setAccessibleName(self.tr("Recorded time"))
        self._saved = QLabel()
        self._saved.setObjectName("savedLabel")
        self._saved.setProperty("role", "muted")
        self._saved.setFont(_steady(scaled(self.font(), 0.85)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.dot)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._elapsed)
        words.addWidget(self._saved)
        words.addStretch(1)
        row.addLayout(words)

    def show_time(self, elapsed: float, saved: float | None, behind: float) -> None:
        """Seconds recorded, seconds that are safe on disk (None: not known yet), and by how many
        seconds saving has fallen behind (0: it has not).
        """
        self._elapsed.setText(clock_text(elapsed))
        self._saved.setVisible(saved is not None or behind > 0)
        time = clock_text(saved or 0.0)
        if behind > 0:
            text = self.tr("Saved only to {time}")
            tip = self.tr("The last {n:.0f} seconds are not on the disk yet.").format(n=behind)
        else:
            text, tip = self.tr("Saved to {time}"), self.tr("Up to here the recording is on disk.")
        self._show_role("warn" if behind > 0 else "muted")
        self._saved.setText(text.format(time=time))
        self._saved.setToolTip(tip)

    def _show_role(self, role: str) -> None:
        if self._saved.property("role") != role:
            self._saved.setProperty("role", role)
            self._saved.style().polish(self._saved)
            self._saved.updateGeometry()


def _steady(font: QFont) -> QFont:
    """Digits of one width, so that a running clock does not wobble."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
