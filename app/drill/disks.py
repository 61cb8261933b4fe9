"""Disks that fill up under a recording."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from app.drill.child import Child
from app.drill.findings import left_of, recovered
from app.drill.outcome import NotRunError, Outcome
from app.drill.reports import Plan, Told
from app.session.space import LAST_BYTES, STOP_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.core.events import Event
    from app.drill.run import Run

_ROOM = STOP_BYTES + 60_000_000
_CHECK_S = 0.5
"""How often the recording looks at the disk here, so that a run takes seconds."""
_END_S = 15.0
FILLERS = ("filler", "rest")


def disk(run: Run) -> list[Outcome]:
    """A small file system fills up, to a limit or at once; without the right to make one, no
    file of the recording may grow beyond a limit, which it meets in the middle of writing."""
    with _small_disk(run.folder) as small:
        if small is None:
            return [_limited(run)]
        return [_filled(run, small)]


def _filled(run: Run, small: Path) -> Outcome:
    limit = run.random.choice((STOP_BYTES - 1_000_000, LAST_BYTES - 1_000_000, 0))
    log = run.folder / "log"
    child = Child(run.crew, Plan(check_space_s=_CHECK_S), small / "data", log=log)
    child.wait_for_sound(run.random.uniform(1.0, 3.0))
    filled = time.monotonic()
    _fill(small, limit)
    outcome = _ended(run, child, filled, f"{limit / 1e6:.0f} MB left")
    shutil.rmtree(small / "data", ignore_errors=True)
    return outcome


def _limited(run: Run) -> Outcome:
    if sys.platform == "win32":
        raise NotRunError("this system has neither small file systems nor limits of files")
    size = run.random.randrange(60_000, 250_000)
    child = Child(run.crew, Plan(file_bytes=size), run.folder / "data")
    return _ended(run, child, None, f"files up to {size} bytes")


def _ended(run: Run, child: Child, filled: float | None, note: str) -> Outcome:
    """It must stop in order, by itself, and say so; what came before is there."""
    faults: list[str] = []
    asked = False
    try:
        code = child.wait(_END_S)
    except TimeoutError:
        asked = True
        code = child.stop(_END_S)
    if asked:
        faults.append("it did not stop by itself")
    if code != 1:
        faults.append(f"it ended with {code}")
    if "captionist: " not in child.said():
        faults.append("it said nothing that a person understands")
    before = float("inf") if filled is None else filled
    before = min(before, max((r.at for r in child.reports), default=0.0))
    left = left_of(child.meetings, child.blocks(before), _told(child, before))
    for filler in FILLERS:  # a person makes room, then starts the program again
        (child.folder.parent / filler).unlink(missing_ok=True)
    problems = (*recovered(child.meetings), *left.problems)
    return Outcome(
        "disk",
        run.number,
        unreadable=bool(problems),
        lost_s=round(left.lost_s, 3),
        captions_lost=left.captions_lost,
        gaps=len(left.gaps),
        faults=tuple(faults),
        notes=(note, child.said(), *problems),
    )


def _told(child: Child, before: float) -> list[Event]:
    """What was told before a moment; what came after it was perhaps shown and not kept."""
    return [r.fact.event for r in child.reports if isinstance(r.fact, Told) and r.at < before]


def _fill(folder: Path, left: int) -> None:
    """Take room away until only `left` bytes are free."""
    size = shutil.disk_usage(folder).free - left
    with (folder / FILLERS[0]).open("wb") as file, contextlib.suppress(OSError):
        os.posix_fallocate(file.fileno(), 0, max(1, size))
    if left:
        return
    with (folder / FILLERS[1]).open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


@contextlib.contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A file system of its own with `_ROOM` bytes; None if none can be made here."""
    place = folder / "disk"
    place.mkdir(parents=True)
    made = _mount(place)
    try:
        yield place if made else None
    finally:
        if made:
            subprocess.run(["umount", "--lazy", str(place)], check=False, capture_output=True)


def _mount(place: Path) -> bool:
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or not shutil.which("mount"):
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(place)]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
