"""What is left of a recording after a fault, compared with what went into it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.core.events import AudioGap, FinalCaption, WordsCommitted
from app.drill.pattern import FORM, recorded_numbers, runs_missing
from app.drill.reports import FileSynced, FolderSynced
from app.session.audio import AudioReader
from app.session.files import JOURNAL
from app.session.journal import read_journal
from app.session.store import SessionStore
from app.session.tracks import track_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from app.core.events import Event
    from app.drill.reports import Report

    Blocks = Mapping[str, list[tuple[int, int]]]

COUNTED = (FinalCaption, WordsCommitted)


@dataclass(frozen=True, slots=True)
class Left:
    """What one recording lost. `problems` are sentences about what could not be read.

    `lost_s` is that of the track that lost most; `gaps` are those that the journal tells of.
    """

    meetings: int = 0
    lost_s: float = 0.0
    captions_lost: int = 0
    gaps: tuple[AudioGap, ...] = ()
    problems: tuple[str, ...] = ()
    events: tuple[Event, ...] = field(default=(), repr=False)


def recovered(root: Path) -> tuple[str, ...]:
    """Recover all meetings of `root` as the program does at its start; what went wrong."""
    try:
        found = SessionStore(root).recover() if root.is_dir() else []
    except AppError as exc:
        return (str(exc),)
    problems = [each.problem for each in found if each.problem]
    unusable = [f"{r.file} cannot be used" for each in found for r in each.repairs if not r.usable]
    return (*problems, *unusable)


def left_of(root: Path, delivered: Blocks, told: Iterable[Event], *, counted: bool = True) -> Left:
    """Compare the only meeting in `root` with what was `delivered` and `told`.

    Without numbers in the sound (not `counted`) what is missing at the end is the loss.
    """
    problems: list[str] = []
    try:
        store = SessionStore(root)
        summaries = store.list() if root.is_dir() else []
        if not summaries:
            return Left(lost_s=_seconds(delivered), captions_lost=len(_counted(told)))
        meeting = store.read(summaries[0].id)
        if meeting.missing:
            problems.append(f"{', '.join(meeting.missing)} missing")
        events = read_journal(meeting.folder / JOURNAL).events
        lost = _lost(meeting.folder / "audio", delivered, counted=counted)
    except (AppError, OSError, RuntimeError) as exc:  # soundfile's errors are RuntimeErrors
        return Left(problems=(f"{type(exc).__name__}: {exc}",))
    kept = set(events)
    captions = sum(event not in kept for event in _counted(told))
    gaps = tuple(event for event in events if isinstance(event, AudioGap))
    return Left(len(summaries), lost, captions, gaps, tuple(problems), tuple(events))


def _counted(told: Iterable[Event]) -> list[Event]:
    return [event for event in told if isinstance(event, COUNTED)]


def _seconds(delivered: Blocks) -> float:
    frames = [sum(count for _, count in blocks) for blocks in delivered.values()]
    return max(frames, default=0) / FORM.rate


def _lost(audio: Path, delivered: Blocks, *, counted: bool) -> float:
    if not counted:
        reader = AudioReader(audio)
        known = set(reader.tracks)
        return max(
            (
                max(f + n for f, n in blocks) / FORM.rate
                - (reader.duration(track_name(track)) if track_name(track) in known else 0.0)
                for track, blocks in delivered.items()
            ),
            default=0.0,
        )
    lost = [runs_missing(blocks, recorded_numbers(audio, t)) for t, blocks in delivered.items()]
    return max((sum(n for _, n in runs) for runs in lost), default=0) / FORM.rate


def power_cut(root: Path, reports: Iterable[Report], copy: Path) -> None:
    """Copy `root` to `copy` as a disk would have it that holds only what was synced.

    Files are cut to their last synced length; names that no synced folder has are not there.
    """
    sizes: dict[int, int] = {}
    names: dict[int, dict[str, int]] = {}
    for report in reports:
        if isinstance(report.fact, FileSynced):
            sizes[report.fact.inode] = max(report.fact.size, sizes.get(report.fact.inode, 0))
        if isinstance(report.fact, FolderSynced):
            # of two threads the one that looked first may tell last
            names.setdefault(report.fact.inode, {}).update(report.fact.names)
    _copy_synced(root, copy, sizes, names)


def _copy_synced(
    folder: Path, copy: Path, sizes: dict[int, int], names: dict[int, dict[str, int]]
) -> None:
    copy.mkdir(parents=True)
    there = names.get(folder.stat().st_ino, {})
    for path in sorted(folder.iterdir()):
        if path.name not in there:
            continue
        if path.is_dir():
            _copy_synced(path, copy / path.name, sizes, names)
            continue
        shutil.copy2(path, copy / path.name)
        with (copy / path.name).open("r+b") as file:
            file.truncate(min(path.stat().st_size, sizes.get(path.stat().st_ino, 0)))
