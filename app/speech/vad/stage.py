"""Lets speech through, with a little of what came before it, and tells how long silence lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.vad.protocol import SpeechAudio
from app.speech.vad.silero import FRAME, SileroVad

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class VadOptions:
    """Probabilities (0 to 1) and times (seconds)."""

    onset: float = 0.5  # speech begins at this probability ...
    offset: float = 0.35  # ... and goes on down to this one
    hangover: float = 0.1  # a dip shorter than this does not count as silence
    preroll: float = 0.3  # audio before the onset that is sent along: word beginnings are soft
    release: float = 2.0  # silence after which nothing more is sent
    rest: float = 5.0  # silence after which one empty chunk says that the pause is a long one


class Detector(Protocol):
    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]: ...


class VadStage:
    """AudioChunk -> SpeechAudio. A jump in the sample numbers is treated as silence."""

    name = "vad"

    def __init__(
        self, options: VadOptions | None = None, detector: Callable[[], Detector] = SileroVad
    ) -> None:
        self._options = options or VadOptions()
        self._make_detector = detector
        self._rest = np.zeros(0, np.float32)  # less than a frame, not judged yet
        self._held = np.zeros(0, np.float32)  # the newest silence: the pre-roll
        self._next = 0  # number of the sample after the last one judged
        self._silent = _samples(self._options.rest)  # the stream starts in a long pause
        self._rested = True  # the long pause has been told
        self._speaking = False
        self._open = False  # audio is being let through

    def open(self) -> None:
        self._detector = self._make_detector()

    def feed(self, items: Sequence[AudioChunk], /) -> Iterator[SpeechAudio]:
        for chunk in items:
            if chunk.first_sample != self._next + len(self._rest):
                yield from self.flush()
                self._jump(chunk.first_sample)
            samples = np.concatenate([self._rest, chunk.samples])
            whole = len(samples) // FRAME * FRAME
            self._rest = samples[whole:]
            if whole:
                yield from self._judge(samples[:whole])

    def flush(self) -> Iterator[SpeechAudio]:
        if self._open and len(self._rest):
            yield SpeechAudio(AudioChunk(self._next, self._rest), self._silence)

    def close(self) -> None:
        self._held = self._rest = np.zeros(0, np.float32)

    @property
    def _silence(self) -> float:
        """Seconds."""
        return 0.0 if self._speaking else self._silent / SPEECH_RATE

    @property
    def _is_long(self) -> bool:
        return self._silent >= _samples(self._options.rest)

    def _jump(self, first_sample: int) -> None:
        self._rest = self._held = np.zeros(0, np.float32)
        self._silent += max(0, first_sample - self._next)
        self._next = first_sample

    def _judge(self, samples: NDArray[np.float32]) -> Iterator[SpeechAudio]:
        """One SpeechAudio for each run of frames with the same fate."""
        start = 0
        for index, probability in enumerate(self._detector.probabilities(samples)):
            before = self._open, self._is_long
            self._note(float(probability))
            if (self._open, self._is_long) != before:
                end = (index + 1) * FRAME
                yield from self._pass_on(samples[start:end], was_open=before[0])
                start = end
        if start < len(samples):
            yield from self._pass_on(samples[start:], was_open=self._open)

    def _note(self, probability: float) -> None:
        limit = self._options.offset if self._speaking else self._options.onset
        if probability >= limit:
            self._speaking, self._open, self._rested, self._silent = True, True, False, 0
            return
        self._silent += FRAME
        self._speaking = self._speaking and self._silent < _samples(self._options.hangover)
        self._open = self._open and self._silent < _samples(self._options.release)

    def _pass_on(self, samples: NDArray[np.float32], *, was_open: bool) -> Iterator[SpeechAudio]:
        self._next += len(samples)
        preroll = _samples(self._options.preroll)
        if not was_open:
            samples = np.concatenate([self._held, samples])
        if was_open or self._open:
            kept = samples if was_open else samples[-preroll - FRAME :]
            self._held = samples[:0]  # sent, and must not be sent again
            yield SpeechAudio(AudioChunk(self._next - len(kept), kept), self._silence)
            return
        self._held = samples[-preroll:]
        if self._is_long and not self._rested:
            self._rested = True
            yield SpeechAudio(AudioChunk(self._next, samples[:0]), self._silence)


def _samples(seconds: float) -> int:
    return int(seconds * SPEECH_RATE)
