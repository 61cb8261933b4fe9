"""The first seconds of an utterance, kept until it is known in which language they are spoken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.mel import MelBuffer

if TYPE_CHECKING:
    from app.speech.transcribe.whisper import Whisper

_PREROLL = int(0.3 * SPEECH_RATE)  # words begin softly
_IDLE = int(2.0 * SPEECH_RATE)  # what is kept of an utterance that is not looked at
_LONGEST = int(8.0 * SPEECH_RATE)  # more than anybody waits for an answer


class Opening:
    """Audio since the utterance began. Chunks must come in the order of time."""

    def __init__(self, context: int) -> None:
        """`context` is how many mel frames (10 ms) the encoder is given."""
        self._context = context
        self._samples = np.zeros(0, np.float32)
        self._end = 0
        self._open = False
        self._begun = 0
        self.seconds = 0.0  # of speech, without the silence between

    def begin(self, first_sample: int | None = None) -> None:
        """A new utterance begins at `first_sample`, or now, with a little of what came before."""
        begin = self._end - _PREROLL if first_sample is None else first_sample
        kept = min(max(self._end - begin, 0), len(self._samples))
        self._samples = self._samples[len(self._samples) - kept :]
        self.seconds = 0.0 if first_sample is None else kept / SPEECH_RATE
        self._begun = self._end - kept
        self._open = True

    def settle(self) -> None:
        """The utterance needs no further look."""
        self._open = False

    def hear(self, chunk: AudioChunk, *, silent: bool) -> None:
        if chunk.first_sample != self._end:
            self._samples = self._samples[:0]
        kept = _LONGEST if self._open else _IDLE
        self._samples = np.concatenate([self._samples, chunk.samples])[-kept:]
        self._end = chunk.end_sample
        if not silent:
            self.seconds += len(chunk.samples) / SPEECH_RATE

    @property
    def age(self) -> float:
        """Seconds since the utterance began."""
        return (self._end - self._begun) / SPEECH_RATE

    @property
    def audio(self) -> AudioChunk:
        return AudioChunk(self._end - len(self._samples), self._samples)

    def encode(self, model: Whisper) -> Any:
        """The encoder's output for the newest part that fits."""
        newest = self._samples[-(self._context - 100) * SPEECH_RATE // 100 :]
        return model.encode(MelBuffer(model.n_mels, newest).window(self._context))
