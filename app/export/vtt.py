"""WebVTT subtitles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.export.cues import cues_of
from app.export.srt import timestamp

if TYPE_CHECKING:
    from app.export.document import ExportDocument

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render_vtt(document: ExportDocument) -> str:
    """Who spoke is told by voice tags."""
    document = document.shown()
    below = [[found.text for found in told] for told in document.below()]
    blocks = ["WEBVTT\n"]
    voices = [_tag(voice) for voice in document.voices()]
    for cue in cues_of(document.lines, below=below):
        times = f"{timestamp(cue.start_ms, '.')} --> {timestamp(cue.end_ms, '.')}\n"
        rows = "".join(f"{row.translate(_ESCAPES)}\n" for row in cue.rows)
        blocks.append(times + voices[cue.line] + rows)
    return "\n".join(blocks)


def _tag(voice: str) -> str:
    """A tag ends at its first ">", and its name at the end of the row."""
    return f"<v {' '.join(voice.translate(_ESCAPES).split())}>" if voice else ""
