"""Removing a stretch of sound from a recording for good; the clock keeps its place."""

from __future__ import annotations

import os
from math import ceil, floor
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.session.audio import AudioReader
from app.session.convert import drafts, silence_part
from app.session.files import storage_failure
from app.session.tracks import WAV, copies, refuse_links
from app.session.wav import payload_of

if TYPE_CHECKING:
    from pathlib import Path

    from app.session.audio import Part

_ZEROS = bytes(1 << 20)


def erase_sound(folder: Path, start: float, end: float, track: str = "") -> None:
    """Silence a stretch (s) of `track`, or of all tracks, in every file that holds some of it.

    Returns once that is on the disk. Raises StorageError; doing it again is safe.
    """
    refuse_links(folder)
    _drop_copies(folder)
    reader = AudioReader(folder)
    for name in [track] if track else reader.tracks:
        for part in reader.parts(name):
            if part.start < end and start < part.end:
                _erase(part, start, end)


def _drop_copies(folder: Path) -> None:
    """What an interrupted conversion left would still have the sound."""
    try:
        for path in [*drafts(folder), *(copy for _, copy in copies(folder))]:
            path.unlink()
    except OSError as exc:
        raise storage_failure("The recording cannot be changed", exc) from exc


def _erase(part: Part, start: float, end: float) -> None:
    refuse_links(part.path)
    if part.path.suffix != WAV:
        silence_part(part.path, (max(0.0, start - part.start), end - part.start))
        return
    first = max(0, floor(start * part.rate) - part.first)
    last = min(part.frames, ceil(end * part.rate) - part.first)
    try:
        _overwrite(part.path, first, last)
    except OSError as exc:
        raise storage_failure(f"The recording {part.path.name} cannot be changed", exc) from exc


def _overwrite(path: Path, first: int, last: int) -> None:
    payload = payload_of(path)
    if payload is None:
        raise StorageError(f"The recording {path.name} cannot be changed: it is not one of ours")
    with path.open("r+b", buffering=0) as file:
        file.seek(payload.offset + first * payload.align)
        left = (last - first) * payload.align
        while left > 0:
            left -= file.write(_ZEROS[:left])
        os.fsync(file.fileno())
