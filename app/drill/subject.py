"""The process that is harmed: a recording like any other, which reports what it does."""

from __future__ import annotations

import contextlib
import signal
import sys
from typing import TYPE_CHECKING

import msgspec

from app.drill.reports import Plan, Reporter, Told

if TYPE_CHECKING:
    from app.core.events import Event, RunMeasured


class ReportingPrinter:
    """Takes the place of what would print captions."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    def show(self, event: Event, _emitted: float, /) -> None:
        self._reporter.tell(Told(event))

    def end(self, cost: RunMeasured) -> None:
        self._reporter.tell(Told(cost))


def plan_of(text: str) -> Plan:
    """The plan that `to_text` wrote."""
    return msgspec.json.decode(text, type=Plan)


def to_text(plan: Plan) -> str:
    return msgspec.json.encode(plan).decode()


def limit_files(size: int) -> None:
    """No file of this process grows beyond `size` bytes, as on a disk with so much room."""
    if sys.platform == "win32" or not size:
        return
    import resource

    with contextlib.suppress(OSError):
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
