"""What the lines say that nobody spoke."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.capture.sleepwatch import SLEPT, STOOD_STILL
from app.gui.transcript.line import Note

if TYPE_CHECKING:
    from app.gui.transcript.line import Line


def note_text(line: Line) -> str:
    """A sentence for the note that `line` is."""
    length = span_text(line.length)
    match line.note:
        case Note.GAP:
            return _gap_text(line.text).format(length=length)
        case Note.CAUGHT_UP:
            return _tr("Recognition paused here and caught up later")
        case Note.DEVICE if line.text:
            return _tr("From here on recorded from “{device}”").format(device=line.text)
        case Note.DEVICE:
            return _tr("From here on recorded from another device")
        case Note.FORGOTTEN:
            return _tr("{length} were removed here for good").format(length=length)
        case _:
            return _tr("{length} were recorded but not captioned live").format(length=length)


def span_text(seconds: float) -> str:
    """A short time in words: tenths of a second only where they matter."""
    if seconds < 10:
        return _tr("{n:.1f} s").format(n=seconds)
    if seconds < 120:
        return _tr("{n:.0f} s").format(n=seconds)
    return _tr("{n:.0f} min").format(n=seconds / 60)


def _gap_text(reason: str) -> str:
    if reason == SLEPT:
        return _tr("{length} are missing here: the computer slept")
    if reason == STOOD_STILL:
        return _tr("{length} are missing here: the program stood still")
    return _tr("{length} of audio were lost here")


def _tr(text: str) -> str:
    return QCoreApplication.translate("Transcript", text)
