"""Recordings with references: a `refs.tsv` beside audio files.

Columns `file`, `language`, `transcript`; others are ignored. True word times come from
`<stem>.words.tsv` or `words.tsv` (columns start, end, word, and file in the latter), the times of
longer stretches of the transcript from `<stem>.segments.tsv` (start, end, text); all in seconds.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import MediaError

if TYPE_CHECKING:
    from pathlib import Path

_HINT = "Give a refs.tsv with the columns file, language and transcript."


@dataclass(frozen=True, slots=True)
class TimedText:
    """A word or a stretch of a transcript; seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Recording:
    path: Path
    language: str
    transcript: str
    words: tuple[TimedText, ...] = ()
    segments: tuple[TimedText, ...] = ()


def read_manifest(path: Path) -> list[Recording]:
    """The recordings of `path` (or of its `refs.tsv`, if it is a folder). Raises MediaError."""
    file = path / "refs.tsv" if path.is_dir() else path
    rows = _rows(file)
    if not rows or not {"file", "language", "transcript"} <= set(rows[0]):
        raise MediaError(f"{file.name} is not a list of recordings", hint=_HINT)
    shared = _shared_words(file.parent / "words.tsv")
    return [_recording(file.parent, row, shared) for row in rows]


def _recording(folder: Path, row: dict[str, str], shared: dict[str, list[TimedText]]) -> Recording:
    path = folder / row["file"]
    words = shared.get(row["file"]) or _timed(path.with_suffix(".words.tsv"), "word")
    segments = _timed(path.with_suffix(".segments.tsv"), "text")
    return Recording(path, row["language"], row["transcript"], tuple(words), tuple(segments))


def _shared_words(file: Path) -> dict[str, list[TimedText]]:
    found: dict[str, list[TimedText]] = {}
    for row in _rows(file) if file.exists() else []:
        found.setdefault(row["file"], []).append(_timed_text(row, "word"))
    return found


def _timed(file: Path, column: str) -> list[TimedText]:
    rows = _rows(file) if file.exists() else []
    return [_timed_text(row, column) for row in rows]


def _timed_text(row: dict[str, str], column: str) -> TimedText:
    return TimedText(row[column], float(row["start"]), float(row["end"]))


def _rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8", newline="") as text:
            return list(csv.DictReader(text, delimiter="\t", quoting=csv.QUOTE_NONE))
    except FileNotFoundError as exc:
        raise MediaError(f"The file {file} does not exist", hint=_HINT) from exc
    except (OSError, UnicodeDecodeError) as exc:
        raise MediaError(f"The file {file} cannot be read", hint=_HINT) from exc
