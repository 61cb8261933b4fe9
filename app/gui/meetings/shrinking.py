"""Makes recordings smaller when nobody needs them, and says so quietly."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.errors import StorageError
from app.gui.recording.state import RecordingState
from app.gui.rows import Shrunk

if TYPE_CHECKING:
    from app.gui.background import BackgroundOp
    from app.gui.desktop import Desktop
    from app.gui.services import Services

logger = logging.getLogger(__name__)

OFF = "off"
AGAIN_MS = 15_000
"""How long a meeting that is needed for something else is left alone."""
MOST_TRIES = 40


class Shrinking(QObject):
    """One recording at a time, after the meeting has ended and its speakers were looked for.

    A meeting that is needed meanwhile comes first, and so does one that is being recorded: the
    conversion begins again later. What is not done when the program ends is done the next time.
    """

    def __init__(self, desktop: Desktop, services: Services) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._meetings = services.meetings
        self._waiting: dict[str, int] = {}  # meeting -> how often it was tried
        self._job: BackgroundOp[Shrunk] | None = None
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._next)
        desktop.recorder.state_changed.connect(self._on_state)

    def look(self) -> None:
        """Find what was left as it was recorded when the program ended."""
        wanted = self._desktop.preferences.settings.recording.compress != OFF
        if not wanted or self._desktop.quitting:
            return
        meetings = self._meetings

        def found(left: list[str]) -> None:
            for meeting in left:
                self.add(meeting)

        job = self._desktop.background.job("look at recordings", lambda _job: meetings.large())
        job.on_success(found).on_failure(lambda error: logger.info("not now: %s", error)).start()

    def _on_state(self, state: RecordingState) -> None:
        """What is being said now needs the computer more."""
        if state is RecordingState.IDLE:
            self._next()
        elif state is RecordingState.STARTING and self._job is not None:
            self._job.cancel()

    def add(self, meeting: str) -> None:
        """Convert the recording of a meeting that has ended, if that is wished."""
        if meeting and not self._desktop.quitting:
            self._waiting.setdefault(meeting, 0)
            self._next()

    @property
    def busy(self) -> bool:
        return self._job is not None

    def _next(self) -> None:
        to = self._desktop.preferences.settings.recording.compress
        idle = self._desktop.recorder.state is RecordingState.IDLE and self._job is None
        meeting = next(iter(self._waiting), "")
        if not idle or self._desktop.quitting or not meeting:
            return
        if to == OFF:
            self._waiting.clear()
            return
        meetings = self._meetings
        job = self._desktop.background.job(
            "shrink recording",
            lambda job: meetings.shrink(
                meeting, to, lambda share: job.progress(share, 1.0), job.cancelled
            ),
        )
        job.on_success(lambda what: self._on_done(meeting, what))
        job.on_failure(lambda error: self._on_failed(meeting, error))
        self._job = job.on_progress(lambda done, _total: self._show(meeting, done))
        self._show(meeting, 0.0)
        job.start()

    def _show(self, meeting: str, share: float) -> None:
        if self._job is None:
            return
        row = self._desktop.window.meetings.model.row(meeting)
        text = self.tr("Making the recording of “{title}” smaller… {share:.0f} %")
        title = row.title if row is not None else meeting
        self._desktop.window.meetings.show_work(text.format(title=title, share=100 * share))

    def _ended(self) -> None:
        self._job = None
        self._desktop.window.meetings.show_work("")

    def _on_done(self, meeting: str, what: Shrunk) -> None:
        self._ended()
        if what is Shrunk.LATER:
            self._later(meeting)
            return
        self._waiting.pop(meeting, None)
        self._next()

    def _on_failed(self, meeting: str, error: Exception) -> None:
        """The recording is as it was: in use, the disk is full, or it was deleted meanwhile."""
        self._ended()
        logger.info("the recording of %s stays as it is for now: %s", meeting, error)
        if isinstance(error, StorageError) and self._desktop.window.meetings.model.row(meeting):
            self._later(meeting)
        else:
            self._waiting.pop(meeting, None)
            self._next()

    def _later(self, meeting: str) -> None:
        """To the end of the queue, which goes on after a while."""
        tries = self._waiting.pop(meeting, 0) + 1
        if tries < MOST_TRIES:
            self._waiting[meeting] = tries
        self._again.start()
