"""How much of what was just said is to be forgotten: asked once, and that is the question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QRadioButton, QSpinBox

from app.gui.actions import FORGET_MINUTES
from app.gui.dialogs.sheet import Sheet

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

MOST_MINUTES = 600
SPIN_INSET = 8


class ForgetDialog(Sheet):
    """`chosen` gives seconds. `minutes` is what is proposed; 0 for another number."""

    chosen = Signal(float)

    def __init__(self, parent: QWidget, minutes: int) -> None:
        super().__init__(parent, self.tr("Forget what was just said"))
        self.setObjectName("forgetDialog")
        self.add_hint(
            self.tr(
                "Sound and text are removed for good, from the recording and from the transcript. "
                "This cannot be undone."
            )
        )
        self._choices = {n: QRadioButton(self._label(n)) for n in FORGET_MINUTES}
        self._other = QRadioButton(self.tr("The last"))
        self._spin = self._make_spin()
        for n, choice in self._choices.items():
            choice.setObjectName(f"forget{n}")
            self.column.addWidget(choice)
        self.column.addLayout(self._other_row())
        self._choices.get(minutes, self._other).setChecked(True)
        self.column.addSpacing(8)
        self.add_buttons(self.tr("Forget"), "forgetAgree")
        self.agree.setProperty("role", "danger")
        self.agree.setDefault(False)
        self.agree.setAutoDefault(False)  # Enter does not press what cannot be undone
        self.agree.clicked.connect(self._on_agreed)
        self.setMinimumWidth(430)

    def _label(self, minutes: int) -> str:
        if minutes == 1:
            return self.tr("The last minute")
        return self.tr("The last {n} minutes").format(n=minutes)

    def _make_spin(self) -> QSpinBox:
        spin = QSpinBox()
        spin.setObjectName("forgetMinutes")
        spin.setAccessibleName(self.tr("Minutes to forget"))
        spin.lineEdit().setTextMargins(SPIN_INSET, 0, 0, 0)
        spin.setRange(1, MOST_MINUTES)
        spin.setValue(2)
        spin.valueChanged.connect(lambda _n: self._other.setChecked(True))
        return spin

    def _other_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._other)
        row.addWidget(self._spin)
        row.addWidget(QLabel(self.tr("minutes")))
        row.addStretch(1)
        return row

    @property
    def seconds(self) -> float:
        """What is chosen now."""
        chosen = next((n for n, choice in self._choices.items() if choice.isChecked()), None)
        return 60.0 * (self._spin.value() if chosen is None else chosen)

    def _on_agreed(self) -> None:
        self.accept()
        self.chosen.emit(self.seconds)
