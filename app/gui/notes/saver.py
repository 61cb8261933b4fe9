"""Writes notes in the background, in the order in which they were typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from app.gui.background import Background, Job
    from app.gui.messages import MessageCentre
    from app.gui.services import Meetings


class NotesSaver(QObject):
    """One write at a time; of what waits for the same meeting, only the newest is written."""

    saved = Signal(str)

    def __init__(
        self, meetings: Meetings, background: Background, messages: MessageCentre, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._meetings = meetings
        self._background = background
        self._messages = messages
        self._waiting: dict[str, str] = {}
        self._last: dict[str, str] = {}
        self._writing = False

    def save(self, meeting: str, markdown: str) -> None:
        self._waiting[meeting] = self._last[meeting] = markdown
        self._next()

    def pending(self, meeting: str) -> str | None:
        """Notes that are not on disk yet."""
        return self._waiting.get(meeting)

    def latest(self, meeting: str) -> str:
        """What was typed last since the program started, for a meeting that is being recorded."""
        return self._last.get(meeting, "")

    def know(self, meeting: str, markdown: str) -> None:
        """What is on disk, for a meeting that goes on; what was typed since then counts."""
        self._last.setdefault(meeting, markdown)

    def forget(self, meeting: str) -> None:
        """The meeting is deleted: its notes are not written any more."""
        self._waiting.pop(meeting, None)
        self._last.pop(meeting, None)

    def _next(self) -> None:
        if self._writing or not self._waiting:
            return
        meeting, markdown = next(iter(self._waiting.items()))
        self._writing = True

        def write(_job: Job) -> None:
            self._meetings.save_notes(meeting, markdown)

        def done() -> None:
            self._writing = False
            if self._waiting.get(meeting) == markdown:
                del self._waiting[meeting]
            self._next()

        def succeeded(_none: None) -> None:
            self.saved.emit(meeting)
            done()

        def failed(error: Exception) -> None:
            self._messages.show_error(error, key="notes")
            done()

        self._background.job("save notes", write).on_success(succeeded).on_failure(failed).start()
