"""Runs of the drill, side by side, each in a folder of its own."""

from __future__ import annotations

import random
import shutil
import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.drill.child import Crew
from app.drill.outcome import NotRunError, Outcome, Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its number, its own random numbers, and the folder that is its own.

    `seconds` is how long what lasts is to last (a sleep, a stall), `model` a real one or "".
    """

    number: int
    random: random.Random
    folder: Path
    crew: Crew
    seconds: float
    model: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What to do how often. `jobs` runs go on at once; the same `seed` gives the same runs."""

    runs: int
    seed: int
    jobs: int
    seconds: float
    model: str = ""


def drill(
    kind: str,
    act: Callable[[Run], list[Outcome]],
    order: Order,
    folder: Path,
    told: Callable[[Outcome], object],
) -> list[Summary]:
    """All runs of a kind; more than one summary if each run was judged in several ways.

    No process of it is left afterwards, whatever happens.
    """
    crew = Crew()
    outcomes: list[Outcome] = []
    pool = ThreadPoolExecutor(order.jobs)
    try:
        futures = [pool.submit(_one, kind, act, run) for run in _runs(order, folder, crew)]
        for future in futures:
            for outcome in future.result():
                outcomes.append(outcome)
                told(outcome)
    except NotRunError as exc:
        return [Summary(kind, not_run=str(exc))]
    finally:
        crew.end()
        pool.shutdown(cancel_futures=True)
    return _by_kind(kind, outcomes)


def _runs(order: Order, folder: Path, crew: Crew) -> Iterable[Run]:
    for number in range(order.runs):
        yield Run(
            number,
            random.Random(f"{order.seed}-{number}"),
            folder / f"{number:04}",
            crew,
            order.seconds,
            order.model,
        )


def _one(kind: str, act: Callable[[Run], list[Outcome]], run: Run) -> list[Outcome]:
    """A run that cannot be finished is one that failed, never one that is left out."""
    try:
        outcomes = act(run)
    except NotRunError:
        raise
    except (OSError, TimeoutError, RuntimeError, ValueError) as exc:
        where = traceback.extract_tb(exc.__traceback__)[-1]
        fault = f"{type(exc).__name__}: {exc}"
        note = f"{where.name}, line {where.lineno}"
        return [Outcome(kind, run.number, faults=(fault,), notes=(note,))]
    if not any(outcome.misses for outcome in outcomes):
        shutil.rmtree(run.folder, ignore_errors=True)
    return outcomes


def _by_kind(kind: str, outcomes: list[Outcome]) -> list[Summary]:
    kinds = sorted({outcome.kind for outcome in outcomes} or {kind}, key=lambda k: (k != kind, k))
    return [Summary(k, tuple(o for o in outcomes if o.kind == k)) for k in kinds]
