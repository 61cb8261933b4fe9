"""What the program does not load: what it need not, and torch never."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import ROOT, run_captionist

HEAVY = {"PySide6", "ctranslate2", "faster_whisper", "onnxruntime", "numpy", "av"} | {
    "sounddevice",
    "soundfile",
    "soxr",
    "huggingface_hub",
    "tokenizers",
    "rich",
    "torch",
}
HELP_CPU_SECONDS = 0.5
WINDOW_CPU_SECONDS = 1.5
RECOGNITION = ("app.live", "app.cli.live", "app.cli.record", "app.cli.transcribe", "app.selftest")


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=60
    )


def test_help_loads_nothing_heavy() -> None:
    done = run_captionist("--help", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines()}
    assert "click" in loaded, "the list of imports was understood"
    assert not loaded & HEAVY


def test_help_is_quick() -> None:
    """Measured as CPU time, which other work on the machine does not stretch."""
    before = _children_cpu()
    assert run_captionist("--help").returncode == 0
    assert _children_cpu() - before < HELP_CPU_SECONDS


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


UNTIL_THE_WINDOW_IS_SEEN = """
import sys, time
from app.gui.desktop import Desktop
from PySide6.QtCore import QCoreApplication
show = Desktop.show
def show_and_tell(desktop):
    show(desktop)
    QCoreApplication.processEvents()
    assert desktop.window.isVisible()
    print(time.process_time(), "ctranslate2" in sys.modules)
    desktop.quit()
Desktop.show = show_and_tell
from app.main import main
sys.exit(main())
"""


def test_the_window_is_seen_soon_and_before_any_model_is_loaded() -> None:
    done = _python(UNTIL_THE_WINDOW_IS_SEEN)
    assert done.returncode == 0, done.stderr
    seconds, recogniser_loaded = done.stdout.split()
    assert float(seconds) < WINDOW_CPU_SECONDS
    assert recogniser_loaded == "False"


@pytest.mark.parametrize("module", RECOGNITION)
def test_recognition_never_imports_torch(module: str, tmp_path: Path) -> None:
    """A package `torch` that cannot be imported stands first in the path."""
    trap = tmp_path / "torch" / "__init__.py"
    trap.parent.mkdir()
    trap.write_text("raise RuntimeError('torch was imported')\n", encoding="utf-8")
    backends = "import faster_whisper, ctranslate2, onnxruntime"
    done = _python(f"import {module}; {backends}", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}")
    assert done.returncode == 0, done.stderr


def test_imports_point_one_way() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
