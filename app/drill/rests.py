"""Recordings that stand still, as in sleep, and recordings whose recogniser does."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

from app.drill.child import Child
from app.drill.findings import left_of, recovered
from app.drill.outcome import NotRunError, Outcome
from app.drill.pattern import FORM
from app.drill.reports import Plan

if TYPE_CHECKING:
    from app.core.events import AudioGap
    from app.drill.findings import Left
    from app.drill.run import Run

_AFTER_S = 6.0  # of sound after a fault, in which it must have been noticed
_TOLERANCE_S = 1.0
_END_S = 90.0  # for the end of a recording whose recogniser has much to catch up


def sleep(run: Run) -> list[Outcome]:
    """SIGSTOP for `run.seconds`, then SIGCONT: it goes on, and the gap is marked."""
    if sys.platform == "win32":
        raise NotRunError("this system has no SIGSTOP")
    child = Child(run.crew, Plan(), run.folder)
    child.wait_for_sound(run.random.uniform(1.0, 3.0))
    child.process.send_signal(signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        child.rest(run.seconds)
    finally:
        child.process.send_signal(signal.SIGCONT)
    slept = time.monotonic() - stopped
    child.rest(_AFTER_S)
    code = child.stop()
    left = left_of(child.meetings, child.blocks(), child.events)
    faults = [] if code == 0 else [f"it ended with {code}: {child.said()}"]
    for track in sorted(child.blocks()):
        marked = _marked(left, track)
        if abs(marked - slept) > _TOLERANCE_S:
            faults.append(f"{marked:.1f} s of {slept:.1f} s are marked as a gap in {track}")
    return [_outcome("sleep", run, child, left, faults)]


def stall(run: Run) -> list[Outcome]:
    """The recogniser stands still for `run.seconds`: no frame may be missing."""
    plan = Plan(stall_at=run.random.uniform(0.5, 2.0), stall_s=run.seconds)
    child = Child(run.crew, plan, run.folder)
    child.wait_for_sound(plan.stall_at + run.seconds + 2.0)
    code = child.stop(_END_S)
    left = left_of(child.meetings, child.blocks(), child.events)
    faults = [] if code == 0 else [f"it ended with {code}: {child.said()}"]
    if left.gaps:
        faults.append(f"{len(left.gaps)} gaps, the first for: {left.gaps[0].reason}")
    seconds = max((f + n for b in child.blocks().values() for f, n in b), default=0) / FORM.rate
    if seconds < run.seconds:
        faults.append(f"only {seconds:.1f} s were recorded")
    return [_outcome("stall", run, child, left, faults)]


def _outcome(kind: str, run: Run, child: Child, left: Left, faults: list[str]) -> Outcome:
    problems = (*recovered(child.meetings), *left.problems)
    return Outcome(
        kind,
        run.number,
        unreadable=bool(problems),
        lost_s=round(left.lost_s, 3),
        captions_lost=left.captions_lost,
        gaps=len(left.gaps),
        faults=tuple(faults),
        notes=(*problems, *(f"gap {_words(gap)}" for gap in left.gaps)),
    )


def _marked(left: Left, track: str) -> float:
    """Seconds of the gaps of a track, whose reason names it, or of all if none is named."""
    own = [gap for gap in left.gaps if track in gap.reason] or list(left.gaps)
    return max((gap.end - gap.start for gap in own), default=0.0)


def _words(gap: AudioGap) -> str:
    return f"{gap.start:.2f} to {gap.end:.2f}: {gap.reason}"
