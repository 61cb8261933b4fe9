"""The look of the top bar's boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QStyledItemDelegate, QStyleOptionViewItem

from app.gui.guard import guarded

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

WIDEST = 440
SEPARATOR_HEIGHT = 11
Index = QModelIndex | QPersistentModelIndex


class _Items(QStyledItemDelegate):
    """The delegate that follows style sheets knows no separators, so they are drawn here."""

    @guarded
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        if not _is_separator(index):
            super().paint(painter, option, index)
            return
        rect = option.rect
        painter.setPen(option.palette.color(QPalette.ColorRole.Mid))
        painter.drawLine(rect.left() + 6, rect.center().y(), rect.right() - 6, rect.center().y())

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), SEPARATOR_HEIGHT) if _is_separator(index) else hint


def _is_separator(index: Index) -> bool:
    """How QComboBox marks them."""
    return bool(index.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "separator")


class WideBox(QComboBox):
    """A box whose list is as wide as its longest line, measured when it is opened."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_Items(self))

    @guarded
    def showPopup(self) -> None:
        view = self.view()
        view.setMinimumWidth(min(WIDEST, view.sizeHintForColumn(0) + 44))
        super().showPopup()
