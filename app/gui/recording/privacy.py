"""Forgetting what was said: the last minutes of a meeting, or lines of a saved one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.gui.dialogs.ask import Question
from app.gui.dialogs.forget import ForgetDialog
from app.gui.messages import Kind, Message
from app.gui.recording.state import stamp_text

if TYPE_CHECKING:
    from app.gui.background import Job
    from app.gui.desktop import Desktop
    from app.gui.services import Services

KEY = "forget"


class Privacy(QObject):
    """Asks once, then does it in the background and says that it is done."""

    def __init__(self, desktop: Desktop, services: Services) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._meetings = services.meetings
        self._messages = desktop.messages
        self._dialog: ForgetDialog | None = None
        desktop.actions.forget_asked.connect(self.ask)
        desktop.window.centre.view.forget_asked.connect(self.ask_lines)

    def ask(self, minutes: int) -> None:
        """Ask how much of the meeting that is being recorded is to be forgotten."""
        if self._desktop.recorder.live is None:
            return
        if self._dialog is not None:
            self._dialog.raise_()
            return
        self._dialog = ForgetDialog(self._desktop.window, minutes)
        self._dialog.chosen.connect(self.forget)
        self._dialog.finished.connect(self._on_closed)
        self._dialog.open()

    def _on_closed(self) -> None:
        self._dialog = None

    def forget(self, seconds: float) -> None:
        """Forget the last `seconds` of the live meeting; what it tells changes the screen."""
        live = self._desktop.recorder.live
        if live is None:
            return

        def forget(_job: Job) -> None:
            live.forget(seconds)

        job = self._desktop.background.job("forget", forget)
        job.on_success(lambda _none: self._say_done(seconds)).on_failure(self._on_failed).start()

    def _say_done(self, seconds: float) -> None:
        minutes = round(seconds / 60)
        text = self.tr("The last {n} minutes were forgotten.").format(n=minutes)
        if minutes == 1:
            text = self.tr("The last minute was forgotten.")
        self._messages.show(Message(text, kind=Kind.SUCCESS, key=KEY, brief=True))

    def _on_failed(self, error: Exception) -> None:
        self._messages.show_error(error, key=KEY)

    # Saved meetings

    def ask_lines(self, start: float, end: float, lines: int) -> None:
        """Ask whether a stretch (s) of the meeting on the screen is to be forgotten."""
        workspace = self._desktop.workspace
        meeting = workspace.shown
        if not meeting or workspace.live_shown:
            return
        title = self.tr("Forget {n} lines?").format(n=lines)
        if lines == 1:
            title = self.tr("Forget this line?")
        text = self.tr(
            "Sound and text from {start} to {end} are removed for good, also translations and "
            "corrections. This cannot be undone."
        ).format(start=stamp_text(start), end=stamp_text(end))
        question = Question(self._desktop.window, title, text, self.tr("Forget"))
        question.warn().then(lambda: self.forget_lines(meeting, start, end))

    def forget_lines(self, meeting: str, start: float, end: float) -> None:
        meetings = self._meetings

        def done(_none: None) -> None:
            text = self.tr("Sound and text of these lines were forgotten.")
            self._messages.show(Message(text, kind=Kind.SUCCESS, key=KEY, brief=True))
            self._desktop.workspace.reload(meeting)

        job = self._desktop.background.job(
            "forget lines", lambda _job: meetings.forget(meeting, start, end)
        )
        job.on_success(done).on_failure(self._on_failed).start()
