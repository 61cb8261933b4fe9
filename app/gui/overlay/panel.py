"""The caption panel: always on top, never in the way of the keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QColor, QCursor, QGuiApplication, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.gui.guard import guarded
from app.gui.overlay import sign
from app.gui.overlay.band import Band
from app.gui.overlay.flow import CaptionFlow
from app.gui.overlay.hover import HoverBar
from app.gui.overlay.place import Box, clamped, default_place
from app.gui.overlay.screens import screens
from app.gui.overlay.translated import Translations
from app.gui.overlay.typesetting import SPOKEN, TRANSLATED
from app.gui.transcript.voices import name_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QContextMenuEvent, QEnterEvent, QMouseEvent, QResizeEvent
    from PySide6.QtWidgets import QMenu

    from app.core.events import Event
    from app.core.settings import OverlaySettings

PADDING_X = 26
PADDING_Y = 16
RADIUS = 16
GRIP = 22
LEAST_WIDTH = 280
BETWEEN = 8
"""Pixels between what is spoken and its translation."""
PLACE_DELAY_MS = 400
BOTH, SOURCE, TARGET = MODES = ("both", "source", "target")
PANEL = QColor(12, 14, 18)
EDGE = QColor(255, 255, 255, 30)
FLAGS = (
    Qt.WindowType.FramelessWindowHint
    | Qt.WindowType.WindowStaysOnTopHint
    | Qt.WindowType.Tool
    | Qt.WindowType.WindowDoesNotAcceptFocus
)


class CaptionOverlay(QWidget):
    """Shows the last lines that were spoken, their translation below, or only one of the two.

    Moved by dragging, resized at its corner. `show_asked` gives what the user wants to see:
    "both", "source" or "target".

    `place_changed` gives (x, y, width, height) once a move has ended; `font_change_asked` +1 or
    -1 point steps; `lines_change_asked` the number of lines after resizing. `text_painted` gives
    words that have just come onto the screen.
    """

    place_changed = Signal(int, int, int, int)
    font_change_asked = Signal(int)
    lines_change_asked = Signal(int)
    hide_asked = Signal()
    show_asked = Signal(str)
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
        self._spoken = Band(self, settings.font_size, SPOKEN)
        self._translated = Band(self, settings.font_size, TRANSLATED)
        self._flow = CaptionFlow(partial(self._breaks, self._spoken), 0, _called)
        self._targets = Translations(partial(self._breaks, self._translated), 0)
        self._mode = BOTH
        self._leaving = ""
        self._hint = ""
        self._painted = ""
        self._drag: QPoint | None = None
        self._resizing: QRect | None = None
        self._hover = HoverBar(self)
        self._saver = QTimer(self, singleShot=True, interval=PLACE_DELAY_MS)
        self._connect()
        self._share_rows()
        self._take_place()

    def _connect(self) -> None:
        self._saver.timeout.connect(self._report_place)
        self._hover.hide_asked.connect(self.hide_asked)
        self._hover.font_change_asked.connect(self.font_change_asked)
        self._hover.next_language_asked.connect(self._turn_language)
        self._hover.next_mode_asked.connect(self._ask_next_mode)
        self._hover.mode_asked.connect(self.show_asked)
        self._hover.language_chosen.connect(self.show_language)

    # What is shown

    def apply(self, event: Event) -> None:
        """Take in an event of the meeting."""
        spoken, translated = self._flow.rolled, self._targets.rolled
        changed = self._flow.apply(event)
        if not self._targets.apply(event) and not changed:
            return
        if self.isVisible():
            self._start_rolls(self._flow.rolled - spoken, self._targets.rolled - translated)
        self._refresh_text()

    def _start_rolls(self, spoken: int, translated: int) -> None:
        if spoken > 0:
            self._spoken.start_roll(spoken)
        if translated > 0:
            self._translated.start_roll(translated)

    def show_translations(self, languages: Sequence[str], mode: str) -> None:
        """The meeting is translated into `languages`; show them as `mode` says."""
        if (tuple(languages), mode) == (self._targets.languages, self._mode):
            return
        self._targets.wish(languages)
        self._mode = mode
        self._show_choices()
        self._refit()
        self._refresh_text()

    def show_leaving(self, where: str) -> None:
        """Show the sign that text is sent to `where`; "" takes it away."""
        if where != self._leaving:
            self._leaving = where
            self._refit()
            self._refresh_text()

    @property
    def shown_language(self) -> str:
        """The language whose translation is shown; "" if none is."""
        return self._targets.shown if self._translated.rows else ""

    def show_language(self, code: str) -> None:
        """Show the translation into `code`, if the meeting has one."""
        self._targets.show(code)
        self._translated.stop_roll()
        self._show_choices()
        self._refresh_text()

    def menu(self) -> QMenu:
        """What can be chosen on the panel."""
        return self._hover.menu(self._targets.languages, self._targets.shown, self._mode)

    def _turn_language(self) -> None:
        self._targets.show_next()
        self.show_language(self._targets.shown)

    def _ask_next_mode(self) -> None:
        self.show_asked.emit(MODES[(MODES.index(self._mode) + 1) % len(MODES)])

    def _show_choices(self) -> None:
        self._hover.show_choices(self._targets.languages, self._targets.shown, self._mode)
        self._place_hover()

    def clear(self, hint: str = "") -> None:
        """Empty the panel; `hint` is shown until the first words come."""
        self._hint = hint
        self._flow.clear()
        self._targets.clear()
        self._show_choices()
        self._spoken.stop_roll()
        self._translated.stop_roll()
        self._refresh_text()

    def text(self) -> str:
        """The visible words in both languages."""
        spoken = self._flow.text() if self._spoken.rows else ""
        translated = self._targets.text() if self._translated.rows else ""
        return "\n".join(part for part in (spoken, translated) if part)

    def adopt(self, settings: OverlaySettings) -> None:
        """Show captions in these sizes and colours; the panel keeps its lower edge."""
        if settings == self._settings:
            return
        resized = (settings.font_size, settings.lines) != (
            self._settings.font_size,
            self._settings.lines,
        )
        self._settings = settings
        for band in (self._spoken, self._translated):
            band.type.set_size(settings.font_size)
        if resized:
            self._refit()
        self.update()

    def _refresh_text(self) -> None:
        spoken = self.text()
        if spoken != self.accessibleDescription():
            self.setAccessibleDescription(spoken)
            self.setAccessibleName(spoken or self.tr("Captions"))
        self.update()

    # Place and size

    def _breaks(self, band: Band, text: str) -> list[int]:
        return band.type.breaks(text, self.width() - 2 * PADDING_X)

    def fitting_height(self, lines: int | None = None) -> int:
        rows = lines or self._settings.lines
        return round(rows * self._row_height()) + self._frame_height()

    def _row_height(self) -> float:
        """Pixels of a line, with that of its translation."""
        bands = [band for band in (self._spoken, self._translated) if band.rows]
        return sum(band.type.line_height for band in bands)

    def _frame_height(self) -> int:
        """Pixels that are not text."""
        both = self._spoken.rows and self._translated.rows
        return 2 * PADDING_Y + (BETWEEN if both else 0) + (sign.HEIGHT if self._leaving else 0)

    def _share_rows(self) -> None:
        lines = self._settings.lines
        translating = bool(self._targets.languages)
        self._spoken.rows = 0 if translating and self._mode == TARGET else lines
        self._translated.rows = lines if translating and self._mode != SOURCE else 0
        self._flow.resize(lines)
        self._targets.resize(lines)

    def _take_place(self) -> None:
        height = self.fitting_height()
        saved = self._settings.place
        if saved is None:
            box = default_place(screens()[0], height)
        else:
            x, y, width, old_height = saved
            box = Box(x, y + old_height - height, max(LEAST_WIDTH, width), height)
        self._set_box(clamped(box, screens()))

    def _refit(self) -> None:
        self._share_rows()
        height = self.fitting_height()
        old = self.geometry()
        box = Box(old.x(), old.y() + old.height() - height, old.width(), height)
        self._set_box(clamped(box, screens()))

    def _set_box(self, box: Box) -> None:
        self.setGeometry(box.x, box.y, box.width, box.height)

    def _report_place(self) -> None:
        g = self.geometry()
        self.place_changed.emit(g.x(), g.y(), g.width(), g.height())

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.oldSize().width() != event.size().width():
            self._share_rows()
        self._place_hover()

    def _place_hover(self) -> None:
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
        self._set_box(clamped(Box(g.x(), g.y(), g.width(), g.height()), screens()))
        self._saver.start()

    def _resize_by(self, moved: QPoint, before: QSize) -> None:
        width = max(LEAST_WIDTH, before.width() + moved.x())
        room = before.height() + moved.y() - self._frame_height()
        lines = min(6, max(1, round(room / self._row_height())))
        top_left = self.pos()
        if lines != self._settings.lines:
            self.lines_change_asked.emit(lines)  # comes back through `adopt`
        self.setGeometry(top_left.x(), top_left.y(), width, self.fitting_height())

    def _grip(self) -> QRectF:
        return QRectF(self.width() - GRIP, self.height() - GRIP, GRIP, GRIP)

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

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
        if self._flow.lines or self._targets.text():
            self._paint_bands(painter)
        elif self._hint:
            self._spoken.type.draw_hint(painter, self._hint, float(PADDING_X), float(PADDING_Y))
        if self._leaving:
            top = self.height() - sign.HEIGHT - 5.0
            width = self.width() - 2 * PADDING_X
            sign.paint_sign(painter, QRectF(PADDING_X, top, width, sign.HEIGHT), self._leaving)
        painter.end()
        self._tell_painted()

    def _tell_painted(self) -> None:
        text = self.text()
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
            sign.paint_grip(painter, self.width() - 8.0, self.height() - 8.0)

    def _paint_bands(self, painter: QPainter) -> None:
        width = float(self.width() - 2 * PADDING_X)
        box = QRectF(PADDING_X, PADDING_Y, width, self._spoken.height)
        self._spoken.paint(painter, self._flow.page, box)
        page = self._targets.page
        if page is not None:
            top = box.bottom() + (BETWEEN if self._spoken.rows else 0)
            below = QRectF(PADDING_X, top, width, self._translated.height)
            self._translated.paint(painter, page, below)


def _called(speaker: int, name: str) -> str:
    return name_of(speaker, {speaker: name})
