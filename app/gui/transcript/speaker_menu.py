"""What a person can say about who spoke: a name, that two are one, whose line it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.core.events import SpeakerAssigned, SpeakerNamed, SpeakersMerged
from app.gui.theme import scaled
from app.gui.transcript.voices import name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.gui.transcript.lines import Line, TranscriptLines

LONGEST_NAME = 60


class NameDialog(QDialog):
    """`chosen` gives the name; an empty one takes it away."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget, called: str, name: str) -> None:
        super().__init__(parent)
        self.setObjectName("speakerDialog")
        self.setWindowTitle(self.tr("Name of the speaker"))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(360)
        self.field = QLineEdit(name)
        self.field.setObjectName("speakerName")
        self.field.setAccessibleName(self.windowTitle())
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setPlaceholderText(called)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 20)
        column.setSpacing(10)
        heading = QLabel(self.tr("Who is {speaker}?").format(speaker=called))
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        column.addWidget(heading)
        column.addWidget(self.field)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        cancel = QPushButton(self.tr("Cancel"))
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.reject)
        save = QPushButton(self.tr("Save"))
        save.setObjectName("speakerSave")
        save.setDefault(True)
        save.setProperty("role", "primary")
        save.clicked.connect(self._on_saved)
        row.addWidget(cancel)
        row.addWidget(save)
        return row

    def _on_saved(self) -> None:
        name = " ".join(self.field.text().split())
        self.accept()
        self.chosen.emit(name)


class SpeakerMenu(QMenu):
    """For one line; `said` gives the event that a choice means."""

    said = Signal(object)

    def __init__(self, parent: QWidget, lines: TranscriptLines, row: int) -> None:
        super().__init__(parent)
        self.setObjectName("speakerMenu")
        self._lines = lines
        self._line = lines[row]
        if self._line.speakers:
            self._add_about(self._line.speakers[0])
        self._add_owners(self._line)

    def _add_about(self, speaker: int) -> None:
        names = self._lines.names
        called = name_of(speaker, names)
        self.addAction(self.tr("Name {speaker}…").format(speaker=called), self.ask_name)
        others = [who for who in self._lines.speakers if who != speaker]
        merge = self.addMenu(self.tr("{speaker} is the same as").format(speaker=called))
        merge.setEnabled(bool(others))
        for who in others:
            merge.addAction(name_of(who, names), self._saying(SpeakersMerged(speaker, who)))

    def _add_owners(self, line: Line) -> None:
        owners = self.addMenu(self.tr("This line was said by"))
        current = line.speakers[0] if line.speakers else None
        known = self._lines.speakers
        for who in known:
            action = owners.addAction(
                name_of(who, self._lines.names),
                self._saying(SpeakerAssigned(line.utterance, who, line.span)),
            )
            action.setCheckable(True)
            action.setChecked(who == current)
        new = max(known, default=-1) + 1
        if known:
            owners.addSeparator()
        owners.addAction(
            self.tr("Somebody else"),
            self._saying(SpeakerAssigned(line.utterance, new, line.span)),
        )

    def _saying(self, event: Event) -> Callable[[], None]:
        return lambda: self.said.emit(event)

    def ask_name(self) -> None:
        """Ask for the name of the line's speaker."""
        speaker = self._line.speakers[0]
        names = self._lines.names
        parent = self.parentWidget()
        assert parent is not None
        dialog = NameDialog(parent.window(), name_of(speaker, names), names.get(speaker, ""))
        dialog.chosen.connect(lambda name: self.said.emit(SpeakerNamed(speaker, name)))
        dialog.open()
