"""Sound to record: a ramp, so that every frame tells where it belongs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from app.core.audio import AudioBlock, AudioFormat

MONO = AudioFormat(8_000, 1)
STEREO = AudioFormat(8_000, 2)


def ramp(first: int, frames: int, channels: int = 1) -> NDArray[np.int16]:
    """Frame n holds n % 10007 + 1 on every channel."""
    values = (np.arange(first, first + frames) % 10_007 + 1).astype(np.int16)
    return np.repeat(values[:, None], channels, axis=1)


def block(first: int, frames: int, audio_format: AudioFormat = MONO) -> AudioBlock:
    return AudioBlock(first, ramp(first, frames, audio_format.channels), audio_format)


def blocks(frames: int, size: int, audio_format: AudioFormat = MONO) -> Iterator[AudioBlock]:
    for first in range(0, frames, size):
        yield block(first, min(size, frames - first), audio_format)
