"""Recordings that are killed, and the same ones as if the power had failed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from app.core.events import WordsCommitted
from app.drill.child import Child
from app.drill.findings import left_of, power_cut, recovered
from app.drill.outcome import Outcome
from app.drill.reports import Plan, Told

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.events import Event
    from app.drill.findings import Left
    from app.drill.run import Run

_EARLY = 0.1  # share of the kills that come while the recording is only beginning
_LATEST_S = 4.0
_WORDS_MAY_WAIT_S = 1.0  # for the disk; they are the system's at once


def kill(run: Run) -> list[Outcome]:
    """SIGKILL at a random moment; what a power cut would have left is looked at beside it."""
    plan = Plan(model=run.model)
    child = Child(run.crew, plan, run.folder)
    if run.random.random() < _EARLY:
        child.rest(run.random.uniform(0.0, 1.5))
    else:
        child.wait_for_sound(run.random.uniform(0.1, _LATEST_S + (10.0 if run.model else 0.0)))
    moment = child.kill()
    outcomes = []
    if sys.platform == "linux" and child.meetings.is_dir():
        copy = run.folder / "power"
        power_cut(child.meetings, child.reports, copy)
        old_words = _told_before(child, moment - _WORDS_MAY_WAIT_S)
        outcomes.append(_judged("power", run, child, copy, old_words))
    outcomes.append(_judged("kill", run, child, child.meetings, child.events))
    return outcomes


def _judged(kind: str, run: Run, child: Child, root: Path, told: list[Event]) -> Outcome:
    delivered = child.blocks()
    problems = recovered(root)
    left = left_of(root, delivered, told, counted=not run.model)
    return Outcome(
        kind,
        run.number,
        unreadable=bool(problems or left.problems),
        lost_s=round(left.lost_s, 3),
        captions_lost=left.captions_lost,
        gaps=len(left.gaps),
        notes=(*problems, *left.problems, *_seen(child, left)),
    )


def _told_before(child: Child, moment: float) -> list[Event]:
    """All captions that were told, but single words only if that is long enough ago."""
    return [
        report.fact.event
        for report in child.reports
        if isinstance(report.fact, Told)
        and (not isinstance(report.fact.event, WordsCommitted) or report.at < moment)
    ]


def _seen(child: Child, left: Left) -> tuple[str, ...]:
    blocks = child.blocks()
    tracks = ", ".join(sorted(blocks)) or "nothing yet"
    return (f"delivered: {tracks}; events kept: {len(left.events)}",)
