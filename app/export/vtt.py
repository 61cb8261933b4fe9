"""WebVTT subtitles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.export.cues import cues_of
from app.export.srt import timestamp

if TYPE_CHECKING:
    from app.export.document import ExportDocument

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def render_vtt(document: ExportDocument) -> str:
    blocks = ["WEBVTT\n"]
    for cue in cues_of(document.lines):
        times = f"{timestamp(cue.start_ms, '.')} --> {timestamp(cue.end_ms, '.')}\n"
        blocks.append(times + "".join(f"{row.translate(_ESCAPES)}\n" for row in cue.rows))
    return "\n".join(blocks)
