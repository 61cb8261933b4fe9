"""The names and terms of one meeting, asked for before it is recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.gui.dialogs.sheet import Sheet
from app.vocabulary.terms import parse

if TYPE_CHECKING:
    from collections.abc import Sequence


class TermsDialog(Sheet):
    """A plain list; `chosen` gives the terms as a tuple when the user agrees."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget, terms: Sequence[str]) -> None:
        super().__init__(parent, self.tr("Names and terms of this meeting"))
        self.setObjectName("termsDialog")
        self.setMinimumSize(430, 380)
        self.add_hint(
            self.tr(
                "People, products and words that will be said in the next meeting, the most "
                "important ones first. Those for every meeting are in the settings."
            )
        )
        self.list = QPlainTextEdit("\n".join(terms))
        self.list.setObjectName("meetingTerms")
        self.list.setAccessibleName(self.windowTitle())
        self.list.setPlaceholderText(self.tr("One name or term a line"))
        self.list.setTabChangesFocus(True)
        self.column.addWidget(self.list, 1)
        self.add_buttons(self.tr("Use for this meeting"), "termsUse")
        self.agree.clicked.connect(self._on_agreed)

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(parse(self.list.toPlainText()).terms)
