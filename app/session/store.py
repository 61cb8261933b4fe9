"""All meetings of a data folder."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from app import __version__
from app.core.errors import DataFolderError, MeetingMissingError, StorageError
from app.core.paths import writable_folder
from app.platforms.filelock import FileLock, is_held
from app.session.audio import AudioReader
from app.session.convert import convert_folder
from app.session.files import AUDIO, JOURNAL, LOCK, NOTES, read_text, storage_failure, sync_folder
from app.session.info import TRANSCRIBE, InfoFile, MeetingInfo, load_info
from app.session.journal import Journal, read_journal, repair_journal
from app.session.recovery import (
    Recovered,
    fold,
    has_leftovers,
    has_nothing,
    is_unfinished,
    put_in_order,
    recover_folder,
    refuse_links_in,
    started_of,
)
from app.session.session import Session, counted
from app.session.space import free_bytes, require_space
from app.session.tracks import is_link, missing_parts, refuse_links

if TYPE_CHECKING:
    import builtins
    from collections.abc import Iterator
    from pathlib import Path

    from app.session.convert import Conversion, Converted
    from app.session.space import FreeSpace
    from app.session.transcript import Transcript

_DELETED = ".deleted-"


class MeetingState(StrEnum):
    COMPLETE = "complete"
    RUNNING = "running"
    INTERRUPTED = "interrupted"
    DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class MeetingSummary:
    """A meeting in the list. A damaged one has no title, perhaps not even a start."""

    id: str
    title: str
    started: datetime | None
    duration_s: float
    lines: int
    words: int
    state: MeetingState


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as read. `damaged_records` counts journal lines that could not be used.

    `missing` names files that were there once; what is left can be read nevertheless.
    """

    folder: Path
    info: MeetingInfo
    transcript: Transcript
    notes: str
    audio: AudioReader
    damaged_records: int = 0
    missing: tuple[str, ...] = ()


class SessionStore:
    """The folder of all meetings. Any number of processes may use it at the same time.

    Every look at a meeting's lock happens under the store's own lock, so that a look is never
    mistaken for a meeting that is running.
    """

    def __init__(self, root: Path, free: FreeSpace = free_bytes) -> None:
        """`root` need not exist before `create`."""
        self._root = root
        self._free = free

    def create(
        self, title: str, source: str, model: str, language: str, task: str = TRANSCRIBE
    ) -> Session:
        """Start a meeting now. Raises DataFolderError or StorageError; nothing is left then."""
        writable_folder(self._root)
        require_space(self._root, 0, self._free)
        started = datetime.now().astimezone()
        with self._guard():
            folder = self._new_folder(started)
            lock = _locked(folder)
            info = MeetingInfo(folder.name, title, started, source, model, language, __version__)
            info = replace(info, task=task)
            try:
                _sync_names(self._root)
                return _open(folder, InfoFile(info).saved(folder, info), lock)
            except BaseException:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)
                raise

    def list(self) -> builtins.list[MeetingSummary]:
        """All meetings, the newest first. Raises DataFolderError if the folder is unreadable."""
        with self._guard():
            summaries = [_summary(folder) for folder in self._folders()]
        return sorted(summaries, key=_age, reverse=True)

    def open(self, meeting_id: str) -> Session:
        """Open a meeting to change it. Its journal is put in order first.

        Raises MeetingMissingError, MeetingDamagedError, or StorageError if it is in use.
        """
        folder, lock = self._taken(meeting_id)
        try:
            return _open(folder, load_info(folder), lock)
        except BaseException:
            lock.release()
            raise

    def resume(self, meeting_id: str, *sources: str) -> Session:
        """Open a meeting that has ended or was cut off, to go on with it at `Session.begin`.

        That recording from `sources` starts again is noted. Raises what `open` does, and
        DiskFullError.
        """
        folder, lock = self._taken(meeting_id)
        try:
            require_space(folder, 0, self._free)
            if is_unfinished(folder):
                recover_folder(folder)
            session = _open(folder, load_info(folder), lock)
            session.go_on(*sources)
        except BaseException:
            lock.release()
            raise
        return session

    def convert(self, meeting_id: str, how: Conversion) -> Converted:
        """Make the recording of a meeting that has ended smaller; it cannot be changed meanwhile.

        Raises MeetingMissingError, MeetingDamagedError, or StorageError if it is in use.
        """
        folder, lock = self._taken(meeting_id)
        with lock:
            if load_info(folder).info.ended is None:
                raise StorageError(
                    f"The meeting {folder.name} was cut short and must be repaired first",
                    hint="Run 'captionist meetings recover'.",
                )
            put_in_order(folder)
            return convert_folder(folder / AUDIO, how)

    def read(self, meeting_id: str) -> Meeting:
        """Read a meeting, even one that is running, without changing anything.

        Raises MeetingMissingError, MeetingDamagedError or StorageError.
        """
        folder = self._find(meeting_id)
        info = load_info(folder).info
        contents = read_journal(folder / JOURNAL)
        transcript = fold(contents)
        audio = AudioReader(folder / AUDIO)
        if info.ended is None:
            info = counted(info, transcript, max(transcript.duration, audio.duration()))
        notes = read_text(folder / NOTES)
        missing = _missing(folder, info)
        return Meeting(folder, info, transcript, notes, audio, len(contents.damaged), missing)

    def recover(self) -> builtins.list[Recovered]:
        """Repair every meeting that has not ended and that nobody is recording, however old.

        A meeting that cannot be repaired is reported and does not stop the others. Only then is
        anything cleaned up, also a folder whose meeting was cut off before it began.
        """
        found = [self._recover(folder) for folder in self._folders()]
        for folder in filter(has_nothing, self._folders()):
            self._remove_empty(folder)
        for leftover in self._root.glob(f"{_DELETED}*"):
            shutil.rmtree(leftover, ignore_errors=True)
        return [recovered for recovered in found if recovered is not None]

    def delete(self, meeting_id: str) -> None:
        """Remove a meeting for good. Raises MeetingMissingError, or StorageError if in use."""
        folder = self._find(meeting_id)
        doomed = self._root / f"{_DELETED}{folder.name}"
        refuse_links(folder, folder / LOCK)
        with self._guard():
            _locked(folder).release()
            try:
                folder.rename(doomed)
            except OSError as exc:
                raise storage_failure(f"The meeting {folder.name} cannot be deleted", exc) from exc
        shutil.rmtree(doomed, ignore_errors=True)  # `recover` removes what is left

    def _recover(self, folder: Path) -> Recovered | None:
        try:
            if not (is_unfinished(folder) or has_leftovers(folder)):
                return None
            refuse_links_in(folder)
            with self._guard():
                lock = _try_lock(folder)
            if lock is None:
                return None
            with lock:
                # It may have ended between the first look and the lock.
                if is_unfinished(folder):
                    return recover_folder(folder)
                put_in_order(folder)
                return None
        except StorageError as exc:
            return Recovered(folder.name, problem=str(exc), hint=exc.hint)

    def _remove_empty(self, folder: Path) -> None:
        """Whoever makes a meeting holds the store's lock until there is something in it."""
        with self._guard():
            lock = None if is_link(folder) else _try_lock(folder)
            if lock is not None:
                lock.release()
                shutil.rmtree(folder, ignore_errors=True)

    def _taken(self, meeting_id: str) -> tuple[Path, FileLock]:
        """The folder of a meeting, and its lock; nothing in it leads elsewhere."""
        folder = self._find(meeting_id)
        refuse_links_in(folder)
        with self._guard():
            return folder, _locked(folder)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Hold the store's lock. Where nothing can be written, nobody can be recording either."""
        lock = None
        if self._root.is_dir():
            with contextlib.suppress(OSError):
                lock = FileLock.acquire(self._root / ".lock", wait=True)
        try:
            yield
        finally:
            if lock is not None:
                lock.release()

    def _folders(self) -> builtins.list[Path]:
        """The meetings' folders, oldest first."""
        try:
            every = sorted(self._root.iterdir()) if self._root.exists() else []
            return [path for path in every if path.is_dir() and not path.name.startswith(".")]
        except OSError as exc:
            reason = exc.strerror or str(exc)
            raise DataFolderError(f"The folder {self._root} cannot be read: {reason}") from exc

    def _find(self, meeting_id: str) -> Path:
        """The folder of an exact ID or the only one that begins so. The ID is never a path."""
        folders = self._folders()
        matches = [f for f in folders if f.name == meeting_id] or [
            f for f in folders if meeting_id and f.name.startswith(meeting_id)
        ]
        if not matches:
            raise MeetingMissingError(f"There is no meeting {meeting_id!r}")
        if len(matches) > 1:
            raise MeetingMissingError(
                f"{len(matches)} meetings begin with {meeting_id!r}", hint="Give more of the ID."
            )
        return matches[0]

    def _new_folder(self, started: datetime) -> Path:
        stamp = started.strftime("%Y%m%d-%H%M%S")
        while True:
            folder = self._root / f"{stamp}-{secrets.token_hex(2)}"
            try:
                folder.mkdir(mode=0o700)  # what is said in a meeting is not for everybody
            except FileExistsError:
                continue
            except OSError as exc:
                raise storage_failure("The meeting cannot be created", exc) from exc
            return folder


def _try_lock(folder: Path) -> FileLock | None:
    try:
        return FileLock.acquire(folder / LOCK)
    except OSError as exc:
        raise storage_failure(f"The meeting {folder.name} cannot be changed", exc) from exc


def _locked(folder: Path) -> FileLock:
    lock = _try_lock(folder)
    if lock is None:
        raise StorageError(
            f"The meeting {folder.name} is being recorded or changed",
            hint="Stop it first, or wait until the other program has finished.",
        )
    return lock


def _sync_names(root: Path) -> None:
    """A power cut must not take a new meeting's folder, and with it all that is synced there."""
    try:
        sync_folder(root)
    except OSError as exc:
        raise storage_failure("The meeting cannot be created", exc) from exc


def _missing(folder: Path, info: MeetingInfo) -> tuple[str, ...]:
    journal = [JOURNAL] if info.lines and not (folder / JOURNAL).exists() else []
    return (*journal, *missing_parts(folder / AUDIO))


def _open(folder: Path, info_file: InfoFile, lock: FileLock) -> Session:
    put_in_order(folder)
    contents = repair_journal(folder / JOURNAL)
    return Session(folder, info_file, Journal(folder / JOURNAL), fold(contents), lock)


def _age(summary: MeetingSummary) -> tuple[float, str]:
    return (summary.started.timestamp() if summary.started else 0.0, summary.id)


def _summary(folder: Path) -> MeetingSummary:
    """Quick for a meeting that has ended: only session.json is read."""
    try:
        info = load_info(folder).info
        state = MeetingState.COMPLETE
        if info.ended is None:
            state = MeetingState.RUNNING if is_held(folder / LOCK) else MeetingState.INTERRUPTED
            transcript = fold(read_journal(folder / JOURNAL))
            info = counted(info, transcript, transcript.duration)
    except StorageError:
        started = started_of(folder.name)
        return MeetingSummary(folder.name, "", started, 0.0, 0, 0, MeetingState.DAMAGED)
    return MeetingSummary(
        info.id, info.title, info.started, info.duration_s, info.lines, info.words, state
    )
