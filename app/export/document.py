"""What every export starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from app.session.store import Meeting
    from app.session.transcript import Line


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A meeting or a transcribed file. `duration` in seconds; `language` "" if unknown."""

    title: str
    started: datetime | None
    duration: float
    language: str
    lines: tuple[Line, ...]
    notes: str = ""


def document_of(meeting: Meeting) -> ExportDocument:
    """The stored `meeting` as something to export."""
    info = meeting.info
    is_one = info.language != "auto" and "," not in info.language
    heard = meeting.transcript.language or (info.language if is_one else "")
    return ExportDocument(
        info.title,
        info.started,
        info.duration_s,
        "en" if info.translated else heard,
        tuple(meeting.transcript.lines),
        meeting.notes,
    )
