"""Plays a file through the stages on a virtual clock: the same on any machine, under any load.

The clock stands at the end of the audio delivered so far, in chunks of 40 ms. Every processing step
moves it on by the process CPU time that it used, and the audio that arrives meanwhile waits. Live
recognition and revision are two workers, as they are two threads in a real run: each has a clock
of its own. Revisions are handed on when the live clock has come that far.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

from app.core.clock import VirtualClock
from app.platforms.usage import cpu_seconds
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.core.audio import AudioBlock
    from app.core.events import Event, FinalCaption
    from app.live import Recognition
    from app.speech.transcribe.stage import Recognised

BLOCK_SECONDS = 0.04


class FastPace:
    """Drives a recognition; `emit` gets each event and the moment at which it was known."""

    def __init__(
        self,
        recognition: Recognition,
        emit: Callable[[Event, float], object],
        cpu: Callable[[], float] = cpu_seconds,
    ) -> None:
        self._live = recognition.live
        self._revise = recognition.revise
        self._emit = emit
        self._cpu = cpu
        self._clock = VirtualClock()
        self._revision_clock = VirtualClock()
        self._revised: list[tuple[float, int, FinalCaption]] = []
        self._order = count()
        self.audio_seconds = 0.0

    def run(self, blocks: Iterable[AudioBlock]) -> None:
        """Play all of `blocks`; opens and closes the stages. Raises what they raise."""
        try:
            self._live.open()
            self._revise.open()
            for arrived in self._arrivals(blocks):
                self._step(lambda items=arrived: self._live.feed(items))  # type: ignore[misc]
            self._step(self._live.flush)
            self._spend_on_revision(self._revise.flush)
            self._hand_on(until=float("inf"))
        finally:
            self._live.close()
            self._revise.close()

    def _arrivals(self, blocks: Iterable[AudioBlock]) -> Iterator[list[AudioBlock]]:
        """What waits each time the live worker is free, at least one block."""
        waiting: list[AudioBlock] = []
        for block in blocks:
            self.audio_seconds = block.end
            if waiting and block.end > self._clock.now():
                yield waiting
                waiting = []
            self._clock.wait_until(block.end)
            waiting.append(block)
        if waiting:
            yield waiting

    def _step(self, work: Callable[[], Iterable[Recognised | FinalCaption]]) -> None:
        before = self._cpu()
        found = list(work())
        self._clock.spend(self._cpu() - before)
        for item in found:
            match item:
                case HeardUtterance():
                    self._tell(item.caption)
                    self._revise_with(item)
                case SpeechRested():
                    self._revise_with(item)
                case _:
                    self._tell(item)
        self._hand_on(until=self._clock.now())

    def _tell(self, event: Event) -> None:
        self._hand_on(until=self._clock.now())
        self._emit(event, self._clock.now())

    def _revise_with(self, item: HeardUtterance | SpeechRested) -> None:
        self._spend_on_revision(lambda: self._revise.feed([item]))

    def _spend_on_revision(self, work: Callable[[], Iterable[FinalCaption]]) -> None:
        self._revision_clock.wait_until(self._clock.now())
        before = self._cpu()
        found = list(work())
        self._revision_clock.spend(self._cpu() - before)
        for caption in found:
            entry = (self._revision_clock.now(), next(self._order), caption)
            heapq.heappush(self._revised, entry)

    def _hand_on(self, until: float) -> None:
        while self._revised and self._revised[0][0] <= until:
            moment, _, caption = heapq.heappop(self._revised)
            self._emit(caption, moment)
