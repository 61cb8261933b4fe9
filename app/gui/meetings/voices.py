"""Telling speakers apart in a whole recording, when a meeting has ended or when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.gui.messages import Button, Kind, Message

if TYPE_CHECKING:
    from app.gui.background import Background, BackgroundOp
    from app.gui.messages import MessageCentre
    from app.gui.preferences import Preferences
    from app.gui.services import Services
    from app.gui.window import MainWindow
    from app.gui.workspace import Workspace

KEY = "final-speakers"


class SpeakerSearch(QObject):
    """One meeting at a time. Until it is done, what was found live stays.

    `settled` gives a meeting about whose speakers nothing more will be found for now.
    """

    settled = Signal(str)

    def __init__(
        self,
        services: Services,
        background: Background,
        messages: MessageCentre,
        window: MainWindow,
        workspace: Workspace,
    ) -> None:
        super().__init__(window)
        self._meetings = services.meetings
        self._background = background
        self._messages = messages
        self._window = window
        self._workspace = workspace
        self._preferences: Preferences | None = None
        self._job: BackgroundOp[bool] | None = None
        self._title = ""
        window.meetings.speakers_asked.connect(self.search)

    def follow(self, preferences: Preferences) -> None:
        """Where the engine is chosen."""
        self._preferences = preferences

    def after_meeting(self, meeting: str) -> None:
        """A meeting has ended: look again, if its speakers were told apart and it is wanted."""
        if self._preferences is None:
            return
        chosen = self._preferences.settings.speakers
        if chosen.engine != "off" and chosen.final_pass and self._job is None:
            self.search(meeting)
        else:
            self.settled.emit(meeting)

    def search(self, meeting: str) -> None:
        """Start, and show how far it is."""
        row = self._window.meetings.model.row(meeting)
        if row is None:
            return
        if self._job is not None:
            text = self.tr("The speakers of another meeting are being told apart.")
            self._messages.show(Message(text, brief=True))
            return
        meetings, engine, self._title = self._meetings, self._engine(), row.title
        job = self._background.job(
            "find speakers",
            lambda job: meetings.find_speakers(
                meeting, engine, lambda share: job.progress(share, 1.0), job.cancelled
            ),
        )
        job.on_success(lambda done: self._on_done(meeting, done=done))
        job.on_failure(self._on_failed).on_progress(self._on_progress)
        self._job = job
        self._on_progress(0.0, 1.0)
        job.start()

    def _engine(self) -> str:
        chosen = self._preferences.settings.speakers.engine if self._preferences else "off"
        return "embedded" if chosen == "off" else chosen

    def _on_progress(self, done: float, total: float) -> None:
        job = self._job
        if job is None or job.cancelled:
            return
        text = self.tr("Telling the speakers of “{title}” apart… {share:.0f} %")
        text = text.format(title=self._title, share=100 * done / total)
        hint = self.tr("You can go on working.")
        stop = Button(self.tr("Cancel"), self._cancel)
        self._messages.show(Message(text, hint, Kind.INFO, KEY, stop))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._messages.dismiss(KEY)

    def _on_done(self, meeting: str, *, done: bool) -> None:
        self._job = None
        self.settled.emit(meeting)
        if not done:
            self._messages.dismiss(KEY)
            return
        text = self.tr("The speakers of “{title}” have been told apart.").format(title=self._title)
        self._messages.show(Message(text, kind=Kind.SUCCESS, key=KEY, brief=True))
        self._workspace.reload(meeting)

    def _on_failed(self, error: Exception) -> None:
        self._job = None
        self._messages.show_error(error, key=KEY)
