"""Where to begin in the middle of sound: between words, as far as loudness tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioBlock
from app.core.downmix import mono_stretch
from app.speech.transcribe.quiet import quietest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_NEWEST = 4.0  # seconds in which a pause is looked for ...
_PAUSE = 0.2  # ... of this length


def from_a_pause(blocks: Sequence[AudioBlock]) -> list[AudioBlock]:
    """The end of `blocks`, at most half of them, from the quietest place of the last seconds on.

    Empty if there is too little sound to tell.
    """
    newest = _unbroken(blocks)
    rate = newest[-1].format.rate
    samples = np.concatenate([block.samples for block in newest])
    longest = min(round(_NEWEST * rate), len(samples) // 2)
    place = place_of_pause(samples[len(samples) - longest :], rate)
    if place is None:
        return []
    return _from_frame(newest, newest[-1].end_frame - longest + place)


def _unbroken(blocks: Sequence[AudioBlock]) -> Sequence[AudioBlock]:
    """The blocks behind the last jump."""
    for index in range(len(blocks) - 1, 0, -1):
        before, block = blocks[index - 1], blocks[index]
        if before.end_frame != block.first_frame or before.format != block.format:
            return blocks[index:]
    return blocks


def place_of_pause(samples: NDArray[np.int16], rate: int) -> int | None:
    """The frame in the middle of the quietest 0.2 s; None if there is too little sound.

    `samples` is int16 of shape (frames, channels).
    """
    return quietest(mono_stretch(samples, rate), rate, _PAUSE)


def _from_frame(blocks: Sequence[AudioBlock], frame: int) -> list[AudioBlock]:
    kept: list[AudioBlock] = []
    for block in blocks:
        if block.end_frame > frame:
            first = max(frame, block.first_frame)
            samples = block.samples[first - block.first_frame :]
            kept.append(AudioBlock(first, samples, block.format))
    return kept
