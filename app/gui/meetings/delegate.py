"""How a meeting looks in the list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.gui.guard import guarded
from app.gui.meetings.model import ROW_ROLE, Index, detail_text
from app.gui.rows import MeetingRow, MeetingState
from app.gui.theme import scaled

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from app.gui.theme import Theme

INSET = 8
PADDING = 12


class MeetingDelegate(QStyledItemDelegate):
    """Title above, date and length below; a red dot while it is being recorded."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        base = _font(option)
        title = QFontMetrics(scaled(base, 1.0, QFont.Weight.DemiBold)).height()
        detail = QFontMetrics(scaled(base, 0.88)).height()
        return QSize(120, title + detail + 24)

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row = index.data(ROW_ROLE)
        if not isinstance(row, MeetingRow):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect: QRect = option.rect.adjusted(INSET, 1, -INSET, -1)
        self._paint_ground(painter, rect, option)
        self._paint_text(painter, rect.adjusted(PADDING, 9, -PADDING, -9), row, _font(option))
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem) -> None:
        colours = self._theme.colours
        state = option.state
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(QColor(colours.accent_soft))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setBrush(QColor(colours.hover))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
        if state & QStyle.StateFlag.State_HasFocus and state & QStyle.StateFlag.State_Selected:
            painter.setPen(QColor(colours.accent))
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)

    def _paint_text(self, painter: QPainter, rect: QRect, row: MeetingRow, base: QFont) -> None:
        colours = self._theme.colours
        recording = row.state is MeetingState.RECORDING
        bold = scaled(base, 1.0, QFont.Weight.DemiBold)
        self._line(painter, bold, colours.text, rect, row.title, Qt.AlignmentFlag.AlignTop)
        detail = QRect(rect)
        if recording:
            side = 8
            top = rect.bottom() - QFontMetrics(scaled(base, 0.88)).height() // 2 - side // 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.record))
            painter.drawEllipse(QRectF(rect.left(), top + 1, side, side))
            detail.setLeft(rect.left() + side + 7)
        colour = {
            MeetingState.RECORDING: colours.record,
            MeetingState.DAMAGED: colours.record,
            MeetingState.INTERRUPTED: colours.warn,
        }.get(row.state, colours.muted)
        small = scaled(base, 0.88)
        self._line(painter, small, colour, detail, detail_text(row), Qt.AlignmentFlag.AlignBottom)

    def _line(
        self,
        painter: QPainter,
        font: QFont,
        colour: str,
        rect: QRect,
        text: str,
        edge: Qt.AlignmentFlag,
    ) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, edge | Qt.AlignmentFlag.AlignLeading, short)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setObjectName("renameEdit")
        editor.setAccessibleName(self.tr("Title of the meeting"))
        return editor

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(INSET, 3, -INSET, -3))


def _font(option: QStyleOptionViewItem) -> QFont:
    font: QFont = option.font
    return font
