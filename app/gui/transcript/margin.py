"""Where lines are on the screen, and what is painted beside and above them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from app.gui.recording.state import stamp_text
from app.gui.theme import scaled
from app.gui.transcript.blocks import GUTTER, LABEL_HEIGHT, RIGHT
from app.gui.transcript.voices import colour_of, label_of

if TYPE_CHECKING:
    from PySide6.QtGui import QTextLayout, QTextLine
    from PySide6.QtWidgets import QTextEdit

    from app.gui.theme import Theme
    from app.gui.transcript.blocks import LineBlocks, Stretch

BESIDE = 18
"""Pixels between what is painted in the gutter and the text."""


class Margin:
    """Time stamps and languages beside the lines, names above them."""

    def __init__(self, view: QTextEdit, blocks: LineBlocks, theme: Theme) -> None:
        self._view = view
        self._blocks = blocks
        self._theme = theme
        self._stamp_font = scaled(view.font(), 0.88)
        self._tag_font = scaled(view.font(), 0.8, QFont.Weight.DemiBold)
        self._label_font = scaled(view.font(), 0.96, QFont.Weight.DemiBold)

    def _scrolled(self) -> int:
        return self._view.verticalScrollBar().value()

    def row_rect(self, row: int) -> QRect:
        """Where line `row`, with its translations, is in the viewport."""
        box = self._view.document().documentLayout().blockBoundingRect(self._blocks.block(row))
        top = round(box.top()) - self._scrolled()
        return QRect(GUTTER, top, self._text_width(), round(box.height()))

    def _text_width(self) -> int:
        return self._view.viewport().width() - GUTTER - RIGHT

    def stretch_rect(self, row: int, stretch: Stretch) -> QRect:
        """Where a part of line `row` is in the viewport."""
        layout = self._blocks.block(row).layout()
        if layout is None or not layout.lineCount():
            return self.row_rect(row)
        first, last = _line_at(layout, stretch.start), _line_at(layout, stretch.end)
        top = layout.position().y() + first.y() - self._scrolled()
        height = last.y() + last.height() - first.y()
        return QRect(GUTTER, round(top), self._text_width(), round(height))

    def label_rect(self, row: int) -> QRect:
        """Where the name above line `row` is in the viewport; empty if there is none."""
        lines = self._blocks.lines
        who = lines.label(row)
        layout = self._blocks.block(row).layout()
        if not who or layout is None or not layout.lineCount():
            return QRect()
        text = label_of(who, lines.names)
        width = round(QFontMetricsF(self._label_font).horizontalAdvance(text)) + 2
        top = layout.position().y() + layout.lineAt(0).y() - self._scrolled()
        return QRect(GUTTER, round(top) - LABEL_HEIGHT, width, LABEL_HEIGHT)

    def paint(self, first: int, bottom: int) -> None:
        """Paint beside the lines from row `first` down to the pixel `bottom`."""
        lines = self._blocks.lines
        painter = QPainter(self._view.viewport())
        for row in range(max(0, first), len(lines)):
            if self.row_rect(row).top() > bottom:
                break
            self._paint_stamp(painter, row)
            self._paint_label(painter, row)
            self._paint_tags(painter, row)
        painter.end()

    def _paint_label(self, painter: QPainter, row: int) -> None:
        """The name of whoever speaks from here on, in the speaker's colour."""
        rect = self.label_rect(row)
        if rect.isEmpty():
            return
        lines = self._blocks.lines
        who = lines.label(row)
        painter.setFont(self._label_font)
        painter.setPen(QColor(colour_of(who[0], dark=self._theme.dark)))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, 4, 0), flags, label_of(who, lines.names))

    def _paint_stamp(self, painter: QPainter, row: int) -> None:
        line = self._blocks.lines[row]
        if line.start is None:
            return
        painter.setFont(self._stamp_font)
        self._paint_beside(painter, row, 0, stamp_text(line.start), edited=line.edited)

    def _paint_tags(self, painter: QPainter, row: int) -> None:
        """The language of each translation, where a line has its time."""
        told = self._blocks.lines.translations(row)
        if not told:
            return
        painter.setFont(self._tag_font)
        for found, stretch in zip(told, self._blocks.stretches(row)[1:], strict=True):
            tag = found.language.upper()
            self._paint_beside(painter, row, stretch.start, tag, edited=found.edited)

    def _paint_beside(
        self, painter: QPainter, row: int, position: int, text: str, *, edited: bool
    ) -> None:
        """`text` in the gutter, on the line of the character at `position`."""
        layout = self._blocks.block(row).layout()
        if layout is None or not layout.lineCount():
            return
        line = _line_at(layout, position)
        y = layout.position().y() + line.y() + line.ascent() - self._scrolled()
        colours = self._theme.colours
        painter.setPen(QColor(colours.accent if edited else colours.muted))
        width = QFontMetricsF(painter.font()).horizontalAdvance(text)
        painter.drawText(QPointF(GUTTER - BESIDE - width, y), text)


def _line_at(layout: QTextLayout, position: int) -> QTextLine:
    line = layout.lineForTextPosition(position)
    return line if line.isValid() else layout.lineAt(layout.lineCount() - 1)
