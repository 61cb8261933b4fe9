"""Where the caption panel stands, without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN = 48
"""Pixels below the panel when it stands where we put it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the desktop; it may have negative coordinates."""

    x: int
    y: int
    width: int
    height: int

    @property
    def bottom(self) -> int:
        return self.y + self.height

    def overlap(self, other: Box) -> int:
        """Shared area in pixels."""
        width = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(0, width) * max(0, height)


def default_place(screen: Box, height: int) -> Box:
    """Near the bottom of `screen`, in the middle, wide enough for a sentence."""
    width = min(screen.width - 2 * MARGIN, max(480, round(screen.width * 0.62)))
    x = screen.x + (screen.width - width) // 2
    return Box(x, screen.bottom - MARGIN - height, width, height)


def clamped(box: Box, screens: Sequence[Box]) -> Box:
    """`box` wholly on the screen that it covers most; on the first one if it covers none."""
    if not screens:
        return box
    screen = max(screens, key=box.overlap)
    width = min(box.width, screen.width)
    height = min(box.height, screen.height)
    x = min(max(box.x, screen.x), screen.x + screen.width - width)
    y = min(max(box.y, screen.y), screen.bottom - height)
    return Box(x, y, width, height)
