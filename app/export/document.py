"""What every export starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from app.core.events import SpeakerTurn
    from app.session.speakers import Speaker
    from app.session.store import Meeting
    from app.session.transcript import Line


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A meeting or a transcribed file. `duration` in seconds; `language` "" if unknown.

    `speakers` and `turns` are empty where nobody told speakers apart.
    """

    title: str
    started: datetime | None
    duration: float
    language: str
    lines: tuple[Line, ...]
    notes: str = ""
    speakers: tuple[Speaker, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()

    def names(self) -> dict[int, str]:
        """What to call each speaker."""
        return {speaker.number: speaker.called() for speaker in self.speakers}

    def voices(self) -> list[str]:
        """Who spoke each of the lines: "Anna", "Anna and Ben", or "" if nobody knows."""
        names = self.names()
        return [
            " and ".join(names.get(who, f"Speaker {who + 1}") for who in line.speakers)
            for line in self.lines
        ]

    def heads(self) -> list[str]:
        """What to write before each of the lines: who spoke, where that changes, else ""."""
        return list(_changes(self.voices()))


def _changes(voices: list[str]) -> Iterator[str]:
    before = ""
    for voice in voices:
        yield f"{voice}:" if voice and voice != before else ""
        before = voice


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
        tuple(meeting.transcript.speakers),
        meeting.transcript.turns,
    )
