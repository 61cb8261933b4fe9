"""Where things are kept. `CAPTIONIST_DATA` and `CAPTIONIST_MODELS` move the two folders."""

from __future__ import annotations

import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from app.core.errors import DataFolderError

APP_NAME = "captionist"


@dataclass(frozen=True, slots=True)
class Paths:
    data: Path
    models: Path

    @property
    def meetings(self) -> Path:
        return self.data / "meetings"

    @property
    def settings(self) -> Path:
        return self.data / "settings.json"

    @property
    def vocabulary(self) -> Path:
        return self.data / "vocabulary.txt"

    @property
    def corrections(self) -> Path:
        return self.data / "corrections.tsv"

    @property
    def glossary(self) -> Path:
        """How terms are to be translated."""
        return self.data / "glossary.tsv"

    @property
    def voices(self) -> Path:
        return self.data / "voices.json"

    @property
    def logs(self) -> Path:
        return self.data / "logs"


def default_paths() -> Paths:
    """The folders of this user; nothing is created."""
    data = os.environ.get("CAPTIONIST_DATA") or platformdirs.user_data_dir(
        APP_NAME, appauthor=False
    )
    models = os.environ.get("CAPTIONIST_MODELS")
    root = Path(data).expanduser().absolute()
    return Paths(root, Path(models).expanduser().absolute() if models else root / "models")


def writable_folder(path: Path) -> Path:
    """Create `path` if need be and prove that it can be written; raises DataFolderError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            return path
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise DataFolderError(f"The folder {path} cannot be written: {reason}") from exc


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` so that at every moment it holds either the old or the new bytes, on disk.

    Raises OSError; the old file is then untouched.
    """
    # Not mkstemp: what a user exports has the rights that the user's other files have.
    draft = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
