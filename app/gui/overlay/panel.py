"""The caption panel: always on top, never in the way of the keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    QVariantAnimation,
    Signal,
)
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.gui.guard import guarded
from app.gui.overlay.flow import CaptionFlow
from app.gui.overlay.hover import HoverBar
from app.gui.overlay.place import Box, clamped, default_place
from app.gui.overlay.typesetting import Typesetter
from app.gui.transcript.voices import name_of

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent, QMouseEvent, QResizeEvent

    from app.core.events import Event
    from app.core.settings import OverlaySettings

PADDING_X = 26
PADDING_Y = 16
RADIUS = 16
GRIP = 22
LEAST_WIDTH = 280
ROLL_MS = 160
PLACE_DELAY_MS = 400
PANEL = QColor(12, 14, 18)
EDGE = QColor(255, 255, 255, 30)
FLAGS = (
    Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.Tool
    | Qt.WindowType.WindowDoesNotAcceptFocus
)


class CaptionOverlay(QWidget):
    """Shows the last lines that were spoken. Moved by dragging, resized at its corner.

    `place_changed` gives (x, y, width, height) once a move has ended; `font_change_asked` +1 or
    -1 point steps; `lines_change_asked` the number of lines after resizing. `text_painted` gives
    words that have just come onto the screen.
    """

    place_changed = Signal(int, int, int, int)
    font_change_asked = Signal(int)
    lines_change_asked = Signal(int)
    hide_asked = Signal()
    text_painted = Signal(str)

    def __init__(self, settings: OverlaySettings) -> None:
        super().__init__(None, FLAGS)
        self.setObjectName("captionOverlay")
        self.setWindowTitle("Captionist captions")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        # KDE and GNOME keep notifications, and only these, above full-screen windows.
        self.setAttribute(Qt.WidgetAttribute.WA_X11NetWmWindowTypeNotification)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Captions"))
        self._settings = settings
        self._type = Typesetter(settings.font_size)
        self._flow = CaptionFlow(self._breaks, settings.lines, _called)
        self._hint = ""
        self._painted = ""
        self._drag: QPoint | None = None
        self._resizing: QRect | None = None
        self._hover = HoverBar(self)
        self._roll = QVariantAnimation(self)
        self._roll.setDuration(ROLL_MS)
        self._roll.valueChanged.connect(self.update)
        self._saver = QTimer(self, singleShot=True, interval=PLACE_DELAY_MS)
        self._connect()
        self._take_place()

    def _connect(self) -> None:
        self._saver.timeout.connect(self._report_place)
        self._hover.hide_asked.connect(self.hide_asked)
        self._hover.font_change_asked.connect(self.font_change_asked)

    # What is shown

    def apply(self, event: Event) -> None:
        """Take in an event of the meeting."""
        before = self._flow.rolled
        if not self._flow.apply(event):
            return
        if self._flow.rolled > before and self.isVisible():
            self._start_roll(self._flow.rolled - before)
        self._refresh_text()

    def clear(self, hint: str = "") -> None:
        """Empty the panel; `hint` is shown until the first words come."""
        self._hint = hint
        self._flow.clear()
        self._roll.stop()
        self._refresh_text()

    def text(self) -> str:
        return self._flow.text()

    def adopt(self, settings: OverlaySettings) -> None:
        """Show captions in these sizes and colours; the panel keeps its lower edge."""
        if settings == self._settings:
            return
        resized = (settings.font_size, settings.lines) != (
            self._settings.font_size,
            self._settings.lines,
        )
        self._settings = settings
        self._type.set_size(settings.font_size)
        if resized:
            self._refit()
        self.update()

    def _refresh_text(self) -> None:
        spoken = self._flow.text()
        if spoken != self.accessibleDescription():
            self.setAccessibleDescription(spoken)
            self.setAccessibleName(spoken or self.tr("Captions"))
        self.update()

    def _breaks(self, text: str) -> list[int]:
        return self._type.breaks(text, self.width() - 2 * PADDING_X)

    def _start_roll(self, lines: int) -> None:
        self._roll.stop()
        self._roll.setStartValue(float(lines))
        self._roll.setEndValue(0.0)
        self._roll.start()

    # Place and size

    def fitting_height(self, lines: int | None = None) -> int:
        rows = self._settings.lines if lines is None else lines
        return round(rows * self._type.line_height) + 2 * PADDING_Y

    def _take_place(self) -> None:
        height = self.fitting_height()
        saved = self._settings.place
        if saved is None:
            box = default_place(_screens()[0], height)
        else:
            x, y, width, old_height = saved
            box = Box(x, y + old_height - height, max(LEAST_WIDTH, width), height)
        self._set_box(clamped(box, _screens()))

    def _refit(self) -> None:
        height = self.fitting_height()
        old = self.geometry()
        box = Box(old.x(), old.y() + old.height() - height, old.width(), height)
        self._set_box(clamped(box, _screens()))
        self._flow.resize(self._settings.lines)

    def _set_box(self, box: Box) -> None:
        self.setGeometry(box.x, box.y, box.width, box.height)

    def _report_place(self) -> None:
        g = self.geometry()
        self.place_changed.emit(g.x(), g.y(), g.width(), g.height())

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != event.size().width():
            self._flow.resize(self._settings.lines)
        self._hover.move(self.width() - self._hover.width() - 10, 8)

    # Mouse

    @guarded
    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if self._moved_by_compositor(event):
            return
        if self._grip().contains(event.position()):
            self._resizing = QRect(event.globalPosition().toPoint(), self.size())
        else:
            self._drag = event.globalPosition().toPoint() - self.pos()

    def _moved_by_compositor(self, event: QMouseEvent) -> bool:
        """On Wayland a window cannot move itself; it asks for it."""
        handle = self.windowHandle()
        if handle is None or not QGuiApplication.platformName().startswith("wayland"):
            return False
        if self._grip().contains(event.position()):
            return handle.startSystemResize(Qt.Edge.RightEdge | Qt.Edge.BottomEdge)
        return handle.startSystemMove()

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.globalPosition().toPoint()
        if self._resizing is not None:
            self._resize_by(at - self._resizing.topLeft(), self._resizing.size())
        elif self._drag is not None:
            self.move(at - self._drag)
        else:
            over_grip = self._grip().contains(event.position())
            shape = Qt.CursorShape.SizeFDiagCursor if over_grip else Qt.CursorShape.SizeAllCursor
            self.setCursor(QCursor(shape))

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._drag is None and self._resizing is None:
            return
        self._drag = self._resizing = None
        g = self.geometry()
        self._set_box(clamped(Box(g.x(), g.y(), g.width(), g.height()), _screens()))
        self._saver.start()

    def _resize_by(self, moved: QPoint, before: QSize) -> None:
        width = max(LEAST_WIDTH, before.width() + moved.x())
        room = before.height() + moved.y() - 2 * PADDING_Y
        lines = min(6, max(1, round(room / self._type.line_height)))
        top_left = self.pos()
        if lines != self._settings.lines:
            self.lines_change_asked.emit(lines)  # comes back through `adopt`
        self.setGeometry(top_left.x(), top_left.y(), width, self.fitting_height())

    def _grip(self) -> QRectF:
        return QRectF(self.width() - GRIP, self.height() - GRIP, GRIP, GRIP)

    @guarded
    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover.show()
        self.update()

    @guarded
    def leaveEvent(self, event: QEvent) -> None:
        self._hover.hide()
        self.update()

    # Painting

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_panel(painter)
        painter.setClipRect(self.rect().adjusted(0, PADDING_Y - 6, 0, -(PADDING_Y - 8)))
        if self._flow.lines:
            self._paint_lines(painter)
        elif self._hint:
            self._type.draw_hint(painter, self._hint, self._text_left(), float(PADDING_Y))
        painter.end()
        self._tell_painted()

    def _tell_painted(self) -> None:
        text = self._flow.text()
        if text != self._painted:
            self._painted = text
            self.text_painted.emit(text)

    def _paint_panel(self, painter: QPainter) -> None:
        colour = QColor(PANEL)
        # A panel that is wholly clear would let clicks through on some desktops.
        hovered = self._hover.isVisible()
        colour.setAlphaF(max(0.35 if hovered else 0.01, self._settings.opacity))
        painter.setPen(EDGE if self._settings.opacity > 0 or hovered else Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, RADIUS, RADIUS)
        if hovered:
            self._paint_grip(painter)

    def _paint_grip(self, painter: QPainter) -> None:
        painter.setPen(QColor(255, 255, 255, 110))
        right, bottom = self.width() - 8, self.height() - 8
        for step in (4, 9):
            painter.drawLine(QPointF(right - step, bottom), QPointF(right, bottom - step))
        painter.setPen(Qt.PenStyle.NoPen)

    def _paint_lines(self, painter: QPainter) -> None:
        running = self._roll.state() == QVariantAnimation.State.Running
        offset = float(self._roll.currentValue()) if running else 0.0
        first = max(0, self._flow.top - (1 if offset else 0))
        last = self._flow.top + self._settings.lines
        for row, line in enumerate(self._flow.lines[first:last], start=first):
            y = PADDING_Y + (row - self._flow.top + offset) * self._type.line_height
            self._type.draw(painter, line, self._text_left(), y, self._text_width())

    def _text_left(self) -> float:
        return float(PADDING_X)

    def _text_width(self) -> float:
        return float(self.width() - 2 * PADDING_X)


def _called(speaker: int, name: str) -> str:
    return name_of(speaker, {speaker: name})


def _screens() -> list[Box]:
    """The usable part of every screen, the main one first."""
    main = QGuiApplication.primaryScreen()
    others = [s for s in QGuiApplication.screens() if s is not main]
    boxes = [s.availableGeometry() for s in (main, *others)]
    return [Box(b.x(), b.y(), b.width(), b.height()) for b in boxes]
