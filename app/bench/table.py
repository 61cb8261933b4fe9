"""The figures of recordings as rows: one shape for the terminal, for programs and for JSON."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.bench.run import Result
    from app.bench.score import Errors

Row: TypeAlias = dict[str, str | int | float | None]


def row_of(result: Result) -> Row:
    """Errors in percent, times in seconds, CPU seconds for each second of audio.

    What cannot be told, because no word was recognised rightly, is None.
    """
    row: Row = {
        "recording": result.name,
        "audio_s": result.audio,
        "units": result.live.length,
        "live_pct": 100 * result.live.rate,
        "stored_pct": 100 * result.stored.rate,
        "offline_pct": 100 * result.offline.rate,
    }
    if result.reference is not None:
        row |= _against(result, result.reference)
    return row | {
        "late_mean_s": float(np.mean(result.late)) if result.late else None,
        "late_p50_s": float(np.percentile(result.late, 50)) if result.late else None,
        "late_p95_s": float(np.percentile(result.late, 95)) if result.late else None,
        "start_mae_s": float(np.mean(result.start_off)) if result.start_off else None,
        "cpu_per_s": result.cpu / max(result.audio, 1e-9),
    }


def _against(result: Result, reference: Errors) -> Row:
    """How many points more than offline faster-whisper."""
    return {
        "reference_pct": 100 * reference.rate,
        "live_minus_ref": 100 * (result.live.rate - reference.rate),
        "stored_minus_ref": 100 * (result.stored.rate - reference.rate),
    }


def totals(results: Sequence[Result]) -> list[Row]:
    """All recordings together; words and characters, which do not add up, apart."""
    kinds = [[r for r in results if r.by_character is kind] for kind in (False, True)]
    groups = [group for group in kinds if group]
    names = ["total"] if len(groups) == 1 else ["total, words", "total, characters"]
    return [
        row_of(replace(reduce(_joined, group), name=name))
        for name, group in zip(names, groups, strict=False)
    ]


def _joined(one: Result, other: Result) -> Result:
    both = one.reference is not None and other.reference is not None
    return replace(
        one,
        audio=one.audio + other.audio,
        live=one.live + other.live,
        stored=one.stored + other.stored,
        offline=one.offline + other.offline,
        cpu=one.cpu + other.cpu,
        late=[*one.late, *other.late],
        start_off=[*one.start_off, *other.start_off],
        reference=one.reference + other.reference if both else None,  # type: ignore[operator]
    )
