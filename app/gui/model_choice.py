"""Which models there are to choose from, and getting one that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.gui.dialogs.ask import LicenceQuestion, Question
from app.gui.messages import Button, Kind, Message
from app.gui.transcript.pane import Blank

if TYPE_CHECKING:
    from app.gui.desktop import Desktop
    from app.gui.downloads import DownloadCard
    from app.gui.recording.desk import RecordingDesk
    from app.gui.rows import ModelRow
    from app.gui.services import Services

STARTER = "base"
"""The model to suggest when there is none: many languages, and quick enough everywhere."""


class ModelChoice(QObject):
    """Keeps the model box true, and offers a download where a model is missing.

    `refreshed`: what is installed is known again.
    """

    refreshed = Signal()

    def __init__(
        self, desktop: Desktop, services: Services, downloads: DownloadCard, desk: RecordingDesk
    ) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._services = services
        self._downloads = downloads
        self._desk = desk
        self._rows: list[ModelRow] = []
        self._box = desktop.window.bar.models
        self._box.download_asked.connect(self.ask_download)
        desktop.window.centre.blank_pressed.connect(self._on_blank_pressed)
        downloads.finished.connect(self._on_downloaded)
        desktop.window.bar.speakers.clicked.connect(self._on_speakers)
        self._show([])

    def refresh(self) -> None:
        """Look again which models are installed."""
        models = self._services.models
        job = self._desktop.background.job("list models", lambda _job: models.rows())
        job.on_success(self._show).start()

    def _show(self, rows: list[ModelRow]) -> None:
        self._rows = rows
        self._box.show_models(rows, self._desktop.preferences.settings.recognition.model)
        self._desk.limit_languages()
        self._desktop.workspace.welcome(self._welcome())
        self.refreshed.emit()

    def _starter(self) -> ModelRow | None:
        """What to suggest; None if a model is there or nothing can be fetched."""
        if any(row.installed for row in self._rows) or not self._rows:
            return None
        return next((r for r in self._rows if r.name == STARTER), self._rows[0])

    def _welcome(self) -> Blank:
        starter = self._starter()
        if starter is None:
            return Blank(
                "captions",
                self.tr("Ready when you are"),
                self.tr(
                    "Press Record to start a meeting. Captions appear while people speak, "
                    "and everything stays on this computer."
                ),
            )
        return Blank(
            "download",
            self.tr("One step to live captions"),
            self.tr(
                "Captions need a speech model. You can also record without one: the sound is saved."
            ),
            self.tr("Download {name} ({size:.0f} MB)").format(
                name=starter.name, size=starter.size_mb
            ),
        )

    def say_no_captions(self) -> None:
        """A meeting is recorded without recognition: say why, and what helps."""
        starter = self._starter()
        button = None
        hint = self.tr("Only the sound is being recorded, as you chose.")
        if starter is not None:
            hint = self.tr("No model is installed, so only the sound is being recorded.")
            button = Button(
                self.tr("Download {name}").format(name=starter.name),
                lambda: self.ask_download(starter.name),
            )
        text = self.tr("Recording without captions.")
        brief = starter is None
        self._desktop.messages.show(Message(text, hint, Kind.INFO, "record", button, brief))

    def offer_voices(self) -> None:
        """Speakers are to be told apart: offer the model for that if it is missing."""

        def show(row: ModelRow) -> None:
            if not row.installed:
                self.ask(row)

        models = self._services.models
        job = self._desktop.background.job("find voices", lambda _job: models.voices())
        job.on_success(show).start()

    def ask_download(self, name: str) -> None:
        """Show what would be fetched, then fetch it."""
        row = next((row for row in self._rows if row.name == name), None)
        if row is not None:
            self.ask(row)

    def ask(self, row: ModelRow) -> None:
        """Show what would be fetched, with its conditions if it has any, then fetch it."""
        facts = [
            row.description,
            self.tr("Size: {size:.0f} MB").format(size=row.size_mb),
            self.tr("Licence: {licence}").format(licence=row.licence) if row.licence else "",
            self.tr("It is fetched once and then works without a connection."),
        ]
        title = self.tr("Download the model {name}?").format(name=row.name)
        text = "\n".join(fact for fact in facts if fact)
        parent = QApplication.activeWindow() or self._desktop.window
        question = (
            LicenceQuestion(parent, title, text, row.conditions)
            if row.conditions
            else Question(parent, title, text, self.tr("Download"))
        )
        question.then(lambda: self._downloads.start(row))

    def _on_blank_pressed(self) -> None:
        starter = self._starter()
        if starter is not None:
            self.ask_download(starter.name)

    def _on_speakers(self, on: bool) -> None:
        if on:
            self.offer_voices()

    def _on_downloaded(self, name: str) -> None:
        if any(row.name == name for row in self._rows):  # not what tells speakers apart
            self._desktop.preferences.change("recognition", model=name)
        self.refresh()
