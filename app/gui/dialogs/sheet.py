"""What all questions look like: a heading, what is asked, Cancel and one answer."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.gui.theme import scaled


class Sheet(QDialog):
    """A dialog that does not stop the program. `agree` is the answer; Enter presses it."""

    def __init__(self, parent: QWidget, title: str, heading: str = "") -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(24, 22, 24, 20)
        self.column.setSpacing(10)
        self.column.addWidget(self._heading(heading or title))
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setObjectName("cancelButton")
        self.cancel.setAutoDefault(False)
        self.cancel.clicked.connect(self.reject)
        self.agree = QPushButton()
        self.agree.setDefault(True)
        self.agree.setProperty("role", "primary")

    def _heading(self, text: str) -> QLabel:
        heading = QLabel(text)
        heading.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        heading.setWordWrap(True)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        return heading

    def add_hint(self, text: str) -> QLabel:
        """A grey paragraph."""
        hint = QLabel(text)
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        hint.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(hint)
        return hint

    def add_caption(self, text: str) -> QLabel:
        """A small grey line above what it names."""
        label = QLabel(text)
        label.setProperty("role", "muted")
        label.setFont(scaled(self.font(), 0.9))
        self.column.addWidget(label)
        return label

    def add_buttons(self, answer: str, name: str, *others: QPushButton) -> None:
        """The last row; `name` is the answer's object name, `others` stand apart at its left."""
        self.agree.setText(answer)
        self.agree.setObjectName(name)
        row = QHBoxLayout()
        for button in others:
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.cancel)
        row.addWidget(self.agree)
        self.column.addLayout(row)
