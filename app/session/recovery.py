"""Bringing a meeting that was cut short (a crash, a kill, a power cut) into good order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app import __version__
from app.core.errors import MeetingDamagedError
from app.session.files import AUDIO, INFO, JOURNAL, storage_failure
from app.session.info import InfoFile, MeetingInfo, load_info
from app.session.journal import JournalContents, repair_journal
from app.session.session import counted
from app.session.transcript import Transcript
from app.session.wav import WavRepair, repair, track_files

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery did to one meeting, or, in `problem` and `hint`, why it could not."""

    id: str
    title: str = ""
    duration_s: float = 0.0
    lines: int = 0
    repairs: tuple[WavRepair, ...] = ()
    damaged_records: int = 0
    problem: str = ""
    hint: str = ""


def is_unfinished(folder: Path) -> bool:
    """Whether there is something to recover; raises StorageError if that cannot be read."""
    try:
        return load_info(folder).info.ended is None
    except MeetingDamagedError:
        return (folder / JOURNAL).exists() or (folder / AUDIO).exists()


def recover_folder(folder: Path) -> Recovered:
    """Repair the meeting in `folder` and mark it as ended. The caller holds its lock.

    Raises StorageError; what was repaired by then stays so, and doing it again is safe.
    """
    ended = _last_change(folder)  # before the repairs change the files
    tracks = track_files(folder / AUDIO).values()
    repairs = [[repair(path) for path in paths] for paths in tracks]
    contents = repair_journal(folder / JOURNAL)
    transcript = fold(contents)
    heard = max((sum(r.seconds for r in track) for track in repairs), default=0.0)
    file = _info_or_substitute(folder, ended)
    info = counted(file.info, transcript, max(heard, transcript.duration))
    file.saved(folder, replace(info, ended=max(ended, info.started)))
    return Recovered(
        info.id,
        info.title,
        info.duration_s,
        info.lines,
        tuple(r for track in repairs for r in track if r.header_fixed or not r.usable),
        len(contents.damaged),
    )


def fold(contents: JournalContents) -> Transcript:
    """The transcript that the journal tells."""
    transcript = Transcript()
    for event in contents.events:
        transcript.apply(event)
    return transcript


def _last_change(folder: Path) -> datetime:
    """When something was last recorded."""
    paths = [folder / JOURNAL, *(folder / AUDIO).glob("*.wav")]
    try:
        times = [path.stat().st_mtime for path in paths if path.exists()]
        return datetime.fromtimestamp(max(times, default=folder.stat().st_mtime)).astimezone()
    except OSError as exc:
        raise storage_failure(f"The meeting {folder.name} cannot be read", exc) from exc


def _info_or_substitute(folder: Path, ended: datetime) -> InfoFile:
    """session.json, or what can be known without it; the damaged file is kept beside it."""
    try:
        return load_info(folder)
    except MeetingDamagedError:
        _set_aside(folder)
    started = started_of(folder.name) or ended
    return InfoFile(MeetingInfo(folder.name, "", started, "", "", "auto", __version__))


def _set_aside(folder: Path) -> None:
    try:
        if (folder / INFO).exists():
            (folder / INFO).replace(folder / "session.damaged.json")
    except OSError as exc:
        raise storage_failure(f"The meeting {folder.name} cannot be repaired", exc) from exc


def started_of(meeting_id: str) -> datetime | None:
    """The start as written in a meeting's ID, or None if it is not of our making."""
    try:
        return datetime.strptime(meeting_id[:15], "%Y%m%d-%H%M%S").astimezone()
    except ValueError:
        return None
