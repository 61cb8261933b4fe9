"""Which pieces are one voice: agglomerative, and a voice must be as alike as it is to itself.

Average linkage, because it needs nothing of a group but the sum of its weighted directions: the
mean similarity of two groups is the product of their sums over the product of their weights. So
hours can be grouped block by block, and a meeting's past is one vector for each voice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.speech.diarize.pieces import covered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from app.speech.diarize.pieces import Piece

SURE = 0.72
"""Groups at least this alike are one voice, whoever speaks: the mean of two voices is below."""
RATIO = 0.86
"""Groups are one voice if their similarity is this share of that within each of them."""
CAUTION, CAUTIOUS_S = 0.12, 3.0
"""By how much that is less for a group that was heard for that long, or shorter: a short piece is
often unlike its own voice. It falls off as more is heard."""
USUAL_WITHIN = 0.78
"""Similarity of a voice to itself, as long as little of it was heard."""
_MOST_WITHIN = 0.85  # what is more alike was said twice, or is one piece
_USUAL_WEIGHT = 20.0  # squared seconds for which that counts
_FLOOR = 0.45  # below this two groups are two voices, however unlike itself each is
LONGEST_WEIGHT = 5.0
"""Seconds after which a longer piece counts no more."""
LONG_ENOUGH = 1.5
"""Seconds of a piece from which on it may found a group."""
_BLOCK = 500  # pieces that are compared with each other at once


@dataclass(frozen=True, slots=True)
class SpeakerRange:
    """How many speakers there are: from `low` to `high`; 0 is unknown."""

    low: int = 0
    high: int = 0

    @property
    def least(self) -> int:
        return max(1, self.low)

    @property
    def most(self) -> int | None:
        return self.high or None


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Pieces that are one voice.

    `total` (192,) is the sum of weight times direction, `weight` that of the weights. `within` is
    the sum of weighted similarities over pairs of pieces at different times, `pairs` their weight.
    `seconds` is how long it was heard.
    """

    total: NDArray[np.float64]
    weight: float
    within: float
    pairs: float
    seconds: float
    pieces: tuple[Piece, ...]

    def __add__(self, other: Group) -> Group:
        return Group(
            self.total + other.total,
            self.weight + other.weight,
            self.within + other.within + 2 * float(self.total @ other.total),
            self.pairs + other.pairs + 2 * self.weight * other.weight,
            self.seconds + other.seconds,
            self.pieces + other.pieces,
        )

    @property
    def likeness(self) -> float:
        """How alike the voice is to itself at other times."""
        known = USUAL_WITHIN * _USUAL_WEIGHT + self.within
        return min(known / (_USUAL_WEIGHT + self.pairs), _MOST_WITHIN)

    @property
    def direction(self) -> NDArray[np.float64]:
        length = float(np.linalg.norm(self.total))
        return self.total / max(length, 1e-9)


def group_of(pieces: Sequence[Piece]) -> Group:
    """Pieces that are known to be one voice, as a group."""
    directions = np.array([piece.direction for piece in pieces], np.float64)
    weights = np.array([weight_of(piece) for piece in pieces])
    starts = np.array([piece.start for piece in pieces])
    stops = np.array([piece.stop for piece in pieces])
    apart = (starts[:, None] >= stops) | (starts >= stops[:, None])
    pairs = np.outer(weights, weights) * apart
    within = float((pairs * (directions @ directions.T)).sum())
    heard = float(weights.sum()), within, float(pairs.sum()), covered(pieces)
    return Group(weights @ directions, *heard, tuple(pieces))


def weight_of(piece: Piece) -> float:
    return min(piece.seconds, LONGEST_WEIGHT)


def group_pieces(
    pieces: Sequence[Piece],
    speakers: SpeakerRange,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Group]:
    """Group all pieces by voice, block by block if there are many; [] if `stopped`."""
    groups: list[Group] = []
    for at in range(0, len(pieces), _BLOCK):
        if stopped():
            return []
        block = pieces[at : at + _BLOCK]
        least = min(speakers.least, len(block))
        groups += join_sure([group_of([piece]) for piece in block], least)
    if len(pieces) > _BLOCK:
        groups = join_sure(groups, speakers.least)
    return join_alike(groups, speakers)


def join_sure(
    groups: Sequence[Group], least: int, kept: int = 0, stop: float = SURE
) -> list[Group]:
    """Join the two most alike groups until they are less alike than `stop`.

    The first `kept` groups are not joined with each other, and stay first in their order.
    """
    pending: list[list[int]] = [[at] for at in range(len(groups))]
    weights = np.array([group.weight for group in groups])
    totals = np.array([group.total for group in groups])
    likeness = (totals @ totals.T) / np.outer(weights, weights)
    likeness[:kept, :kept] = -np.inf
    np.fill_diagonal(likeness, -np.inf)
    for _ in range(len(groups) - least):
        first, second = divmod(int(likeness.argmax()), len(groups))
        if likeness[first, second] < stop:
            break
        first, second = min(first, second), max(first, second)
        both = weights[first] + weights[second]
        row = (weights[first] * likeness[first] + weights[second] * likeness[second]) / both
        row[first] = -np.inf
        likeness[first] = likeness[:, first] = row
        likeness[second] = likeness[:, second] = -np.inf
        weights[first] = both
        pending[first] += pending[second]
        pending[second] = []
    return [_together([groups[at] for at in members]) for members in pending if members]


def _together(groups: Sequence[Group]) -> Group:
    """One group; single pieces among them are compared by their times."""
    total: Group | None = None
    for group in groups:
        if len(group.pieces) != 1:
            total = group if total is None else total + group
    pieces = [group.pieces[0] for group in groups if len(group.pieces) == 1]
    if not pieces:
        assert total is not None
        return total
    return group_of(pieces) if total is None else total + group_of(pieces)


def join_alike(groups: Sequence[Group], speakers: SpeakerRange) -> list[Group]:
    """Join groups that are as alike as each is to itself, or of which there are too many."""
    found = list(groups)
    while len(found) > speakers.least:
        first, second, ratio = most_alike(found)
        too_many = speakers.most is not None and len(found) > speakers.most
        if ratio < 1 and not too_many:
            break
        found[first] = found[first] + found[second]
        del found[second]
    return found


def most_alike(groups: Sequence[Group], caution: float = CAUTION) -> tuple[int, int, float]:
    """The two (of at least two) groups to join first, and how alike they are: 1 is enough."""
    weights = np.array([group.weight for group in groups])
    totals = np.array([group.total for group in groups])
    own = np.array([group.likeness for group in groups])
    between = (totals @ totals.T) / np.outer(weights, weights)
    seconds = np.array([group.seconds for group in groups])
    doubt = CAUTIOUS_S / np.maximum(CAUTIOUS_S, np.minimum(seconds[:, None], seconds))
    needed = np.sqrt(np.outer(own, own)) * (RATIO - caution * doubt)
    ratio = np.where(between < _FLOOR, between - 1, between / needed)
    np.fill_diagonal(ratio, -np.inf)
    first, second = divmod(int(ratio.argmax()), len(groups))
    return min(first, second), max(first, second), float(ratio[first, second])


def worth_grouping(pieces: Sequence[Piece], seconds: float) -> list[Piece]:
    """Pieces that tell voices apart: clean and long, or the best there are.

    Shorter ones are taken only if the long ones together are not `seconds` long.
    """
    for shortest in (LONG_ENOUGH, 1.0, 0.6):
        chosen = [piece for piece in pieces if piece.clean and piece.seconds >= shortest]
        if chosen and covered(chosen) >= seconds:
            return chosen
    return list(pieces)
