"""Which formats there are, and putting an export into a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.core.paths import write_atomically
from app.export.json_format import render_json
from app.export.rttm import render_rttm
from app.export.srt import render_srt
from app.export.txt import render_txt
from app.export.vtt import render_vtt
from app.session.files import storage_failure

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.export.document import ExportDocument


@dataclass(frozen=True, slots=True)
class Format:
    """`suffix` with its dot; `render` gives the whole file's text, with "\\n" line ends."""

    name: str
    suffix: str
    render: Callable[[ExportDocument], str]


FORMATS: dict[str, Format] = {
    "json": Format("json", ".json", render_json),
    "srt": Format("srt", ".srt", render_srt),
    "vtt": Format("vtt", ".vtt", render_vtt),
    "txt": Format("txt", ".txt", render_txt),
    "rttm": Format("rttm", ".rttm", render_rttm),
}


def write_export(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, replacing what is there in one step.

    Raises StorageError; what was there is then untouched.
    """
    if path.is_dir():
        raise StorageError(f"{path} is a folder", hint="Give the name of a file.")
    if not path.parent.is_dir():
        raise StorageError(
            f"The folder {path.parent} does not exist", hint="Create it, or choose another place."
        )
    data = text.encode("utf-8", "replace")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)  # a pipe or device is written to, never replaced
        else:
            write_atomically(path.resolve(), data)
    except OSError as exc:
        raise storage_failure(f"{path} cannot be written", exc) from exc
