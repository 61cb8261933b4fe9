"""SubRip subtitles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.export.cues import cues_of

if TYPE_CHECKING:
    from app.export.document import ExportDocument


def render_srt(document: ExportDocument) -> str:
    document = document.shown()
    below = [[found.text for found in told] for told in document.below()]
    cues = cues_of(document.lines, document.heads(), below)
    blocks = [
        f"{number}\n{timestamp(cue.start_ms, ',')} --> {timestamp(cue.end_ms, ',')}\n"
        + "".join(f"{row.replace('-->', '→')}\n" for row in cue.rows)
        for number, cue in enumerate(cues, 1)
    ]
    return "\n".join(blocks)


def timestamp(milliseconds: int, point: str) -> str:
    """HH:MM:SS and milliseconds after `point`."""
    seconds, millis = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}{point}{millis:03d}"
