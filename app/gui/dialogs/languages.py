"""Which languages may be spoken, when it is more than one and not just any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import fonts, languages
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW_HEIGHT = 28
CODE = Qt.ItemDataRole.UserRole


class LanguagesDialog(QDialog):
    """`chosen` gives two or more codes as the settings have them ("ko,en")."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, codes: Sequence[str]) -> None:
        super().__init__(parent)
        self.setObjectName("languagesDialog")
        self.setWindowTitle(self.tr("Languages of the meeting"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumSize(400, 460)
        self.list = self._make_list(codes)
        self.use = QPushButton(self.tr("Use these"))
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(10)
        heading = QLabel(self.windowTitle())
        heading.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        hint = QLabel(self.tr("Check two or more. Whatever is said is taken for one of them."))
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        for widget in (heading, hint, self._make_search(), self.list):
            column.addWidget(widget)
        column.addLayout(self._buttons())
        self.list.itemChanged.connect(lambda _item: self._update())
        self._update()

    @property
    def codes(self) -> list[str]:
        """What is checked."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [str(i.data(CODE)) for i in items if i.checkState() is Qt.CheckState.Checked]

    def _make_list(self, codes: Sequence[str]) -> QListWidget:
        """What is checked already stands first."""
        box = QListWidget()
        box.setObjectName("languagesList")
        box.setAccessibleName(self.tr("Languages"))
        for code in [*codes, *(code for code in languages.ordered() if code not in codes)]:
            item = QListWidgetItem(fonts.search_name(code), box)
            item.setData(CODE, code)
            item.setSizeHint(QSize(0, ROW_HEIGHT))
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            checked = code in codes
            item.setCheckState(Qt.CheckState.Checked if checked else Qt.CheckState.Unchecked)
        return box

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("languagesSearch")
        search.setPlaceholderText(self.tr("Search"))
        search.setAccessibleName(self.tr("Search languages"))
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._on_searched)
        return search

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        self.use.setObjectName("languagesUse")
        self.use.setDefault(True)
        self.use.setProperty("role", "primary")
        self.use.clicked.connect(self._on_agreed)
        row.addWidget(cancel)
        row.addWidget(self.use)
        return row

    def _on_searched(self, text: str) -> None:
        wanted = text.strip().casefold()
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setHidden(wanted not in item.text().casefold())

    def _update(self) -> None:
        self.use.setEnabled(len(self.codes) > 1)

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(",".join(self.codes))
