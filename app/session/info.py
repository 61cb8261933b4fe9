"""session.json: what a meeting is, beside what was said in it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from typing import TYPE_CHECKING, Any

import msgspec

from app.core.errors import MeetingDamagedError
from app.core.paths import write_atomically
from app.session.files import INFO, storage_failure

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
TRANSCRIBE, TRANSLATE = "transcribe", "translate"


@dataclass(frozen=True, slots=True)
class MeetingInfo:
    """`ended` is None until the meeting is finished or recovered; `duration_s`, `lines` and
    `words` are counted then. `model` is "" for a meeting without recognition.
    `task` is "transcribe", or "translate" where English is written whatever was spoken.
    """

    id: str
    title: str
    started: datetime
    source: str
    model: str
    language: str
    app_version: str
    ended: datetime | None = None
    duration_s: float = 0.0
    lines: int = 0
    words: int = 0
    task: str = TRANSCRIBE

    @property
    def translated(self) -> bool:
        return self.task == TRANSLATE


@dataclass(frozen=True, slots=True)
class InfoFile:
    """session.json as read; `raw` keeps what a newer version may have added."""

    info: MeetingInfo
    raw: dict[str, Any] = field(default_factory=dict)

    def saved(self, folder: Path, info: MeetingInfo) -> InfoFile:
        """Replace session.json in `folder` by `info`; raises StorageError."""
        raw = {**self.raw, **msgspec.to_builtins(info), "version": self._version()}
        text = json.dumps(raw, ensure_ascii=False, indent=2) + "\n"
        try:
            write_atomically(folder / INFO, text.encode("utf-8", "replace"))
        except OSError as exc:
            raise storage_failure("The meeting cannot be saved", exc) from exc
        return InfoFile(info, raw)

    def _version(self) -> int:
        """A newer version's file stays one: what only that understands is still in it."""
        before = self.raw.get("version")
        return max(VERSION, before) if isinstance(before, int) else VERSION


def load_info(folder: Path) -> InfoFile:
    """Read session.json of the meeting in `folder`, whose name is the meeting's ID.

    Raises MeetingDamagedError if it is missing or not understood, else StorageError.
    """
    try:
        raw = json.loads((folder / INFO).read_bytes())
        info = msgspec.convert(raw, MeetingInfo)
    except (FileNotFoundError, ValueError, RecursionError) as exc:
        raise MeetingDamagedError(f"The meeting {folder.name} has no usable {INFO}") from exc
    except OSError as exc:
        raise storage_failure(f"The meeting {folder.name} cannot be read", exc) from exc
    return InfoFile(replace(info, id=folder.name, started=info.started.astimezone()), raw)
