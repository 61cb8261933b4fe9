"""The loudest that the program can say: a dialog over everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton

from app.gui.dialogs.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.gui.messages import Message


class Alert(Sheet):
    """A message that must be seen, with what helps."""

    def __init__(self, parent: QWidget, message: Message) -> None:
        super().__init__(parent, self.tr("Captionist"), message.text)
        self.setObjectName("alert")
        self.add_hint(message.hint)
        self.column.addSpacing(10)
        help_button = message.button
        others = []
        if help_button is not None:
            other = QPushButton(help_button.text)
            other.setObjectName("alertHelp")
            other.setAutoDefault(False)
            other.clicked.connect(lambda: help_button.action())
            others.append(other)
        self.add_buttons(self.tr("I understand"), "alertAgree", *others)
        self.cancel.hide()
        self.agree.clicked.connect(self.accept)
        self.setMinimumWidth(430)
