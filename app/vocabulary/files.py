"""Plain text files that people edit by hand: read kindly, replaced atomically."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.core.paths import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

_UTF8 = "Save it as plain text in UTF-8."


def read_list(path: Path, *, must_exist: bool = False) -> str:
    """The text of `path` with composed characters; "" if it need not exist and does not.

    Raises StorageError.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows editors add a mark
    except FileNotFoundError as exc:
        if not must_exist:
            return ""
        raise StorageError(f"The file {path} does not exist", hint="Check its name.") from exc
    except UnicodeDecodeError as exc:
        raise StorageError(f"The file {path.name} is not text", hint=_UTF8) from exc
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StorageError(f"The file {path} cannot be read: {reason}") from exc
    return unicodedata.normalize("NFC", text)


def write_list(path: Path, text: str) -> None:
    """Replace `path`; raises StorageError, the old file is then untouched."""
    if text and not text.endswith("\n"):
        text += "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text.encode("utf-8", "replace"))
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise StorageError(f"The file {path} cannot be written: {reason}") from exc


def is_entry(line: str) -> bool:
    """Whether a line says something: it is neither empty nor a comment."""
    return bool(line.strip()) and not line.lstrip().startswith("#")
