"""A list of languages to check, with a search above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.gui import fonts

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW_HEIGHT = 28
CODE = Qt.ItemDataRole.UserRole


class LanguageList(QWidget):
    """What is checked already stands first. `changed`: something was checked or unchecked."""

    changed = Signal()

    def __init__(self, offered: Sequence[str], checked: Sequence[str]) -> None:
        super().__init__()
        self.list = QListWidget()
        self.list.setObjectName("languagesList")
        self.list.setAccessibleName(self.tr("Languages"))
        self.search = QLineEdit()
        self.search.setObjectName("languagesSearch")
        self.search.setPlaceholderText(self.tr("Search"))
        self.search.setAccessibleName(self.tr("Search languages"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._on_searched)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        self.offer(offered, checked)
        self.list.itemChanged.connect(lambda _item: self.changed.emit())

    def offer(self, offered: Sequence[str], checked: Sequence[str]) -> None:
        """List other languages; says nothing of it."""
        with QSignalBlocker(self.list):
            self._fill(offered, checked)
        self._on_searched(self.search.text())

    def _fill(self, offered: Sequence[str], checked: Sequence[str]) -> None:
        self.list.clear()
        for code in [*checked, *(code for code in offered if code not in checked)]:
            item = QListWidgetItem(fonts.search_name(code), self.list)
            item.setData(CODE, code)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            is_on = code in checked
            item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)

    @property
    def codes(self) -> list[str]:
        """What is checked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [str(i.data(CODE)) for i in items if i.checkState() is Qt.CheckState.Checked]

    def _on_searched(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted not in item.text().casefold())
