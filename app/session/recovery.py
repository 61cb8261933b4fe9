"""Bringing a meeting that was cut short (a crash, a kill, a power cut) into good order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from app import __version__
from app.core.errors import MeetingDamagedError
from app.session.audio import AudioReader
from app.session.convert import drafts, tidy
from app.session.files import AUDIO, DAMAGED, FORGET, INFO, JOURNAL, LOCK, storage_failure
from app.session.forget import go_on_forgetting
from app.session.info import InfoFile, MeetingInfo, load_info
from app.session.journal import JournalContents, read_journal, repair_journal
from app.session.session import counted
from app.session.tracks import (
    WAV,
    copies,
    missing_parts,
    part_number,
    refuse_links,
    track_files,
    track_places,
)
from app.session.transcript import Transcript
from app.session.wav import WavRepair, payload_of, repair

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.audio import AudioFormat


@dataclass(frozen=True, slots=True)
class TrackFound:
    """So many `seconds` of a track can be heard."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery did to one meeting, or, in `problem` and `hint`, why it could not.

    `repairs` tells of files that were set right or cannot be used, `missing` names those that
    were recorded and are gone.
    """

    id: str
    title: str = ""
    duration_s: float = 0.0
    lines: int = 0
    tracks: tuple[TrackFound, ...] = ()
    repairs: tuple[WavRepair, ...] = ()
    missing: tuple[str, ...] = ()
    damaged_records: int = 0
    problem: str = ""
    hint: str = ""


def is_unfinished(folder: Path) -> bool:
    """Whether there is something to recover; raises StorageError if that cannot be read."""
    try:
        return load_info(folder).info.ended is None
    except MeetingDamagedError:
        return (folder / JOURNAL).exists() or (folder / AUDIO).exists()


def has_nothing(folder: Path) -> bool:
    """Whether a meeting was cut off before a word about it was written."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError:
        return False
    rest = {name for name in names if name != LOCK and not name.startswith(f".{INFO}.")}
    return started_of(folder.name) is not None and not rest


def recover_folder(folder: Path) -> Recovered:
    """Repair the meeting in `folder` and mark it as ended. The caller holds its lock.

    Raises StorageError; what was repaired by then stays so, and doing it again is safe.
    """
    refuse_links_in(folder)
    ended = _last_change(folder)  # before the repairs change the files
    contents = repair_journal(folder / JOURNAL)
    repairs = repair_tracks(folder / AUDIO)
    put_in_order(folder)
    transcript = fold(read_journal(folder / JOURNAL))
    reader = AudioReader(folder / AUDIO)
    tracks = tuple(TrackFound(name, reader.duration(name)) for name in reader.tracks)
    heard = max((track.seconds for track in tracks), default=0.0)
    file = _info_or_substitute(folder, ended)
    info = counted(file.info, transcript, max(heard, transcript.duration))
    file.saved(folder, replace(info, ended=max(ended, info.started)))
    return Recovered(
        info.id,
        info.title,
        info.duration_s,
        info.lines,
        tracks,
        tuple(r for r in repairs if r.header_fixed or r.cut_bytes or not r.usable),
        tuple(missing_parts(folder / AUDIO)),
        len(contents.damaged),
    )


def repair_tracks(folder: Path) -> list[WavRepair]:
    """Repair every file in the audio `folder`; what is compressed can only be looked at."""
    return [
        repair(path, _format_of(folder, track, paths, path))
        if path.suffix == WAV
        else _looked_at(path, track, reader)
        for reader in [AudioReader(folder)]
        for track, paths in track_files(folder).items()
        for path in paths
    ]


def _format_of(folder: Path, track: str, paths: list[Path], path: Path) -> AudioFormat | None:
    """In what a part was recorded: as was noted then, or else like another part of its track."""
    place = track_places(folder, track).get(part_number(path))
    if place is not None:
        return place.format
    try:
        if payload_of(path) is not None:
            return None  # it says so itself
        others = [payload_of(other) for other in paths if other.suffix == WAV]
    except OSError as exc:
        raise storage_failure(f"The recording {path.name} cannot be repaired", exc) from exc
    return next((other.format for other in others if other is not None), None)


def _looked_at(path: Path, track: str, reader: AudioReader) -> WavRepair:
    for part in reader.parts(track):
        if part.path == path:
            seconds = part.frames / part.rate
            return WavRepair(path.name, usable=True, frames=part.frames, seconds=seconds)
    return WavRepair(path.name, usable=False)


def has_leftovers(folder: Path) -> bool:
    """Whether a conversion or a wish to forget was cut off in a meeting; quick."""
    audio = folder / AUDIO
    return (folder / FORGET).exists() or bool(drafts(audio)) or bool(copies(audio))


def put_in_order(folder: Path) -> None:
    """Finish what was cut off in a meeting. The caller holds its lock; raises StorageError."""
    refuse_links_in(folder)
    if (folder / FORGET).exists():
        go_on_forgetting(folder)
    if (folder / AUDIO).is_dir():
        tidy(folder / AUDIO)


def refuse_links_in(folder: Path) -> None:
    """Raises StorageError if a meeting, or anything in it that is written, is a link."""
    names = (INFO, JOURNAL, DAMAGED, FORGET, LOCK, AUDIO)
    refuse_links(folder, *(folder / name for name in names))
    files = [path for paths in track_files(folder / AUDIO).values() for path in paths]
    refuse_links(*files)


def fold(contents: JournalContents) -> Transcript:
    """The transcript that the journal tells."""
    transcript = Transcript()
    for event in contents.events:
        transcript.apply(event)
    return transcript


def _last_change(folder: Path) -> datetime:
    """When something was last recorded."""
    tracks = track_files(folder / AUDIO).values()
    paths = [folder / JOURNAL, *(path for paths in tracks for path in paths)]
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
