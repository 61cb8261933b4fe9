"""The text field of the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextEdit

from app.gui.guard import guarded

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QTextBlock

DIALECT = QTextDocument.MarkdownFeature.MarkdownDialectGitHub
READING = DIALECT | QTextDocument.MarkdownFeature.MarkdownNoHTML
"""What people type in angle brackets is text, so it is read as text."""
MARGIN = 20
LINE_HEIGHT = 126
"""Per cent."""
MARKER_WIDTH = 26


class NotesTextEdit(QTextEdit):
    """Rich text that can be written as Markdown; boxes of a checklist can be ticked."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notesEditor")
        self.setAccessibleName(self.tr("Notes"))
        self.setAcceptRichText(False)
        self.setTabChangesFocus(False)
        self.document().setDocumentMargin(MARGIN)
        self.document().setIndentWidth(24)

    def load_markdown(self, markdown: str) -> None:
        self.document().setMarkdown(markdown, READING)
        self._space_lines()
        self.document().clearUndoRedoStacks()
        self.document().setDocumentMargin(MARGIN)
        self.moveCursor(QTextCursor.MoveOperation.End)

    def _space_lines(self) -> None:
        """Markdown knows nothing of spacing, so it never reaches the file."""
        airy = QTextBlockFormat()
        kind = QTextBlockFormat.LineHeightTypes.ProportionalHeight
        airy.setLineHeight(LINE_HEIGHT, kind.value)
        everything = QTextCursor(self.document())
        everything.select(QTextCursor.SelectionType.Document)
        everything.mergeBlockFormat(airy)

    def to_markdown(self) -> str:
        return self.document().toMarkdown(DIALECT) if not self.document().isEmpty() else ""

    @guarded
    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste plain text, whatever the other program offers."""
        self.insertPlainText(source.text())

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        cursor = self.textCursor()
        if plain_enter and cursor.currentList() and not cursor.block().text().strip():
            self._leave_list(cursor)
            return
        super().keyPressEvent(event)
        if plain_enter:
            self._start_fresh_paragraph()

    def _leave_list(self, cursor: QTextCursor) -> None:
        """Enter on an empty item ends the list."""
        found = cursor.currentList()
        if found is not None:
            found.remove(cursor.block())
        block = cursor.blockFormat()
        block.setIndent(0)
        block.setMarker(QTextBlockFormat.MarkerType.NoMarker)
        cursor.setBlockFormat(block)

    def _start_fresh_paragraph(self) -> None:
        """A new item is not ticked yet, and what follows a heading is not one."""
        cursor = self.textCursor()
        block = cursor.blockFormat()
        if block.marker() == QTextBlockFormat.MarkerType.Checked:
            block.setMarker(QTextBlockFormat.MarkerType.Unchecked)
            cursor.setBlockFormat(block)
        if block.headingLevel():
            block.setHeadingLevel(0)
            cursor.setBlockFormat(block)
            plain = cursor.charFormat()
            plain.setFontWeight(400)
            plain.setProperty(plain.Property.FontSizeAdjustment, 0)
            cursor.setBlockCharFormat(plain)
            self.setCurrentCharFormat(plain)

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        block = self._box_at(event.position())
        if block is None or event.button() != Qt.MouseButton.LeftButton:
            super().mouseReleaseEvent(event)
            return
        cursor = QTextCursor(block)
        style = block.blockFormat()
        kind = QTextBlockFormat.MarkerType
        ticked = style.marker() == kind.Checked
        style.setMarker(kind.Unchecked if ticked else kind.Checked)
        cursor.setBlockFormat(style)

    def _box_at(self, point: QPointF) -> QTextBlock | None:
        """The paragraph whose tick box is at `point`."""
        cursor = self.cursorForPosition(point.toPoint())
        block = cursor.block()
        if block.blockFormat().marker() == QTextBlockFormat.MarkerType.NoMarker:
            return None
        start = QTextCursor(block)
        left = self.cursorRect(start).left()
        return block if left - MARKER_WIDTH <= point.x() < left else None
