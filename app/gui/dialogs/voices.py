"""The list of remembered voices, below the settings for speakers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.gui.rows import VoiceRow
    from app.gui.services import Voices

HEIGHT = 110


class VoicesList(QWidget):
    """Shows and forgets voices. `report` is told what cannot be read or changed."""

    def __init__(self, voices: Voices, report: Callable[[AppError], object]) -> None:
        super().__init__()
        self._voices = voices
        self._report = report
        self._broken = False
        self.list = QListWidget()
        self.list.setObjectName("voicesList")
        self.list.setAccessibleName(self.tr("Remembered voices"))
        self.list.setFixedHeight(HEIGHT)
        self.list.setSpacing(2)
        self.list.itemSelectionChanged.connect(self._show_buttons)
        self._forget = QPushButton(self.tr("Forget"))
        self._forget.setObjectName("voiceForget")
        self._forget.setAutoDefault(False)
        self._forget.clicked.connect(self._on_forget)
        self._clear = QPushButton(self.tr("Forget all"))
        self._clear.setObjectName("voicesClear")
        self._clear.setAutoDefault(False)
        self._clear.clicked.connect(lambda: self._change(self._voices.clear))
        self._lay_out()
        self.refresh()

    def refresh(self) -> None:
        """Read the list again."""
        self.list.clear()
        try:
            rows = self._voices.rows()
        except AppError as exc:
            self._report(exc)
            rows = []
            self._broken = True
        else:
            self._broken = False
        for row in rows:
            item = QListWidgetItem(self._text(row))
            item.setData(Qt.ItemDataRole.UserRole, row.name)
            self.list.addItem(item)
        self._show_buttons()

    def _text(self, row: VoiceRow) -> str:
        known = self.tr("{name}  ·  {seconds:.0f} s of speech").format(
            name=row.name, seconds=row.seconds
        )
        if row.problem:
            return self.tr("{voice}  ·  not used: {why}").format(voice=known, why=row.problem)
        return known

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        label = QLabel(
            self.tr(
                "Remembered voices stay on this computer. They only suggest names in later "
                "meetings."
            )
        )
        label.setProperty("role", "muted")
        label.setWordWrap(True)
        label.setBuddy(self.list)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._forget)
        buttons.addWidget(self._clear)
        column.addWidget(label)
        column.addWidget(self.list)
        column.addLayout(buttons)

    def _show_buttons(self) -> None:
        self._forget.setEnabled(bool(self.list.selectedItems()))
        self._clear.setEnabled(self.list.count() > 0 or self._broken)

    def _on_forget(self) -> None:
        names = [str(item.data(Qt.ItemDataRole.UserRole)) for item in self.list.selectedItems()]
        for name in names:
            self._change(partial(self._voices.remove, name))

    def _change(self, change: Callable[[], None]) -> None:
        try:
            change()
        except AppError as exc:
            self._report(exc)
        self.refresh()
