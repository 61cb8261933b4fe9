"""What helps to name a speaker: the voice to hear, and a name that was given to it before."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.core.errors import AppError
from app.core.events import SpeakerNamed

if TYPE_CHECKING:
    from app.core.events import Event
    from app.gui.background import Background, BackgroundOp
    from app.gui.preferences import Preferences
    from app.gui.rows import NameGuess
    from app.gui.services import Services
    from app.gui.transcript.speaker_menu import NameDialog
    from app.gui.workspace import Workspace

logger = logging.getLogger(__name__)


class Naming(QObject):
    """Stands by while a dialog asks for a name. Voices are remembered only if the user wants it."""

    def __init__(
        self,
        services: Services,
        background: Background,
        preferences: Preferences,
        workspace: Workspace,
    ) -> None:
        super().__init__(workspace)
        self._voices = services.voices
        self._background = background
        self._preferences = preferences
        self._workspace = workspace
        self._dialog: NameDialog | None = None
        self._playing: BackgroundOp[None] | None = None
        workspace.speaker_told.connect(self._on_told)

    def help(self, dialog: NameDialog, speaker: int) -> None:
        """Offer the voice of `speaker`, and a name for it if one was given before."""
        meeting = self._workspace.shown
        if not meeting:
            return
        self._dialog = dialog
        dialog.offer_clip()
        dialog.play_asked.connect(lambda: self._play(meeting, speaker))
        dialog.finished.connect(self._on_closed)
        if self._wanted and not dialog.field.text():
            self._ask(dialog, meeting, speaker)

    def learn(self, meeting: str) -> None:
        """Remember the voices of all who have names in a meeting."""
        if self._wanted:
            self._learn(meeting, None)

    @property
    def _wanted(self) -> bool:
        return self._preferences.settings.speakers.profiles

    def _on_told(self, meeting: str, event: Event) -> None:
        if self._wanted and isinstance(event, SpeakerNamed):
            self._learn(meeting, event.speaker)

    def _learn(self, meeting: str, speaker: int | None) -> None:
        voices = self._voices
        self._background.job("learn", lambda _job: voices.learn(meeting, speaker)).start()

    def _ask(self, dialog: NameDialog, meeting: str, speaker: int) -> None:
        def show(guess: NameGuess | None) -> None:
            if guess is not None and self._dialog is dialog:
                dialog.suggest(guess)

        voices = self._voices
        job = self._background.job("guess", lambda _job: voices.guess(meeting, speaker))
        job.on_success(show).on_failure(self._on_failed).start()

    def _play(self, meeting: str, speaker: int) -> None:
        voices, dialog = self._voices, self._dialog
        if self._playing is not None or dialog is None:
            return
        dialog.show_problem("")
        dialog.show_playing(on=True)
        job = self._background.job("play", lambda job: voices.play(meeting, speaker, job.cancelled))
        job.on_success(lambda _none: self._on_played()).on_failure(self._on_not_played)
        self._playing = job
        job.start()

    def _on_played(self) -> None:
        self._playing = None
        if self._dialog is not None:
            self._dialog.show_playing(on=False)

    def _on_not_played(self, error: Exception) -> None:
        self._on_played()
        self._on_failed(error)

    def _on_failed(self, error: Exception) -> None:
        """Said in the dialog: it lies over the window's messages."""
        if not isinstance(error, AppError):
            self._background.report(error)
        elif self._dialog is not None:
            self._dialog.show_problem(f"{error}. {error.hint}".rstrip())
        else:
            logger.info("nothing to hear: %s", error)  # nobody waits for it any more

    def _on_closed(self) -> None:
        self._dialog = None
        if self._playing is not None:
            self._playing.cancel()
