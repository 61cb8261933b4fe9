"""Correcting one line of a transcript in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

from app.gui.guard import guarded

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent
    from PySide6.QtWidgets import QWidget

LEAST_HEIGHT = 46
FRAME = 11


class LineEditor(QPlainTextEdit):
    """Lies over the line. Enter or leaving saves, Escape keeps the old text."""

    saved = Signal(int, str)

    def __init__(self, parent: QWidget, font: QFont) -> None:
        super().__init__(parent)
        self.setFont(font)
        self.setObjectName("lineEditor")
        self.setAccessibleName(self.tr("Corrected text of this line"))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self.utterance = -1
        self._before = ""
        self._rect = QRect()
        self.textChanged.connect(lambda: self.place(self._rect))
        self.hide()

    def open(self, utterance: int, text: str, rect: QRect) -> None:
        self.utterance = utterance
        self._before = text
        self.setPlainText(text)
        self.moveCursor(QTextCursor.MoveOperation.End)
        self.place(rect)
        self.show()
        self.setFocus()

    def place(self, rect: QRect) -> None:
        """Cover `rect`, the line's place in the view."""
        self._rect = rect
        self.setGeometry(rect.adjusted(-FRAME, -FRAME, FRAME, 0))
        lines = self.document().size().height()  # a plain text document counts in lines
        text = round(lines * self.fontMetrics().lineSpacing()) + 2 * FRAME
        self.resize(self.width(), max(LEAST_HEIGHT, rect.height() + FRAME, text))

    def cancel(self) -> None:
        self.utterance = -1
        self.hide()

    def leave(self) -> None:
        """Give the keyboard back to the view."""
        parent = self.parentWidget()
        if parent is not None:
            parent.setFocus()

    def accept(self) -> None:
        """Report the text if it was changed; an emptied line counts as unchanged."""
        utterance, text = self.utterance, " ".join(self.toPlainText().split())
        self.cancel()
        if utterance >= 0 and text and text != self._before:
            self.saved.emit(utterance, text)

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancel()
            self.leave()
        else:
            super().keyPressEvent(event)

    @guarded
    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.accept()
