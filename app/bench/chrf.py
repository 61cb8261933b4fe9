"""chrF: how near a translation is to a reference, by the characters both have in common.

Source: Popović, "chrF: character n-gram F-score for automatic MT evaluation" (2015). As usual,
n-grams of up to six characters count, without spaces, and recall counts twice as much (beta 2).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

ORDER = 6
_BETA = 2.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """For each length of n-gram: how many there are in the text, in the reference, in both."""

    text: tuple[int, ...] = (0,) * ORDER
    reference: tuple[int, ...] = (0,) * ORDER
    common: tuple[int, ...] = (0,) * ORDER

    def __add__(self, other: Overlap) -> Overlap:
        return Overlap(
            _added(self.text, other.text),
            _added(self.reference, other.reference),
            _added(self.common, other.common),
        )

    @property
    def score(self) -> float:
        """chrF from 0 to 100."""
        orders = [n for n in range(ORDER) if self.text[n] and self.reference[n]]
        if not orders:
            return 0.0
        precision = sum(self.common[n] / self.text[n] for n in orders) / len(orders)
        recall = sum(self.common[n] / self.reference[n] for n in orders) / len(orders)
        if not precision + recall:
            return 0.0
        square = _BETA**2
        return 100 * (1 + square) * precision * recall / (square * precision + recall)


def overlap(text: str, reference: str) -> Overlap:
    """What `text` and `reference` have in common; adds up over many texts."""
    found = [_grams(text, n) for n in range(1, ORDER + 1)]
    truth = [_grams(reference, n) for n in range(1, ORDER + 1)]
    return Overlap(
        tuple(grams.total() for grams in found),
        tuple(grams.total() for grams in truth),
        tuple((a & b).total() for a, b in zip(found, truth, strict=True)),
    )


def _grams(text: str, length: int) -> Counter[str]:
    letters = "".join(text.split())
    return Counter(letters[at : at + length] for at in range(len(letters) - length + 1))


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))
