"""A meeting that is being written. `Session` is the only writer of its folder."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from app import __version__
from app.core.errors import StorageError
from app.core.events import (
    CaptionEdited,
    FinalCaption,
    MeetingForgot,
    MeetingPaused,
    MeetingStarted,
    TranslationEdited,
)
from app.session.audio import AudioReader
from app.session.files import AUDIO
from app.session.forget import (
    Stretch,
    done_forgetting,
    forget_sound,
    intend,
    scrubbed,
    touched_by,
    without_stretch,
)
from app.session.journal import is_lasting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from app.core.events import Event
    from app.platforms.filelock import FileLock
    from app.session.info import InfoFile, MeetingInfo
    from app.session.journal import Journal
    from app.session.transcript import Transcript

    Eraser = Callable[[float, float], object]

_DURABLE = (FinalCaption, CaptionEdited, TranslationEdited, MeetingPaused, MeetingStarted)


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
        """`begin` is where its clock goes on: 0 unless it is a meeting that is resumed."""
        self.begin = 0.0
        self.folder = folder
        self.transcript = transcript
        self._info_file = info_file
        self._journal = journal
        self._file_lock = lock
        self._guard = threading.Lock()
        self._forgetting = threading.Lock()
        self._forgotten = transcript.forgotten
        self._touched: set[int] = set()  # utterances some of which was forgotten
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

    def record(self, event: Event) -> Event | None:
        """Journal `event` if it is to last, then apply it to the transcript.

        Returns it as it was kept: without what was said in a stretch that is forgotten, None if
        nothing is left. Raises StorageError if it cannot be kept, or comes after `close`; it is
        not applied then.
        """
        with self._guard:
            kept = self._without_forgotten(event)
            if kept is None:
                return None
            if is_lasting(kept):
                self._require_open()
                self._journal.append(kept, durable=isinstance(kept, _DURABLE))
            elif not self._closed:
                self._journal.sync_if_due()
            self.transcript.apply(kept)
            return kept

    def started(self, *sources: str) -> MeetingStarted:
        """Note that recording from `sources` begins now, at `begin`; raises StorageError."""
        clock = datetime.now().astimezone().isoformat(timespec="seconds")
        event = MeetingStarted(self.begin, clock, __version__, sources)
        self.record(event)
        return event

    def go_on(self, *sources: str) -> None:
        """Take up a meeting again that has ended, behind its end; raises StorageError."""
        heard = AudioReader(self.audio_folder).duration()
        self.begin = max(heard, self.transcript.duration, self.info.duration_s)
        with self._guard:
            self._require_open()
            self._save(replace(self.info, ended=None))
        self.started(*(sources or (self.info.source,)))

    def forget(self, start: float, end: float, *erasers: Eraser) -> MeetingForgot:
        """Remove sound and text between two times (s) for good, and note that it was done.

        `erasers` are the `forget` of recorders that are writing now. What a dying program leaves
        undone is done when the meeting is opened or recovered. Raises StorageError.
        """
        if not 0 <= start < end:
            raise StorageError(f"From {start:g} to {end:g} seconds there is nothing to forget")
        gone = Stretch(start, end)
        with self._forgetting:
            with self._guard:
                self._require_open()
                intend(self.folder, gone)
                told = self._forget_text(gone)
            for erase in erasers:
                erase(start, end)
            forget_sound(self.folder, gone)
            done_forgetting(self.folder)
        return told

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
            duration = max(duration, self.begin)
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

    def _forget_text(self, gone: Stretch) -> MeetingForgot:
        """From now on nothing that was said in `gone` is kept, and what was kept goes."""
        for utterance in self.transcript.utterances_between(gone.start, gone.end):
            line = self.transcript.line(utterance)
            if line is not None and gone.meets(line.start, line.end):
                self._touched.add(utterance)
        told = MeetingForgot(gone.start, gone.end)
        self._forgotten.append(told)
        self._journal.rewrite(lambda raw: without_stretch(raw, gone))
        self.transcript.apply(told)
        return told

    def _without_forgotten(self, event: Event) -> Event | None:
        """What of an event that was on its way may still be kept."""
        if isinstance(event, CaptionEdited | TranslationEdited):
            return event  # a person writes it knowing what was forgotten
        kept: Event | None = event
        for stretch in self._forgotten:
            gone = Stretch(stretch.start, stretch.end)
            utterance = None if kept is None else touched_by(kept, gone)
            if utterance is not None:
                self._touched.add(utterance)
            if kept is not None:
                kept = scrubbed(kept, gone, frozenset(self._touched))
        return kept

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
