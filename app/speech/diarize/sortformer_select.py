"""The highest of many scores, with torch's choice among equal ones.

A frame in which two people speak is kept for both, so a full cache holds frames twice, with equal
scores. Which of them stays moves the others, and the network hears the order. `torch.topk` on the
CPU leaves it to C++'s `nth_element`; this does the same steps, so that the cache is NeMo's, frame
by frame.

Source: Musser, "Introspective Sorting and Selection Algorithms" (1997), in the order of steps that
GNU libstdc++ chose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHORT = 3
"""A stretch of so many is sorted instead of divided further."""


def highest(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """Indices of the `count` highest of (n,), in no particular order."""
    keys: list[float] = (-scores).tolist()
    order = list(range(len(keys)))
    first, last = 0, len(keys)
    patience = 2 * len(keys).bit_length()
    while last - first > _SHORT and patience:
        patience -= 1
        _move_pivot(keys, order, first, last)
        cut = _divide(keys, order, first, last)
        if cut < count:
            first = cut
        else:
            last = cut
    order[first:last] = sorted(order[first:last], key=keys.__getitem__)
    return np.array(order[:count], np.intp)


def _move_pivot(keys: list[float], order: list[int], first: int, last: int) -> None:
    """Put the median of the second, the middle and the last element first."""
    candidates = (first + 1, first + (last - first) // 2, last - 1)
    place = candidates[_median(*(keys[order[place]] for place in candidates))]
    order[first], order[place] = order[place], order[first]


def _median(a: float, b: float, c: float) -> int:
    """Which one is in the middle: 0, 1 or 2; of equal ones, the one that C++ takes."""
    if a < b:
        if b < c:
            return 1
        return 2 if a < c else 0
    if a < c:
        return 0
    return 2 if b < c else 1


def _divide(keys: list[float], order: list[int], first: int, last: int) -> int:
    """Bring what is before the pivot (the first element) to the front; returns where that ends."""
    pivot = keys[order[first]]
    low, high = first + 1, last
    while True:
        while keys[order[low]] < pivot:
            low += 1
        high -= 1
        while pivot < keys[order[high]]:
            high -= 1
        if low >= high:
            return low
        order[low], order[high] = order[high], order[low]
        low += 1
