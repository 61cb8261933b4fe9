"""Recordings with references: a `refs.tsv` beside audio files.

Columns `file`, `language` (a region is no matter), `transcript`; others are ignored. True word
times come from `<stem>.words.tsv` or `words.tsv` (columns start, end, word, and file in the
latter), the times of longer stretches of the transcript from `<stem>.segments.tsv` (start, end,
text); all in seconds. A column speaker, where there is one, says whose they are.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import MediaError
from app.core.languages import spoken_code

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "Give a refs.tsv with the columns file, language and transcript."
_TIMES_HINT = "Its columns are start, end and word (or text), in seconds."


@dataclass(frozen=True, slots=True)
class TimedText:
    """A word or a stretch of a transcript; seconds. `speaker` is "" if that is not known."""

    text: str
    start: float
    end: float
    speaker: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """Sound and what is said in it. `parts`, where there are some, know when that was."""

    path: Path
    language: str
    transcript: str
    words: tuple[TimedText, ...] = ()
    segments: tuple[TimedText, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A recording and where it is heard in a longer one (seconds of that)."""

    recording: Recording
    start: float
    end: float


def read_manifest(path: Path) -> list[Recording]:
    """The recordings of `path` (or of its `refs.tsv`, if it is a folder). Raises MediaError."""
    file = path / "refs.tsv" if path.is_dir() else path
    rows = _rows(file)
    if not rows or not all(map(_is_recording, rows)):
        raise MediaError(f"{file.name} is not a list of recordings", hint=_HINT)
    shared = _shared_words(file.parent / "words.tsv")
    return [_recording(file.parent, row, shared) for row in rows]


def _recording(folder: Path, row: dict[str, str], shared: dict[str, list[TimedText]]) -> Recording:
    path = folder / row["file"]
    words = shared.get(row["file"]) or words_beside(path)
    segments = _timed(path.with_suffix(".segments.tsv"), "text")
    language = spoken_code(row["language"])
    return Recording(path, language, row["transcript"], tuple(words), tuple(segments))


def _is_recording(row: dict[str, str]) -> bool:
    return _is_complete(row, "file", "language", "transcript") and bool(row["file"])


def words_beside(path: Path) -> list[TimedText]:
    """The words of the recording `path`; none without a `<stem>.words.tsv`. Raises MediaError."""
    return _timed(path.with_suffix(".words.tsv"), "word")


def _shared_words(file: Path) -> dict[str, list[TimedText]]:
    found: dict[str, list[TimedText]] = {}
    for row in _rows(file) if file.exists() else []:
        if not _is_complete(row, "file"):
            raise _bad_times(file)
        found.setdefault(row["file"], []).append(_timed_text(file, row, "word"))
    return found


def _timed(file: Path, column: str) -> list[TimedText]:
    rows = _rows(file) if file.exists() else []
    return [_timed_text(file, row, column) for row in rows]


def _timed_text(file: Path, row: dict[str, str], column: str) -> TimedText:
    if not _is_complete(row, column, "start", "end"):
        raise _bad_times(file)
    speaker = row.get("speaker") or ""
    try:
        return TimedText(row[column], float(row["start"]), float(row["end"]), speaker)
    except ValueError as exc:
        raise _bad_times(file) from exc


def _is_complete(row: dict[str, str], *columns: str) -> bool:
    """Short rows lack their last columns."""
    return all(column in row for column in columns)


def _bad_times(file: Path) -> MediaError:
    return MediaError(f"{file.name} is not a list of times", hint=_TIMES_HINT)


def _rows(file: Path) -> list[dict[str, str]]:
    """The rows of `file` that are not blank, without blanks around what they say."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:  # Windows editors add a mark
            rows = list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError as exc:
        raise MediaError(f"The file {file} does not exist", hint=_HINT) from exc
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise MediaError(f"The file {file} cannot be read", hint=_HINT) from exc
    stripped = [
        {name: text.strip() for name, text in row.items() if isinstance(text, str)} for row in rows
    ]
    return [row for row in stripped if any(row.values())]
