"""The user's notes of a meeting: one Markdown file in its folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.paths import write_atomically
from app.session.files import NOTES, read_text, storage_failure

if TYPE_CHECKING:
    from pathlib import Path


def load_notes(folder: Path) -> str:
    """The notes in the meeting's `folder`, empty if there are none; raises StorageError."""
    return read_text(folder / NOTES)


def save_notes(folder: Path, markdown: str) -> None:
    """Replace the notes; raises StorageError, the old ones are then untouched."""
    try:
        write_atomically(folder / NOTES, markdown.encode("utf-8", "replace"))
    except OSError as exc:
        raise storage_failure("The notes cannot be saved", exc) from exc
