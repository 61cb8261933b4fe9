"""Lets another process read what the caption panel shows: `CAPTIONIST_TRACE` names a file."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from app.gui.overlay.panel import CaptionOverlay

VARIABLE = "CAPTIONIST_TRACE"


def trace_captions(panel: CaptionOverlay) -> None:
    """Trace `panel` if the user of the program, or a test, asks for it."""
    if path := os.environ.get(VARIABLE):
        panel.text_painted.connect(CaptionTrace(Path(path), panel).write)


class CaptionTrace(QObject):
    """Appends a JSON object a line: `at` (seconds of the monotonic clock) and `text`."""

    def __init__(self, path: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._path = path

    def write(self, text: str) -> None:
        record = {"at": time.monotonic(), "text": text}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
