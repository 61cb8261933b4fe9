"""Cuts a long transcript into stretches that a model can align, where it is known what was said.

Where an offline pass wrote several words in a row as the reference has them, the time between two
of them is known well enough to cut there; the longest pause is the best place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.bench.aligner import LONGEST
from app.bench.manifest import TimedText
from app.bench.score import BY_CHARACTER, characters, matching_runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import Word

_WANTED = 27.0  # seconds of a stretch that is cut off
_EARLIEST = 9.0  # seconds; a shorter one gives the model too little to go by
_LATER_IS_BETTER = 0.02  # seconds of pause that a second more of stretch is worth
_AGREED = 3  # units in a row that must be the same around a cut: two may be chance


@dataclass(frozen=True, slots=True)
class _Cut:
    """`unit` is the first one behind the cut; `pause` is how long nobody speaks there (s)."""

    unit: int
    at: float
    pause: float


def stretches(
    text: TimedText, heard: Sequence[Word], language: str, longest: float = LONGEST
) -> list[TimedText]:
    """`text` in parts of at most `longest` seconds, by the words that an offline pass `heard`.

    A part may be longer where the two have too little in common.
    """
    if text.end - text.start <= longest:
        return [text]
    units = _units(text.text, language)
    cuts = _cuts(units, heard, language)
    found, first, begin = [], 0, text.start
    while text.end - begin > longest:
        cut = _next_cut([c for c in cuts if c.unit > first and c.at > begin], begin, longest)
        if cut is None:
            break
        found.append(TimedText("".join(units[first : cut.unit]), begin, cut.at))
        first, begin = cut.unit, cut.at
    return [*found, TimedText("".join(units[first:]), begin, text.end)]


def _next_cut(cuts: Sequence[_Cut], begin: float, longest: float) -> _Cut | None:
    """The best of `cuts` in reach, else the first one beyond."""
    share = longest / LONGEST
    near = [cut for cut in cuts if cut.at <= begin + _WANTED * share]
    late = [cut for cut in near if cut.at >= begin + _EARLIEST * share]
    if late:
        return max(late, key=lambda cut: cut.pause + _LATER_IS_BETTER * cut.at)
    return near[-1] if near else min(cuts, key=lambda cut: cut.at, default=None)


def _units(text: str, language: str) -> list[str]:
    """What is matched, with all that lies between: words, or letters where these are counted."""
    if language not in BY_CHARACTER:
        return re.findall(r"\S+\s*", text)
    return re.findall(r"[^\W_][\W_]*", text) or [text]


def _cuts(units: Sequence[str], heard: Sequence[Word], language: str) -> list[_Cut]:
    timed = [TimedText(word.text, word.start, word.end) for word in heard]
    if language in BY_CHARACTER:
        timed = [letter for word in timed for letter in characters(word)]
    cuts = []
    for unit, other, size in matching_runs(units, [word.text for word in timed]):
        for k in range(1, size if size >= _AGREED else 0):
            end, start = timed[other + k - 1].end, timed[other + k].start
            cuts.append(_Cut(unit + k, (end + max(end, start)) / 2, max(0.0, start - end)))
    return cuts
