"""Cuts a text into pieces of a vocabulary where the model that cuts it was not published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.translate.decoding import SPACE

if TYPE_CHECKING:
    from collections.abc import Iterable

UNKNOWN = "<unk>"
_COST_UNKNOWN = 100


class Pieces:
    """Cuts into the fewest pieces; of two such ways the one with the longest first piece."""

    def __init__(self, vocabulary: Iterable[str]) -> None:
        self._pieces = frozenset(vocabulary)
        self._longest = max((len(piece) for piece in self._pieces), default=1)

    def of(self, text: str) -> list[str]:
        """Pieces that together spell `text`; a character that none contains is UNKNOWN."""
        return [piece for word in text.split() for piece in self._word(SPACE + word)]

    def _word(self, word: str) -> list[str]:
        costs = [0] * (len(word) + 1)
        ways: list[str] = [""] * len(word)
        for start in range(len(word) - 1, -1, -1):
            costs[start], ways[start] = self._best(word, start, costs)
        found: list[str] = []
        start = 0
        while start < len(word):
            found.append(ways[start] if ways[start] in self._pieces else UNKNOWN)
            start += len(ways[start])
        return found

    def _best(self, word: str, start: int, costs: list[int]) -> tuple[int, str]:
        best = costs[start + 1] + _COST_UNKNOWN, word[start]
        for end in range(start + 1, min(start + self._longest, len(word)) + 1):
            piece = word[start:end]
            if piece in self._pieces and costs[end] + 1 <= best[0]:
                best = costs[end] + 1, piece
        return best
