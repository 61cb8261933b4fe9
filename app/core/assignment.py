"""The best one-to-one pairing of rows and columns (Kuhn and Munkres, with potentials)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def best_assignment(gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column), no row or column twice, that add up to the largest `gain` (n, m)."""
    if gain.size == 0:
        return []
    if gain.shape[0] > gain.shape[1]:
        return sorted((row, column) for column, row in best_assignment(gain.T))
    rows, columns = gain.shape
    cost = np.zeros((rows + 1, columns + 1))  # row 0 and column 0 stand for "none"
    cost[1:, 1:] = gain.max() - gain
    owner = np.zeros(columns + 1, int)
    potentials = np.zeros(rows + 1), np.zeros(columns + 1)
    for row in range(1, rows + 1):
        _place(row, cost, owner, potentials)
    return sorted(
        (int(owner[column]) - 1, int(column) - 1) for column in np.flatnonzero(owner[1:]) + 1
    )


def _place(
    row: int,
    cost: NDArray[np.float64],
    owner: NDArray[np.int_],
    potentials: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Find the cheapest path of exchanges that gives `row` a column, and follow it."""
    of_row, of_column = potentials
    slack = np.full(len(owner), np.inf)
    before = np.zeros(len(owner), int)
    done = np.zeros(len(owner), bool)
    owner[0], at = row, 0
    while owner[at]:
        done[at] = True
        reduced = cost[owner[at]] - of_row[owner[at]] - of_column
        better = ~done & (reduced < slack)
        slack[better], before[better] = reduced[better], at
        following = int(np.argmin(np.where(done, np.inf, slack)))
        step = slack[following]
        of_row[owner[done]] += step
        of_column[done] -= step
        slack[~done] -= step
        at = following
    while at:
        owner[at] = owner[before[at]]
        at = int(before[at])
