from __future__ import annotations

import numpy as np

from app.core.audio import AudioBlock, AudioChunk, AudioFormat


def test_a_block_knows_its_place_in_the_source() -> None:
    block = AudioBlock(48_000, np.zeros((24_000, 2), np.int16), AudioFormat(48_000, 2))
    assert (block.frames, block.end_frame) == (24_000, 72_000)
    assert (block.start, block.end) == (1.0, 1.5)


def test_a_chunk_knows_its_place_in_the_source() -> None:
    chunk = AudioChunk(16_000, np.zeros(8_000, np.float32))
    assert (chunk.end_sample, chunk.start, chunk.end) == (24_000, 1.0, 1.5)
