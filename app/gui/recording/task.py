"""Whether what is spoken is written as it is, or in English: a box of the top bar."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox

from app.gui.recording.box import WideBox

TASKS = ("transcribe", "translate")


class TaskBox(WideBox):
    """A model that cannot translate disables the box; the wish comes back with another model."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("taskBox")
        self.setAccessibleName(self.tr("Written language"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._wanted = TASKS[0]
        self._unable = ""
        self.addItem(self.tr("As spoken"), TASKS[0])
        self.addItem(self.tr("In English"), TASKS[1])
        self.activated.connect(self._on_activated)
        self._show()

    @property
    def translate(self) -> bool:
        """Whether to write English, with the model that is chosen now."""
        return self._wanted == TASKS[1] and not self._unable

    def choose(self, task: str) -> None:
        self._wanted = task
        self._show()

    def limit(self, english_only: str) -> None:
        """`english_only` is the name of the model if it knows nothing but English, else ""."""
        self._unable = english_only
        self._show()

    def _show(self) -> None:
        self.setCurrentIndex(int(self.translate))
        self.setEnabled(not self._unable)
        text = self.tr("Write what is said as it is spoken, or translated to English")
        if self._unable:
            text = self.tr("The model {name} understands English only, so it cannot translate.")
            text = text.format(name=self._unable)
        self.setToolTip(text)

    def _on_activated(self, index: int) -> None:
        self._wanted = str(self.itemData(index))
        self.chosen.emit(self._wanted)
