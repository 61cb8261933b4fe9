"""The files of a meeting's tracks: their names, and where each lies on the meeting's clock.

A track is a run of parts `<track>-0001.wav`, `<track>-0002.wav`, …; any of them may have become a
`.flac` or an `.opus`. `<track>.parts.json` tells of each part where it begins and in what format
it was recorded, so that neither a missing part nor a destroyed header moves or loses another.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import msgspec

from app.core.audio import AudioFormat
from app.core.errors import StorageError
from app.core.paths import write_atomically
from app.session.files import storage_failure

if TYPE_CHECKING:
    from pathlib import Path

WAV, FLAC, OPUS = ".wav", ".flac", ".opus"
SUFFIXES = (WAV, FLAC, OPUS)
"""Of one part in several formats the first of these counts: it is what the others came from."""

_FILE_NAME = re.compile(r"(.+)-(\d{4,})(\.wav|\.flac|\.opus)")


@dataclass(frozen=True, slots=True)
class PartPlace:
    """Part `number` of a track begins with frame `first` of the meeting, at its own `rate`."""

    number: int
    first: int
    rate: int
    channels: int

    @property
    def start(self) -> float:
        """Seconds of the meeting."""
        return self.first / self.rate

    @property
    def format(self) -> AudioFormat:
        return AudioFormat(self.rate, self.channels)


def track_name(source: str) -> str:
    """`source` made fit for a file name on every system."""
    return re.sub(r"[^\w-]+", "-", source).strip("-")[:40] or "audio"


def part_name(track: str, number: int, suffix: str = WAV) -> str:
    return f"{track}-{number:04d}{suffix}"


def part_number(path: Path) -> int:
    """The number in the name of a part; raises ValueError for any other file."""
    found = _FILE_NAME.fullmatch(path.name)
    if found is None:
        raise ValueError(f"{path.name} is no part of a track")
    return int(found[2])


def track_files(folder: Path) -> dict[str, list[Path]]:
    """The parts of each track in `folder`, in the order of time, each once."""
    tracks: dict[str, dict[int, Path]] = {}
    for path in sorted(_parts_in(folder), key=lambda p: SUFFIXES.index(p.suffix), reverse=True):
        found = _FILE_NAME.fullmatch(path.name)
        if found is not None:
            tracks.setdefault(found[1], {})[int(found[2])] = path
    return {
        track: [parts[number] for number in sorted(parts)]
        for track, parts in sorted(tracks.items())
    }


def copies(folder: Path) -> list[tuple[Path, Path]]:
    """Parts that are there twice: what counts, and what is or was to replace it."""
    originals = {p for paths in track_files(folder).values() for p in paths}
    by_stem = {path.stem: path for path in originals}
    return [
        (by_stem[path.stem], path) for path in sorted(_parts_in(folder)) if path not in originals
    ]


def _parts_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if _FILE_NAME.fullmatch(path.name)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise storage_failure("The recording cannot be read", exc) from exc


def track_places(folder: Path, track: str) -> dict[int, PartPlace]:
    """What is known of each part of `track` by its number; nothing if that cannot be read."""
    try:
        raw = json.loads(_index(folder, track).read_bytes())
        places = msgspec.convert(raw["parts"], list[PartPlace])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}
    return {place.number: place for place in places if place.rate > 0 and place.channels > 0}


def note_place(folder: Path, track: str, place: PartPlace) -> None:
    """Add `place` to what is known of `track`; raises OSError."""
    known = {**track_places(folder, track), place.number: place}
    parts = [asdict(known[number]) for number in sorted(known)]
    text = json.dumps({"version": 1, "parts": parts}, indent=1) + "\n"
    write_atomically(_index(folder, track), text.encode())


def _index(folder: Path, track: str) -> Path:
    return folder / f"{track}.parts.json"


def missing_parts(folder: Path) -> list[str]:
    """Names of parts that were recorded and are there no more."""
    there = {path.stem for path in _parts_in(folder)}
    names = [path.name.removesuffix(".parts.json") for path in _indexes(folder)]
    return [
        part_name(track, number)
        for track in names
        for number in sorted(track_places(folder, track))
        if part_name(track, number, "") not in there
    ]


def _indexes(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.name.endswith(".parts.json"))
    except OSError:  # no recording: nothing is known of any part
        return []


def is_link(path: Path) -> bool:
    """Whether `path` leads somewhere else: a symbolic link, or a junction of Windows."""
    is_junction = getattr(os.path, "isjunction", lambda _path: False)
    return path.is_symlink() or bool(is_junction(path))


def refuse_links(*paths: Path) -> None:
    """Raises StorageError if one of `paths` leads elsewhere: nothing is changed through a link."""
    for path in paths:
        if is_link(path):
            raise StorageError(
                f"{path.name} is a link to another place and is not changed",
                hint="Replace the link by the file or folder itself, then try again.",
            )
