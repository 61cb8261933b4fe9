"""Saved meetings as the screen shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import AudioGap, DeviceChanged
from app.gui.rows import (
    MarkKind,
    MeetingRow,
    MeetingState,
    OpenedMeeting,
    RecoveredRow,
    SavedLine,
    SavedMark,
    TrackRow,
)
from app.gui.translation_adapter import spoken_languages

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.core.events import Event
    from app.session.line import Line
    from app.session.recovery import Recovered
    from app.session.store import Meeting, MeetingSummary
    from app.session.transcript import Transcript


def row_of_summary(summary: MeetingSummary) -> MeetingRow:
    """As the list shows it."""
    states = {
        "complete": MeetingState.COMPLETE,
        "running": MeetingState.RECORDING,
        "interrupted": MeetingState.INTERRUPTED,
        "damaged": MeetingState.DAMAGED,
    }
    return MeetingRow(
        summary.id,
        summary.title or summary.id,
        summary.started,
        summary.duration_s,
        states[summary.state.value],
    )


def opened_meeting(meeting: Meeting) -> OpenedMeeting:
    """As the middle of the window shows it; its journal is read once more for what else was."""
    info = meeting.info
    lines = tuple(
        SavedLine(
            *(line.utterance, line.start, line.text, line.edited, line.speakers, line.part),
            span=_span(line),
            translations=line.translations,
            end=line.end,
        )
        for line in meeting.transcript.lines
    )
    row = MeetingRow(info.id, info.title or info.id, info.started, info.duration_s)
    marks = (*_marks(meeting.transcript), *_changes(_events_of(meeting)))
    falls = len(meeting.transcript.falls)
    names = {who.number: who.name for who in meeting.transcript.speakers if who.name}
    spoken = spoken_languages(meeting)
    return OpenedMeeting(row, lines, meeting.notes, meeting.folder, marks, falls, names, spoken)


def _span(line: Line) -> tuple[float, float] | None:
    return (line.words[0].start, line.words[-1].end) if line.words else None


def _marks(transcript: Transcript) -> Iterator[SavedMark]:
    for gap in transcript.gaps:
        if isinstance(gap, AudioGap):
            yield SavedMark(MarkKind.LOST, gap.start, gap.end, gap.reason)
        else:
            yield SavedMark(MarkKind.SKIPPED, gap.start, gap.end)
    for part in transcript.caught_up:
        yield SavedMark(MarkKind.CAUGHT_UP, part.start, part.end)
    for gone in transcript.forgotten:
        yield SavedMark(MarkKind.FORGOTTEN, gone.start, gone.end)


def _events_of(meeting: Meeting) -> Iterable[Event]:
    from app.session.files import JOURNAL
    from app.session.journal import read_journal

    return read_journal(meeting.folder / JOURNAL).events


def _changes(events: Iterable[Event]) -> Iterator[SavedMark]:
    for event in events:
        if isinstance(event, DeviceChanged):
            yield SavedMark(MarkKind.DEVICE, event.at, event.at, event.device)


def recovered_row(found: Recovered) -> RecoveredRow:
    """What recovery did to one meeting."""
    return RecoveredRow(
        *(found.id, found.title or found.id, found.problem, found.hint, found.duration_s),
        lines=found.lines,
        tracks=tuple(TrackRow(track.name, track.seconds) for track in found.tracks),
        repaired=sum(repair.usable for repair in found.repairs),
        unusable=tuple(repair.file for repair in found.repairs if not repair.usable),
        missing=found.missing,
        damaged=found.damaged_records,
    )
