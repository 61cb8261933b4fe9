"""What came back of meetings that were cut short, and what is to be done with each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.gui.dialogs.sheet import Sheet
from app.gui.meetings.model import duration_text
from app.gui.recording.sources import source_name
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.rows import RecoveredRow

MOST_HEIGHT = 460


class RecoveryDialog(Sheet):
    """A card for each meeting; what is not answered is kept. It does not hold up the window.

    `answered` gives an answer ("continue", "transcribe", "discard" or "keep") and a meeting.
    """

    answered = Signal(str, str)

    def __init__(self, parent: QWidget, rows: Sequence[RecoveredRow]) -> None:
        title = self.tr("{n} meetings came back").format(n=len(rows))
        if len(rows) == 1:
            title = self.tr("A meeting came back")
        super().__init__(parent, title)
        self.setObjectName("recoveryDialog")
        self.setWindowModality(Qt.WindowModality.NonModal)
        self.setMinimumWidth(620)
        self.add_hint(
            self.tr(
                "The program did not end properly last time. Everything that was saved until then "
                "has been put in order and is in the list of meetings."
            )
        )
        self._cards: dict[str, QFrame] = {}
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(10)
        for row in rows:
            self._add_card(row)
        self.column.addWidget(self._scroller(), 1)
        self.column.addSpacing(12)
        self.add_buttons(self.tr("Keep all") if len(rows) > 1 else self.tr("Keep"), "recoveryKeep")
        self.cancel.hide()
        self.agree.clicked.connect(self.accept)

    @property
    def waiting(self) -> list[str]:
        """Meetings about which nothing was said yet."""
        return list(self._cards)

    def settle(self, meeting: str) -> None:
        """The meeting's answer is being carried out."""
        card = self._cards.pop(meeting, None)
        if card is not None:
            card.hide()
            card.deleteLater()
        if not self._cards:
            self.accept()

    def _scroller(self) -> QScrollArea:
        inner = QWidget()
        inner.setLayout(self._column)
        inner.setObjectName("recoveryInner")
        area = QScrollArea()
        area.setObjectName("recoveryScroll")
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        wanted = inner.sizeHint().height() + 8
        area.setMinimumHeight(min(MOST_HEIGHT, wanted))
        return area

    def _add_card(self, row: RecoveredRow) -> None:
        card = QFrame()
        card.setObjectName("card")
        column = QVBoxLayout(card)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        title = QLabel(row.title)
        title.setTextFormat(Qt.TextFormat.PlainText)
        title.setFont(scaled(self.font(), 1.05, QFont.Weight.DemiBold))
        column.addWidget(title)
        for text, role in self._facts(row):
            label = QLabel(text)
            label.setProperty("role", role)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            column.addWidget(label)
        column.addSpacing(6)
        column.addLayout(self._buttons(row))
        self._cards[row.id] = card
        self._column.addWidget(card)

    def _facts(self, row: RecoveredRow) -> list[tuple[str, str]]:
        """Sentences with their look: what there is, then what was wrong."""
        if row.problem:
            problem = self.tr("It could not be put in order: {problem}.")
            facts = [(problem.format(problem=row.problem.rstrip(".")), "warn")]
            return [*facts, (row.hint, "muted")] if row.hint else facts
        parts = [
            f"{source_name(track.source)}: {duration_text(track.seconds)}" for track in row.tracks
        ]
        parts = parts or [self.tr("no sound")]
        parts.append(self.tr("1 line") if row.lines == 1 else self._lines(row.lines))
        found = [("  ·  ".join(parts), "muted")]
        if row.repaired or row.damaged:
            found.append((self._repairs(row), "muted"))
        for names, text in (
            (row.unusable, self.tr("Cannot be read: {names}")),
            (row.missing, self.tr("Missing: {names}")),
        ):
            if names:
                found.append((text.format(names=", ".join(names)), "warn"))
        return found

    def _lines(self, number: int) -> str:
        return self.tr("{n} lines").format(n=number) if number else self.tr("no lines")

    def _repairs(self, row: RecoveredRow) -> str:
        parts = []
        if row.repaired:
            parts.append(self.tr("files of the recording put right: {n}").format(n=row.repaired))
        if row.damaged:
            parts.append(self.tr("damaged records set aside: {n}").format(n=row.damaged))
        return self.tr("Repaired: {what}").format(what=", ".join(parts))

    def _buttons(self, row: RecoveredRow) -> QHBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        answers = [("keep", self.tr("Keep"))]
        if not row.problem:
            answers = [
                ("continue", self.tr("Continue")),
                ("transcribe", self.tr("Transcribe what is missing")),
                *answers,
            ]
        for answer, text in answers:
            buttons.addWidget(self._button(row, answer, text))
        buttons.addStretch(1)
        buttons.addWidget(self._button(row, "discard", self.tr("Discard…")))
        return buttons

    def _button(self, row: RecoveredRow, answer: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(f"{answer} {row.id}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self.answered.emit(answer, row.id))
        return button
