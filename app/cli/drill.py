"""`captionist drill`: real recordings, real faults, and what was lost."""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.drill.outcome import Outcome, Summary
    from app.drill.run import Order, Run

KINDS = ("kill", "journal", "disk", "device", "server", "sleep", "stall")
_USUAL_RUNS = 20
_USUAL_JOBS = 3
_LONG = {"sleep": 30.0, "stall": 60.0}
"""Seconds that what lasts is to last, by kind."""


@click.command()
@click.option(
    "--kind",
    "kinds",
    type=click.Choice([*KINDS, "all"]),
    multiple=True,
    default=("all",),
    help="What to do to recordings; may be given several times. All of it if not given.",
)
@click.option("--runs", type=click.IntRange(min=1), default=_USUAL_RUNS, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="The same faults again.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=_USUAL_JOBS,
    show_default=True,
    help="Recordings at once.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    help="How long sleep (30 s) and stall (60 s) last.",
)
@click.option("--model", default="", metavar="NAME", help="Kill recordings with a real model.")
@click.option("--json", "out", type=click.Path(dir_okay=False, path_type=Path), metavar="OUT")
@click.option("--keep", is_flag=True, help="Keep the folders of runs that failed.")
@click.option("--subject", hidden=True)
def drill(
    *,
    kinds: tuple[str, ...],
    runs: int,
    seed: int,
    jobs: int,
    seconds: float | None,
    model: str,
    out: Path | None,
    keep: bool,
    subject: str | None,
) -> None:
    """Harm recordings RUNS times in each way and say what was lost.

    Everything happens in a temporary folder; no meeting of yours is touched. Leaves with 1 if a
    limit was missed. What this machine has no means for is listed as not run.
    """
    prepare_process()
    if subject is not None:
        sys.exit(_be_harmed(subject))
    from app.drill.outcome import as_json, complaints, table
    from app.drill.run import Order

    wanted = KINDS if "all" in kinds else tuple(k for k in KINDS if k in kinds)
    folder = Path(tempfile.mkdtemp(prefix="captionist-drill-"))
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # tidy up then, too
    found: list[Summary] = []
    try:
        for kind in wanted:
            order = Order(runs, seed, jobs, seconds or _LONG.get(kind, 0.0), model)
            found.extend(_drilled(kind, order, folder))
    finally:
        _tidy(folder, keep=keep)
    click.echo(table(found))
    for complaint in complaints(found):
        click.echo(f"captionist: {complaint}", err=True)
    if out is not None:
        out.write_text(json.dumps(as_json(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    sys.exit(1 if any(summary.missed for summary in found) else 0)


def _drilled(kind: str, order: Order, folder: Path) -> list[Summary]:
    from app.drill.run import drill as drill_kind

    done = 0

    def told(outcome: Outcome) -> None:
        nonlocal done
        done += outcome.kind == kind
        if sys.stderr.isatty():
            click.echo(f"\r{kind} {done}/{order.runs} ", nl=False, err=True)

    try:
        return drill_kind(kind, _act(kind), order, folder / kind, told)
    finally:
        if sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)


def _act(kind: str) -> Callable[[Run], list[Outcome]]:
    from app.drill.cuts import journal
    from app.drill.devices import device, server
    from app.drill.disks import disk
    from app.drill.kills import kill
    from app.drill.rests import sleep, stall

    acts = (kill, journal, disk, device, server, sleep, stall)
    return {act.__name__: act for act in acts}[kind]


def _tidy(folder: Path, *, keep: bool) -> None:
    import shutil

    if keep and any(folder.rglob("log")):
        click.echo(f"Kept: {folder}", err=True)
        return
    shutil.rmtree(folder, ignore_errors=True)


def _be_harmed(text: str) -> int:
    """Record as `captionist record` does, telling the drill about it; the exit code."""
    from app.cli.running import MeetingRun
    from app.core.paths import default_paths
    from app.drill.reports import Reporter
    from app.drill.standins import standing_in
    from app.drill.subject import ReportingPrinter, limit_files, plan_of
    from app.meeting import MeetingRequest

    plan = plan_of(text)
    reporter = Reporter(sys.stdout.fileno())
    model = plan.model or ("scripted" if plan.captions else "")
    request = MeetingRequest(plan.source, model=model, language="en")
    limit_files(plan.file_bytes)
    with standing_in(plan, reporter):
        run = MeetingRun(request, default_paths(), ReportingPrinter(reporter))
        run.run(plan.seconds)
    return 1 if run.troubled else 0
