"""The names and terms of one meeting, asked for before it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import scaled
from app.vocabulary.terms import parse

if TYPE_CHECKING:
    from collections.abc import Sequence


class TermsDialog(QDialog):
    """A plain list; `chosen` gives the terms as a tuple when the user agrees."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, terms: Sequence[str]) -> None:
        super().__init__(parent)
        self.setObjectName("termsDialog")
        self.setWindowTitle(self.tr("Names and terms of this meeting"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(430, 380)
        self.list = QPlainTextEdit("\n".join(terms))
        self.list.setObjectName("meetingTerms")
        self.list.setAccessibleName(self.windowTitle())
        self.list.setPlaceholderText(self.tr("One name or term a line"))
        self.list.setTabChangesFocus(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(10)
        column.addWidget(self._heading())
        column.addWidget(self._hint())
        column.addWidget(self.list, 1)
        column.addLayout(self._buttons())

    def _heading(self) -> QLabel:
        heading = QLabel(self.windowTitle())
        heading.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        return heading

    def _hint(self) -> QLabel:
        hint = QLabel(
            self.tr(
                "People, products and words that will be said in the next meeting, the most "
                "important ones first. Those for every meeting are in the settings."
            )
        )
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        return hint

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        use = QPushButton(self.tr("Use for this meeting"))
        use.setObjectName("termsUse")
        use.setDefault(True)
        use.setProperty("role", "primary")
        use.clicked.connect(self._on_agreed)
        row.addWidget(cancel)
        row.addWidget(use)
        return row

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(parse(self.list.toPlainText()).terms)
