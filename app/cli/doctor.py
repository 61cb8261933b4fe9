"""`captionist doctor`: what is here, what is missing, and how to mend it."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.capture.devices import DeviceReport, Kind
    from app.core.paths import Paths

    Load = Callable[[str], object]

PACKAGES = ("PySide6-Essentials", "faster-whisper", "onnxruntime", "av", "sounddevice", "soxr")
WINDOW_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
}
"""What Qt needs on Linux to open a window, and the Debian packages that bring it."""
LITTLE_SPACE = 1_000_000_000
"""Bytes: a model, or about five hours of stereo sound."""
REINSTALL = "Install the program again: python -m pip install --force-reinstall captionist"

DRIVER = "Update the graphics driver, and install CUDA 12 with cuBLAS; or leave it as it is."


class Mark(Enum):
    """A mark, its stand-in where it cannot be printed, and its colour."""

    GOOD = ("✓", "+", "green")
    WARN = ("!", "!", "yellow")
    BAD = ("✗", "x", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `remedy` says what mends it. BAD: the program cannot work."""

    mark: Mark
    text: str
    remedy: str = ""


@click.command()
def doctor() -> None:
    """Check this installation: devices, models, versions, and how to mend what is missing.

    The exit code is 1 only if the program cannot work at all.
    """
    from app.capture.devices import input_devices
    from app.core.paths import default_paths

    findings: list[Finding] = []
    for title, found in examination(default_paths(), input_devices()):
        _say(click.style(title, bold=True))
        for finding in found:
            findings.append(finding)
            _show(finding)
        _say("")
    _say(_summary(findings))
    if any(finding.mark is Mark.BAD for finding in findings):
        sys.exit(1)


def examination(paths: Paths, report: DeviceReport) -> Iterator[tuple[str, Iterator[Finding]]]:
    """Titles and what was found under each."""
    yield "Program", program()
    yield "Microphones", devices(report, "mic")
    yield "System audio", devices(report, "system")
    yield "Models", models(paths.models)
    yield "Speed", chain(graphics(), speed(paths.data))
    yield "Data", storage(paths.data)
    if sys.platform == "linux":
        yield "Windows on the screen", window_libraries()


def program(load: Load | None = None) -> Iterator[Finding]:
    """Versions; and that the recognition engine can be loaded (by `load`)."""
    import platform

    from app import __version__

    yield Finding(Mark.GOOD, f"Captionist {__version__}")
    yield Finding(Mark.GOOD, f"Python {platform.python_version()} on {platform.platform()}")
    yield _engine(load)
    for name in PACKAGES:
        yield _package(name)


def _engine(load: Load | None) -> Finding:
    import importlib

    try:
        (load or importlib.import_module)("ctranslate2")
    except (ImportError, OSError) as exc:
        return Finding(Mark.BAD, f"The engine CTranslate2 cannot be loaded: {exc}", REINSTALL)
    return _package("ctranslate2")


def graphics(ct2: Any = None) -> Iterator[Finding]:
    """Where recognition will run, as far as that shows before a model is loaded."""
    from app.speech.transcribe.device import find_device

    try:
        found = find_device(ct2 or _ctranslate2())
    except (ImportError, OSError):
        return  # told among the versions
    mark = Mark.WARN if found.troubled else Mark.GOOD
    yield Finding(mark, f"Recognition runs on {found}", DRIVER if found.troubled else "")


def _ctranslate2() -> Any:
    from app.speech.transcribe.ct2 import ctranslate2

    return ctranslate2


def _package(name: str) -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return Finding(Mark.GOOD, f"{name} {version(name)}")
    except PackageNotFoundError:
        # in the frozen bundle packages have no records; what matters there is checked by loading
        if getattr(sys, "frozen", False):
            return Finding(Mark.GOOD, name)
        return Finding(Mark.WARN, f"{name} is not installed", f"python -m pip install {name}")


def devices(report: DeviceReport, kind: Kind) -> Iterator[Finding]:
    for device in report.of_kind(kind):
        yield Finding(Mark.GOOD, device.name + (" (default)" if device.is_default else ""))
    for problem in report.problems:
        if problem.kind == kind:
            yield Finding(Mark.WARN, problem.message, problem.hint)


def models(folder: Path) -> Iterator[Finding]:
    from app.core.errors import AppError
    from app.modelstore.store import ModelStore

    try:
        installed = ModelStore(folder).installed()
    except AppError as exc:
        yield Finding(Mark.WARN, str(exc), exc.hint)
        return
    for model in installed:
        size = f"{model.name}, {model.size / 1e6:.0f} MB"
        if model.complete:
            yield Finding(Mark.GOOD, size)
        else:
            again = "pull" if model.known else "remove"
            yield Finding(
                Mark.WARN, f"{size}: files are missing", f"captionist models {again} {model.name}"
            )
    if not any(model.complete and model.kind == "speech" for model in installed):
        yield Finding(
            Mark.WARN,
            "No model is here: meetings are recorded without text",
            "captionist models pull base",
        )


def speed(folder: Path) -> Iterator[Finding]:
    """What the first start with a model has measured, kept in `folder`."""
    from app.speech.transcribe.hardware import FILE_NAME, preset_for, read_measured

    measured = read_measured(folder / FILE_NAME)
    if not measured:
        yield Finding(Mark.GOOD, "Not measured yet: the first start with a model does it")
    for key, found in measured.items():
        model = key.partition(" on ")[0]
        threads = "1 thread" if found.threads == 1 else f"{found.threads} threads"
        yield Finding(
            Mark.GOOD,
            f"{model}: preset {preset_for(model, found)}, {threads}, "
            f"{1000 * found.step_seconds:.0f} ms a step",
        )
        if found.device.kind != "cpu" or found.device.troubled:
            mark = Mark.WARN if found.device.troubled else Mark.GOOD
            remedy = DRIVER if found.device.troubled else ""
            yield Finding(mark, f"{model}: ran on {found.device}", remedy)


def storage(folder: Path) -> Iterator[Finding]:
    import shutil

    from app.core.errors import AppError
    from app.core.paths import writable_folder

    try:
        free = shutil.disk_usage(writable_folder(folder)).free
    except AppError as exc:
        yield Finding(Mark.BAD, str(exc), exc.hint)
        return
    yield Finding(Mark.GOOD, f"{folder} can be written")
    left = f"{free / 1e9:.1f} GB are free"
    if free < LITTLE_SPACE:
        yield Finding(Mark.WARN, left, "Delete what you no longer need.")
    else:
        yield Finding(Mark.GOOD, left)


def window_libraries(load: Load | None = None) -> Iterator[Finding]:
    """What Qt needs of the system; without it the command line still works."""
    missing = [package for name, package in WINDOW_LIBRARIES.items() if not _loads(name, load)]
    if missing:
        yield Finding(
            Mark.WARN,
            "Libraries for windows are missing; the command line works without them",
            f"sudo apt-get install {' '.join(missing)}",
        )
    else:
        yield Finding(Mark.GOOD, "The libraries for windows are installed")


def _loads(name: str, load: Load | None) -> bool:
    import ctypes

    try:
        (load or ctypes.CDLL)(name)
    except OSError:
        return False
    return True


def _summary(findings: list[Finding]) -> str:
    marks = {finding.mark for finding in findings}
    if Mark.BAD in marks:
        return "The program cannot work until the lines marked as broken are mended."
    if Mark.WARN in marks:
        return "The program works; the marked lines say what is missing and how to mend it."
    return "Everything is here."


def _show(finding: Finding) -> None:
    mark, stand_in, colour = finding.mark.value
    shown = mark if _printable(mark) == mark else stand_in
    _say(f"  {click.style(shown, fg=colour)} {finding.text}")
    if finding.remedy:
        _say(f"      {finding.remedy}")


def _say(text: str) -> None:
    """Print; colours only reach a terminal, and what it cannot show becomes a question mark."""
    click.echo(_printable(text))


def _printable(text: str) -> str:
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
