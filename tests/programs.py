"""Runs the program `captionist` in a process of its own, as a user would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CAPTIONIST = (sys.executable, "-m", "app")
TIMEOUT = 180.0


def run_captionist(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to the end; `environment` is laid over ours. Warnings of Python are errors."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **environment}
    return subprocess.run(
        [*CAPTIONIST, *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    )
