"""A meeting that is being written. `Session` is the only writer of its folder."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.core.events import CaptionEdited, FinalCaption, MeetingPaused
from app.session.files import AUDIO
from app.session.journal import is_lasting

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from app.core.events import Event
    from app.platforms.filelock import FileLock
    from app.session.info import InfoFile, MeetingInfo
    from app.session.journal import Journal
    from app.session.transcript import Transcript

_DURABLE = (FinalCaption, CaptionEdited, MeetingPaused)


class Session:
    """A meeting open for writing; made by `SessionStore`. All methods are thread-safe.

    Whoever has it must `close` it. A session that was never finished counts as interrupted.
    """

    def __init__(
        self,
        folder: Path,
        info_file: InfoFile,
        journal: Journal,
        transcript: Transcript,
        lock: FileLock,
    ) -> None:
        self.folder = folder
        self.transcript = transcript
        self._info_file = info_file
        self._journal = journal
        self._file_lock = lock
        self._guard = threading.Lock()
        self._closed = False

    @property
    def id(self) -> str:
        return self._info_file.info.id

    @property
    def info(self) -> MeetingInfo:
        return self._info_file.info

    @property
    def audio_folder(self) -> Path:
        """Where the recorder writes; it may not exist yet."""
        return self.folder / AUDIO

    def record(self, event: Event) -> None:
        """Journal `event` if it is to last, then apply it to the transcript.

        Raises StorageError if it cannot be kept, or comes after `close`; it is not applied then.
        """
        with self._guard:
            if is_lasting(event):
                self._require_open()
                self._journal.append(event, durable=isinstance(event, _DURABLE))
            elif not self._closed:
                self._journal.sync_if_due()
            self.transcript.apply(event)

    def rename(self, title: str) -> None:
        """Raises StorageError; the old title is then kept."""
        with self._guard:
            self._require_open()
            self._save(replace(self.info, title=title))

    def recognised_with(self, model: str, task: str) -> None:
        """A meeting recorded without a model has been recognised; raises StorageError."""
        with self._guard:
            self._require_open()
            if not self.info.model:
                self._save(replace(self.info, model=model, task=task))

    def finish(self, duration: float) -> None:
        """The meeting is over and complete, `duration` seconds long; raises StorageError."""
        with self._guard:
            self._require_open()
            self._journal.sync()
            ended = datetime.now().astimezone()
            self._save(replace(counted(self.info, self.transcript, duration), ended=ended))

    def close(self) -> None:
        """Release the files and the lock, whatever happens; safe to call twice.

        Raises StorageError if what was said last could not be saved.
        """
        with self._guard:
            if self._closed:
                return
            self._closed = True
            try:
                self._journal.close()
                self._save_counts()
            finally:
                self._file_lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _require_open(self) -> None:
        if self._closed:
            raise StorageError("The meeting is closed")

    def _save_counts(self) -> None:
        """Edits of a finished meeting change its number of words."""
        if self.info.ended is not None:
            info = counted(self.info, self.transcript, self.info.duration_s)
            if info != self.info:
                self._save(info)

    def _save(self, info: MeetingInfo) -> None:
        self._info_file = self._info_file.saved(self.folder, info)


def counted(info: MeetingInfo, transcript: Transcript, duration: float) -> MeetingInfo:
    """`info` with duration, lines and words as they are now."""
    lines = transcript.lines
    words = sum(len(line.text.split()) for line in lines)
    return replace(info, duration_s=round(duration, 3), lines=len(lines), words=words)
