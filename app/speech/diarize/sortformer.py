"""Streaming Sortformer as a diarizer: at most four voices, told while they speak."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.speech.diarize.sortformer_cache import SpeakerCache
from app.speech.diarize.sortformer_mel import MELS, MelStream
from app.speech.diarize.sortformer_presets import DEFAULT, LEFT, SUBSAMPLING, Latency, preset_for
from app.speech.diarize.sortformer_turns import Thresholds, TurnFinder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.core.audio import AudioChunk
    from app.core.events import TurnsFound
    from app.speech.diarize.sortformer_model import SortformerModel

LOST_S = 2.0
"""Seconds of lost sound that are heard as silence; after more, hearing starts anew, with the same
speakers in memory."""


class SortformerStream:
    """Sound in, one row of four probabilities for every 80 ms out."""

    def __init__(self, model: SortformerModel, latency: Latency) -> None:
        self._model = model
        self._latency = latency
        self._ahead = (latency.chunk + latency.right) * SUBSAMPLING  # mel frames that a step needs
        self.cache = SpeakerCache(model.dim, latency, model.rules)
        self._restart()

    def feed(self, samples: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
        """Mono sound at SPEECH_RATE -> the activity (n, SPEAKERS) that is now known."""
        self._mel.append(samples)
        while self._mel.frames >= self._next + self._ahead:
            yield self._step()

    def finish(self) -> Iterator[NDArray[np.float32]]:
        """What is held back; then other sound may follow, whose speakers are the same."""
        self._mel.end()
        while self._mel.frames > self._next:
            yield self._step()
        self._restart()

    def _restart(self) -> None:
        self._mel = MelStream()
        self._next = 0  # number of the first mel frame that has not been judged

    def _step(self) -> NDArray[np.float32]:
        latency = self._latency
        end = min(self._next + latency.chunk * SUBSAMPLING, self._mel.frames)
        first = max(0, self._next - LEFT * SUBSAMPLING)
        last = min(end + latency.right * SUBSAMPLING, self._mel.frames)
        mel = self._mel.window(first, last)
        frames, activity = self._model.step(mel, self.cache.frames, self.cache.queue)
        left = (self._next - first) // SUBSAMPLING
        right = -(-(last - end) // SUBSAMPLING)
        self._next = end
        self._mel.drop(end - LEFT * SUBSAMPLING)
        return self.cache.update(frames, activity, left, right)


class SortformerDiarizer:
    """See `Diarizer`. Without a `latency`, the machine chooses when the model is loaded."""

    name = "diarize"

    def __init__(
        self,
        load: Callable[[], SortformerModel],
        latency: Latency | None = DEFAULT,
        thresholds: Thresholds | None = None,
    ) -> None:
        self._load = load
        self._latency = latency
        self._finder = TurnFinder(thresholds or Thresholds())
        self._stream: SortformerStream | None = None
        self._start = 0  # number of the first sample since sound was last lost
        self._next = 0  # number of the sample that is expected next

    @property
    def latency(self) -> float:
        return (self._latency or DEFAULT).seconds

    def open(self) -> None:
        model = self._load()
        if self._latency is None:
            self._latency = preset_for(lambda latency: step_cost(model, latency))
        self._stream = SortformerStream(model, self._latency)

    def feed(self, items: Sequence[AudioChunk], /) -> Iterator[TurnsFound]:
        for chunk in items:
            lost = chunk.first_sample - self._next
            if lost > LOST_S * SPEECH_RATE or (lost and self._next == self._start):
                yield from self.flush()
                self._restart(chunk.first_sample)
            elif lost > 0:
                yield from self._hear(np.zeros(lost, np.float32))
            yield from self._hear(chunk.samples[max(0, -lost) :])

    def flush(self) -> Iterator[TurnsFound]:
        if self._stream is None or self._next == self._start:
            return
        end = self._next / SPEECH_RATE
        for activity in self._stream.finish():
            yield from self._finder.feed(activity, end)
        yield from self._finder.finish(end)
        self._restart(self._next)

    def close(self) -> None:
        self._stream = None

    def _restart(self, first_sample: int) -> None:
        self._start = self._next = first_sample
        self._finder.restart(first_sample / SPEECH_RATE)

    def _hear(self, samples: NDArray[np.float32]) -> Iterator[TurnsFound]:
        self._next += len(samples)
        if self._stream is None:
            return
        for activity in self._stream.feed(samples):
            yield from self._finder.feed(activity)


def step_cost(model: SortformerModel, latency: Latency) -> float:
    """Seconds that a step with full caches takes here; the first one, which is slower, not."""
    rng = np.random.default_rng(0)
    length = (LEFT + latency.chunk + latency.right) * SUBSAMPLING
    mel = rng.standard_normal((length, MELS)).astype(np.float32)
    cache = rng.standard_normal((model.rules.spkcache_len, model.dim)).astype(np.float32)
    queue = rng.standard_normal((latency.fifo, model.dim)).astype(np.float32)
    model.step(mel, cache, queue)
    start = perf_counter()
    model.step(mel, cache, queue)
    return perf_counter() - start
