"""How long Sortformer waits, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SUBSAMPLING = 8
"""Mel frames in a frame of the model."""
FRAME_S = 0.08
"""Seconds of a frame of the model."""
LEFT = 1
"""Frames of context before the new ones."""
AFFORDABLE = 0.25
"""Share of one core that diarization may take where the hardware chooses the preset."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Lengths in frames of 80 ms: new frames of a step, frames it looks ahead, the queue, and how
    many leave the queue at once."""

    chunk: int
    right: int
    fifo: int
    update: int

    @property
    def seconds(self) -> float:
        """Seconds of sound between a word and the step that can tell who said it, at most."""
        return (self.chunk + self.right) * FRAME_S

    @property
    def step(self) -> float:
        """Seconds of sound for which the model runs once."""
        return self.chunk * FRAME_S


PRESETS = MappingProxyType(
    {
        "1.04s": Latency(chunk=6, right=7, fifo=188, update=144),  # published
        "2.6s": Latency(chunk=25, right=7, fifo=50, update=50),
        "5s": Latency(chunk=55, right=7, fifo=55, update=55),
        "10s": Latency(chunk=124, right=1, fifo=124, update=124),  # published
    }
)
"""From the soonest and dearest to the latest and cheapest."""
DEFAULT = PRESETS["2.6s"]


def preset_for(cost: Callable[[Latency], float]) -> Latency:
    """The soonest preset that this machine affords.

    `cost` gives the seconds that one step with full caches takes.
    """
    for latency in PRESETS.values():
        if cost(latency) <= AFFORDABLE * latency.step:
            return latency
    return latency
