"""Which languages may be spoken, when it is more than one and not just any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.gui import languages
from app.gui.dialogs.language_list import LanguageList
from app.gui.dialogs.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtWidgets import QWidget


class LanguagesDialog(Sheet):
    """`chosen` gives two or more codes as the settings have them ("ko,en")."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, codes: Sequence[str]) -> None:
        super().__init__(parent, self.tr("Languages of the meeting"))
        self.setObjectName("languagesDialog")
        self.setMinimumSize(400, 460)
        self.add_hint(self.tr("Check two or more. Whatever is said is taken for one of them."))
        self.languages = LanguageList(languages.ordered(), codes)
        self.column.addWidget(self.languages, 1)
        self.add_buttons(self.tr("Use these"), "languagesUse")
        self.agree.clicked.connect(self._on_agreed)
        self.languages.changed.connect(self._update)
        self._update()

    def _update(self) -> None:
        self.agree.setEnabled(len(self.languages.codes) > 1)

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(",".join(self.languages.codes))
