"""Going on with a meeting that was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.gui.messages import Kind, Message
from app.gui.recording.state import RecordingState

if TYPE_CHECKING:
    from app.gui.desktop import Desktop
    from app.gui.recording.desk import RecordingDesk
    from app.gui.rows import OpenedMeeting
    from app.gui.services import Services


class Resuming(QObject):
    """Reads the meeting, then starts the recording behind its end."""

    def __init__(self, desktop: Desktop, services: Services, desk: RecordingDesk) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._meetings = services.meetings
        self._desk = desk
        self._before: OpenedMeeting | None = None
        desktop.window.meetings.continue_asked.connect(self.go_on)

    def go_on(self, meeting: str) -> bool:
        """False, and it is said why, if that cannot begin now."""
        if self._desktop.recorder.state is not RecordingState.IDLE:
            text = self.tr("A meeting is being recorded. Continue this one afterwards.")
            self._desktop.messages.show(Message(text, kind=Kind.INFO, key="continue", brief=True))
            return False
        self._desktop.window.notes.flush()
        meetings = self._meetings

        def start(opened: OpenedMeeting) -> None:
            if self._desktop.recorder.state is RecordingState.IDLE:
                self._before = opened
                row = opened.row
                self._desk.start(resume=row.id, begin=row.duration_s, title=row.title)

        job = self._desktop.background.job("read meeting", lambda _job: meetings.read(meeting))
        job.on_success(start).start()
        return True

    def take_before(self, meeting: str) -> OpenedMeeting | None:
        """What a meeting that has just begun had before; None for a new one."""
        before, self._before = self._before, None
        return before if before is not None and before.row.id == meeting else None
