"""The newest audio of a stream, kept for what may still be wanted of it."""

from __future__ import annotations

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk

_ROOM = 45 * SPEECH_RATE  # samples; more is taken when more is kept


class KeptAudio:
    """Audio without a hole, from sample `first` to before sample `end`, in one block of memory.

    Hundreds of small pieces would lie between the buffers of the decoder, and the heap could
    not shrink behind them.
    """

    def __init__(self) -> None:
        self._block = np.empty(_ROOM, np.float32)
        self._at = 0  # where `first` lies in the block
        self.first = self.end = 0

    def begin(self, sample: int) -> None:
        """Forget all; the next audio begins with `sample`."""
        self._at = 0
        self.first = self.end = sample

    def append(self, chunk: AudioChunk) -> None:
        """What follows; audio that does not follow what is kept begins anew."""
        if chunk.first_sample != self.end:
            self.begin(chunk.first_sample)
        held, new = self.end - self.first, len(chunk.samples)
        if self._at + held + new > len(self._block):
            self._make_room(held + new)
        self._block[self._at + held : self._at + held + new] = chunk.samples
        self.end += new

    def forget_before(self, sample: int) -> None:
        at = self.within(sample)
        self._at += at - self.first
        self.first = at

    def within(self, sample: int) -> int:
        """The sample nearest to `sample` at which a part may begin or end."""
        return min(max(sample, self.first), self.end)

    def part(self, first: int, last: int) -> AudioChunk:
        """From `first` to before `last`, as far as it is kept; good until more audio comes."""
        begin, end = self.within(first), self.within(last)
        place = self._at + begin - self.first
        return AudioChunk(begin, self._block[place : place + max(0, end - begin)])

    def _make_room(self, samples: int) -> None:
        """Move what is kept to the front of the block, or of one twice as large as needed."""
        kept = self._block[self._at : self._at + self.end - self.first]
        if 2 * samples > len(self._block):
            block = np.empty(max(_ROOM, 2 * samples), np.float32)
        else:
            block = self._block
        block[: len(kept)] = kept.copy() if block is self._block else kept
        self._block, self._at = block, 0
