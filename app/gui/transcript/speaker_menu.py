"""What a person can say about who spoke: a name, that two are one, whose line it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QWidget

from app.core.events import SpeakerAssigned, SpeakersMerged
from app.gui.dialogs.sheet import Sheet
from app.gui.transcript.voices import name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.gui.rows import NameGuess
    from app.gui.transcript.line import Line
    from app.gui.transcript.lines import TranscriptLines

LONGEST_NAME = 60


class NameDialog(Sheet):
    """`chosen` gives the name; an empty one takes it away. `play_asked`: let the voice be heard."""

    chosen = Signal(str)
    play_asked = Signal()

    def __init__(self, parent: QWidget, called: str, name: str) -> None:
        heading = self.tr("Who is {speaker}?").format(speaker=called)
        super().__init__(parent, self.tr("Name of the speaker"), heading)
        self.setObjectName("speakerDialog")
        self.setMinimumWidth(360)
        self.field = QLineEdit(name)
        self.field.setObjectName("speakerName")
        self.field.setAccessibleName(self.windowTitle())
        self.field.setMaxLength(LONGEST_NAME)
        self.field.setPlaceholderText(called)
        self.column.addWidget(self.field)
        self._guess = self._make_guess()
        self.column.addWidget(self._guess, 0, Qt.AlignmentFlag.AlignLeft)
        self._note = self._make_note()
        self.column.addWidget(self._note)
        self._play = self._make_play()
        self.add_buttons(self.tr("Save"), "speakerSave", self._play)
        self.agree.clicked.connect(self._on_saved)

    def suggest(self, guess: NameGuess) -> None:
        """Offer a name, which one click accepts."""
        text = (
            self.tr("{name}? {share:.0f} %")
            if guess.likely
            else self.tr("Perhaps {name}? {share:.0f} %")
        )
        self._guess.setText(text.format(name=guess.name, share=100 * guess.confidence))
        self._guess.clicked.connect(lambda: self._accept_name(guess.name))
        self._guess.show()

    def offer_clip(self) -> None:
        """There is a recording, so the voice can be played."""
        self._play.show()

    def show_playing(self, *, on: bool) -> None:
        self._play.setEnabled(not on)
        self._play.setText(self.tr("Playing…") if on else self.tr("Play voice"))

    def show_problem(self, sentence: str) -> None:
        """Why there is nothing to hear, or no suggestion."""
        self._note.setText(sentence)
        self._note.setVisible(bool(sentence))

    def _make_guess(self) -> QPushButton:
        button = QPushButton()
        button.setObjectName("speakerGuess")
        button.setToolTip(self.tr("This voice sounds like one that you have named before"))
        button.setAutoDefault(False)
        button.hide()
        return button

    def _make_note(self) -> QLabel:
        label = QLabel()
        label.setObjectName("speakerNote")
        label.setProperty("role", "muted")
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.hide()
        return label

    def _make_play(self) -> QPushButton:
        button = QPushButton(self.tr("Play voice"))
        button.setObjectName("speakerPlay")
        button.setToolTip(self.tr("Hear three seconds of this voice"))
        button.setAutoDefault(False)
        button.clicked.connect(self.play_asked)
        button.hide()
        return button

    def _accept_name(self, name: str) -> None:
        self.field.setText(name)
        self._on_saved()

    def _on_saved(self) -> None:
        name = " ".join(self.field.text().split())
        self.accept()
        self.chosen.emit(name)


class SpeakerMenu(QMenu):
    """For one line; `said` gives the event that a choice means, `name_asked` who is to be named."""

    said = Signal(object)
    name_asked = Signal(int)

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
        self.name_asked.emit(self._line.speakers[0])
