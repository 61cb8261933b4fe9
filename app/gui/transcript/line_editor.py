"""Correcting one line of a transcript in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QFocusEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget

LEAST_HEIGHT = 46
FRAME = 11


class LineEditor(QPlainTextEdit):
    """Lies over the line. Enter or leaving saves, Escape keeps the old text."""

    saved = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("lineEditor")
        self.setAccessibleName(self.tr("Corrected text of this line"))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setTabChangesFocus(True)
        self.utterance = -1
        self._before = ""
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
        height = max(LEAST_HEIGHT, rect.height() + FRAME)
        self.setGeometry(rect.adjusted(-FRAME, -FRAME, FRAME, 0))
        self.resize(self.width(), height)

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

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.accept()
        elif event.key() == Qt.Key.Key_Escape:
            self.cancel()
            self.leave()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.accept()
