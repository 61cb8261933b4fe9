"""Questions with two answers, in the program's look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Callable


class Question(QDialog):
    """Asks without stopping the program; `agreed` is emitted on yes."""

    agreed = Signal()

    def __init__(self, parent: QWidget, title: str, text: str, answer: str) -> None:
        super().__init__(parent)
        self.setObjectName("question")
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(10)
        heading = QLabel(title)
        heading.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        heading.setWordWrap(True)
        words = QLabel(text)
        words.setWordWrap(True)
        words.setProperty("role", "muted")
        words.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(heading)
        column.addWidget(words)
        column.addSpacing(10)
        column.addLayout(self._buttons(answer))
        self.setMinimumWidth(430)

    def _buttons(self, answer: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setObjectName("cancelButton")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.agree = QPushButton(answer)
        self.agree.setObjectName("agreeButton")
        self.agree.setDefault(True)
        self.agree.setProperty("role", "primary")
        self.agree.clicked.connect(self._on_agreed)
        row.addWidget(cancel)
        row.addWidget(self.agree)
        return row

    def warn(self) -> Question:
        """What is asked cannot be undone: a red button, and Enter does not press it."""
        self.agree.setDefault(False)
        self.agree.setAutoDefault(False)
        self.agree.setProperty("role", "danger")
        cancel = self.findChild(QPushButton, "cancelButton")
        if cancel is not None:
            cancel.setFocus()
        return self

    def then(self, action: Callable[[], object]) -> Question:
        """Run `action` on yes; show the question now."""
        self.agreed.connect(action)
        self.open()
        return self

    def _on_agreed(self) -> None:
        self.accept()
        self.agreed.emit()
