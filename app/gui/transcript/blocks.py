"""A transcript as a text document: one block for each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor

from app.gui.text import joined
from app.gui.theme import LIGHT
from app.gui.transcript.lines import ChangeKind, Note, TranscriptLines

if TYPE_CHECKING:
    from PySide6.QtGui import QTextBlock, QTextDocument

    from app.gui.theme import Colours
    from app.gui.transcript.lines import Change, Line

GUTTER = 76
"""Pixels beside the text, for the time stamps."""

RIGHT = 28

LABEL = 32
"""Pixels above a line where another speaker begins."""

LABEL_HEIGHT = 21
"""Pixels of the name in them."""


class LineBlocks:
    """Keeps the blocks of `document` equal to the lines, touching only what has changed."""

    def __init__(self, document: QTextDocument) -> None:
        self._document = document
        self._lines = TranscriptLines()
        self._colours = LIGHT

    def fill(self, lines: TranscriptLines, colours: Colours) -> None:
        """Write all of `lines`, which `apply` then follows."""
        self._lines = lines
        self._colours = colours
        self._document.clear()
        self._set_margins()
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        for row in range(len(lines)):
            self._append(cursor, row)
        cursor.endEditBlock()

    def apply(self, change: Change) -> None:
        """Write what `lines.apply` has just changed."""
        match change.kind:
            case ChangeKind.INSERTED:
                self._insert(change.row)
            case ChangeKind.CHANGED:
                self._rewrite(change.row)
            case ChangeKind.REMOVED:
                self._remove(change.row)

    def _set_margins(self) -> None:
        frame = self._document.rootFrame()
        style = frame.frameFormat()
        style.setTopMargin(28)  # room for a name
        style.setBottomMargin(10)
        frame.setFrameFormat(style)

    def _append(self, cursor: QTextCursor, row: int) -> None:
        if row:
            cursor.insertBlock()
        cursor.setBlockFormat(self._block_format(row))
        self._write(cursor, self._lines[row])

    def _insert(self, row: int) -> None:
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        if len(self._lines) == 1:
            cursor.setBlockFormat(self._block_format(row))
        elif row == 0:
            cursor.insertBlock()
            cursor.movePosition(QTextCursor.MoveOperation.Start)
            cursor.setBlockFormat(self._block_format(row))
        else:
            cursor.setPosition(self.block(row - 1).position())
            cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
            cursor.insertBlock(self._block_format(row))
        self._write(cursor, self._lines[row])
        cursor.endEditBlock()

    def _rewrite(self, row: int) -> None:
        """Keep what is already there, so that a selection in it survives."""
        line = self._lines[row]
        block = self.block(row)
        keep = _common_prefix(block.text(), line.text.strip())
        keep = min(keep, _plain_length(block))
        cursor = QTextCursor(self._document)
        cursor.beginEditBlock()
        cursor.setPosition(block.position() + keep)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        self._write(cursor, line, keep)
        style = self._block_format(row)
        if block.blockFormat().topMargin() != style.topMargin():
            cursor.setBlockFormat(style)
        cursor.endEditBlock()

    def _remove(self, row: int) -> None:
        block = self.block(row)
        cursor = QTextCursor(block)
        cursor.beginEditBlock()
        cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
        cursor.removeSelectedText()
        if row == 0 and len(self._lines):
            cursor.movePosition(QTextCursor.MoveOperation.Start)
            if not cursor.block().text() and self._document.blockCount() > len(self._lines):
                cursor.deleteChar()
            cursor.setBlockFormat(self._block_format(row))
        cursor.endEditBlock()

    def _write(self, cursor: QTextCursor, line: Line, skip: int = 0) -> None:
        """Insert the text of `line` from character `skip` on."""
        if line.note is not None:
            cursor.insertText(self._note_text(line)[skip:], self._note_format(line))
            return
        text = line.text.strip()
        if skip < len(text):
            cursor.insertText(text[skip:], QTextCharFormat())
        preview = line.preview.strip()
        if preview:
            cursor.insertText(joined(text, preview)[len(text) :], self._preview_format())

    def _note_text(self, line: Line) -> str:
        length = f"{line.length:.1f}"
        if line.note is Note.GAP:
            return _tr("{seconds} s of audio were lost here").format(seconds=length)
        if line.note is Note.CAUGHT_UP:
            return _tr("Recognition paused here and caught up later")
        return _tr("{seconds} s were recorded but not captioned live").format(seconds=length)

    def block(self, row: int) -> QTextBlock:
        return self._document.findBlockByNumber(row)

    def _block_format(self, row: int) -> QTextBlockFormat:
        style = QTextBlockFormat()
        if self._lines.label(row):
            style.setTopMargin(LABEL)
        style.setLeftMargin(GUTTER)
        style.setRightMargin(RIGHT)
        style.setBottomMargin(14)
        style.setLineHeight(132, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
        return style

    def _preview_format(self) -> QTextCharFormat:
        style = QTextCharFormat()
        style.setForeground(QColor(self._colours.faint))
        style.setFontItalic(True)
        return style

    def _note_format(self, line: Line) -> QTextCharFormat:
        """A warning where words are missing; quiet where they have come meanwhile."""
        style = QTextCharFormat()
        missing = line.note is not Note.CAUGHT_UP
        style.setForeground(QColor(self._colours.warn if missing else self._colours.faint))
        style.setFontItalic(True)
        return style


def _tr(text: str) -> str:
    return QCoreApplication.translate("Transcript", text)


def _common_prefix(a: str, b: str) -> int:
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return i
    return min(len(a), len(b))


def _plain_length(block: QTextBlock) -> int:
    """Characters of `block` before its grey tail."""
    length = 0
    for found in block.textFormats():
        if found.format.fontItalic():
            break
        length = found.start + found.length
    return length
