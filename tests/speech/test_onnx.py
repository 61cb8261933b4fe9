"""ONNX Runtime keeps to itself what it is used for."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FOLDERS = ("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE", "LOCALAPPDATA", "XDG_CACHE_HOME")


def written_by(program: str, folder: Path) -> list[str]:
    """Names of the files that a Python program leaves where users have their own."""
    own = {name: str(folder) for name in FOLDERS}
    kept = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"}
    alone = {**kept, **own, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", program], env=alone, check=True, timeout=60)
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_listening_leaves_no_identifier_of_the_user(tmp_path: Path) -> None:
    listen = "from app.speech.vad.silero import SileroVad; SileroVad()"
    assert written_by(listen, tmp_path) == []
