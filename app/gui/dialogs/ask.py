"""Questions with two answers, in the program's look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QPlainTextEdit

from app.gui.dialogs.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget


class Question(Sheet):
    """Asks without stopping the program; `agreed` is emitted on yes."""

    agreed = Signal()

    def __init__(self, parent: QWidget, title: str, text: str, answer: str) -> None:
        super().__init__(parent, title)
        self.setObjectName("question")
        self.add_hint(text)
        self.column.addSpacing(10)
        self.add_buttons(answer, "agreeButton")
        self.agree.clicked.connect(self._on_agreed)
        self.setMinimumWidth(430)

    def warn(self) -> Question:
        """What is asked cannot be undone: a red button, and Enter does not press it."""
        self.agree.setDefault(False)
        self.agree.setAutoDefault(False)
        self.agree.setProperty("role", "danger")
        self.cancel.setFocus()
        return self

    def then(self, action: Callable[[], object]) -> Question:
        """Run `action` on yes; show the question now."""
        self.agreed.connect(action)
        self.open()
        return self

    def _on_agreed(self) -> None:
        self.accept()
        self.agreed.emit()


class LicenceQuestion(Question):
    """Asks with conditions that must be accepted: there is no answer before they are."""

    def __init__(self, parent: QWidget, title: str, text: str, conditions: str) -> None:
        super().__init__(parent, title, text, self.tr("Download"))
        self.setObjectName("licenceQuestion")
        words = QPlainTextEdit(conditions)
        words.setObjectName("licenceText")
        words.setAccessibleName(self.tr("Conditions of the licence"))
        words.setReadOnly(True)
        words.setTabChangesFocus(True)
        words.setFixedHeight(130)
        self.accepted_box = QCheckBox(self.tr("I have read these conditions and accept them"))
        self.accepted_box.setObjectName("licenceAccept")
        self.accepted_box.toggled.connect(self.agree.setEnabled)
        self.agree.setEnabled(False)
        before = self.column.count() - 1
        self.column.insertWidget(before, words, 1)
        self.column.insertWidget(before + 1, self.accepted_box)
        self.setMinimumWidth(520)
