"""The level of what is being heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from app.gui import icons
from app.gui.guard import guarded
from app.gui.recording.sources import SYSTEM, source_name
from app.gui.recording.state import FLOOR_DB, meter_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from app.gui.theme import Theme

BARS = 12
FALL_PER_TICK = 0.05
TICK_MS = 50
LOUD = 0.78
TOO_LOUD = 0.95


class LevelMeter(QWidget):
    """Rises at once, falls smoothly, and costs nothing while it stands still."""

    def __init__(self, theme: Theme, height: int = 20) -> None:
        super().__init__()
        self._height = height
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
        return QSize(BARS * 6 - 2, self._height)

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
            height = (0.4 + (0.5 if lit else 0.2) * position) * self._height
            top = (self._height - height) / 2
            painter.drawRoundedRect(QRectF(bar * 6, top, 4, height), 2, 2)
        painter.end()


class Meters(QWidget):
    """A meter for each source that is being recorded, one above the other."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._meters: dict[str, LevelMeter] = {}
        self._pictures: dict[str, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        theme.changed.connect(self._paint_pictures)
        self.show_sources(("mic",))

    def show_sources(self, sources: Sequence[str]) -> None:
        """Make a meter for each of `sources` ("mic", "system", or a file's name)."""
        if tuple(sources) == tuple(self._meters):
            return
        for widget in (*self._meters.values(), *self._pictures.values()):
            self._grid.removeWidget(widget)
            widget.deleteLater()
        self._meters, self._pictures = {}, {}
        for row, source in enumerate(sources):
            meter = LevelMeter(self._theme, 20 if len(sources) == 1 else 15)
            name = source_name(source)
            meter.setAccessibleName(self.tr("Level: {source}").format(source=name))
            meter.setToolTip(name)
            picture = QLabel()
            picture.setToolTip(name)
            self._grid.addWidget(picture, row, 0)
            self._grid.addWidget(meter, row, 1)
            self._meters[source], self._pictures[source] = meter, picture
        self._paint_pictures()

    def share(self, source: str) -> float:
        """What the meter of `source` shows, 0 to 1."""
        return self._meters[source].share

    @property
    def sources(self) -> list[str]:
        return list(self._meters)

    def show_level(self, source: str, rms: float, peak: float) -> None:
        """In dB below full scale; a source that is not known belongs to the only one."""
        meter = self._meters.get(source)
        if meter is None and len(self._meters) == 1:
            meter = next(iter(self._meters.values()))
        if meter is not None:
            meter.show_level(rms, peak)

    def clear(self) -> None:
        for meter in self._meters.values():
            meter.clear()

    def _paint_pictures(self) -> None:
        ratio = self.devicePixelRatioF()
        for source, picture in self._pictures.items():
            icon = "speaker" if source == SYSTEM else "microphone"
            picture.setPixmap(icons.pixmap(icon, 15, self._theme.colours.muted, ratio))
