"""From any rate and number of channels to what models hear, without losing the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.downmix import Downmix

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.core.audio import AudioBlock

_QUALITY = "HQ"
"""Holds back 7 to 40 ms of sound; what comes out is not shifted."""


class SpeechResampler:
    """A stage: blocks of a source in, mono float32 chunks at 16 kHz out.

    A chunk's place is that of its source samples, over gaps and for any length.
    """

    @property
    def name(self) -> str:
        return "resample"

    def __init__(self) -> None:
        self._run: _Run | None = None
        self._downmix = Downmix()

    def open(self) -> None:
        self._run = None
        self._downmix = Downmix()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[AudioChunk]:
        for block in items:
            if self._run is None or not self._run.is_continued_by(block):
                yield from self.flush()
                self._run = _Run(block, self._downmix)
            yield from self._run.feed(block)

    def flush(self) -> Iterable[AudioChunk]:
        run, self._run = self._run, None
        return run.finish() if run is not None else ()

    def close(self) -> None:
        self._run = None


class _Run:
    """Sound without gaps: one filter, and places counted from where it began."""

    def __init__(self, first: AudioBlock, downmix: Downmix) -> None:
        self._downmix = downmix
        self._rate = first.format.rate
        self._next_frame = first.first_frame
        self._place = self._speech_place(first.first_frame)
        self._filter = soxr.ResampleStream(
            self._rate, SPEECH_RATE, 1, dtype="float32", quality=_QUALITY
        )

    def is_continued_by(self, block: AudioBlock) -> bool:
        return block.first_frame == self._next_frame and block.format.rate == self._rate

    def feed(self, block: AudioBlock) -> Iterator[AudioChunk]:
        self._next_frame = block.end_frame
        mono = self._downmix.mono(block.samples, self._rate) / np.float32(32768)
        yield from self._emit(self._filter.resample_chunk(mono))

    def finish(self) -> Iterator[AudioChunk]:
        rest = self._filter.resample_chunk(np.zeros(0, np.float32), last=True)
        # rounding must not reach into what follows the gap
        yield from self._emit(rest[: self._speech_place(self._next_frame) - self._place])

    def _emit(self, samples: NDArray[np.float32]) -> Iterator[AudioChunk]:
        if len(samples):
            yield AudioChunk(self._place, np.clip(samples, -1.0, 1.0))
            self._place += len(samples)

    def _speech_place(self, frame: int) -> int:
        return round(frame * SPEECH_RATE / self._rate)
