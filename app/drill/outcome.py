"""What the runs of a drill found, its limits, and the table that is printed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HEADS = (
    "kind",
    "runs",
    "unreadable",
    "audio lost (s) mean / worst",
    "captions lost",
    "gaps",
    "verdict",
)


class NotRunError(Exception):
    """A kind of run needs what this machine does not have."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run. `lost_s` is what the worse track lost of what had to be kept; `gaps` were marked.

    `faults` are sentences about anything else that was not as it must be.
    """

    kind: str
    run: int
    unreadable: bool = False
    lost_s: float = 0.0
    captions_lost: int = 0
    gaps: int = 0
    faults: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def misses(self) -> tuple[str, ...]:
        """What breaks the limits."""
        found = list(self.faults)
        if self.unreadable:
            found.append("the recording cannot be read")
        if self.lost_s > LIMITS.get(self.kind, 0.0):
            found.append(f"{self.lost_s:.2f} s of audio lost")
        if self.captions_lost:
            found.append(f"{self.captions_lost} captions lost")
        return tuple(found)


LIMITS: Mapping[str, float] = {"kill": 1.0, "power": 1.0, "disk": 1.0}
"""Seconds of audio that a run of a kind may lose; nothing in all others."""


@dataclass(frozen=True, slots=True)
class Summary:
    """All runs of a kind; `not_run` says why there are none."""

    kind: str
    outcomes: tuple[Outcome, ...] = ()
    not_run: str = ""

    @property
    def missed(self) -> bool:
        return any(outcome.misses for outcome in self.outcomes)

    def row(self) -> tuple[str, ...]:
        """As text, in the order of `HEADS`."""
        if self.not_run:
            return (self.kind, "0", "", "", "", "", f"not run: {self.not_run}")
        losses = [outcome.lost_s for outcome in self.outcomes]
        bad = sum(bool(outcome.misses) for outcome in self.outcomes)
        runs = len(self.outcomes)
        return (
            self.kind,
            str(runs),
            str(sum(outcome.unreadable for outcome in self.outcomes)),
            f"{sum(losses) / runs:.2f} / {max(losses):.2f}",
            str(sum(outcome.captions_lost for outcome in self.outcomes)),
            str(sum(outcome.gaps for outcome in self.outcomes)),
            f"{runs - bad} of {runs}" + (" MISSED" if bad else ""),
        )


def table(summaries: Iterable[Summary]) -> str:
    """Columns side by side, the heads first."""
    rows = [HEADS, *(summary.row() for summary in summaries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADS))]
    lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def complaints(summaries: Iterable[Summary]) -> list[str]:
    """What was missed, the most frequent first."""
    counted = Counter(
        f"{summary.kind}: {miss}"
        for summary in summaries
        for outcome in summary.outcomes
        for miss in outcome.misses
    )
    return [f"{text} ({count}x)" for text, count in counted.most_common()]


def as_json(summaries: Sequence[Summary]) -> list[dict[str, Any]]:
    return [
        {
            "kind": summary.kind,
            "not_run": summary.not_run,
            "missed": summary.missed,
            "runs": [asdict(outcome) for outcome in summary.outcomes],
        }
        for summary in summaries
    ]
