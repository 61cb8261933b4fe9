"""Plays a file through the stages on a virtual clock: the same on any machine, under any load.

The clock stands at the end of the audio delivered so far, in chunks of 40 ms. Every processing step
moves it on by the process CPU time that it used, and the audio that arrives meanwhile waits. Live
recognition, revision, the diarizer and translation are four workers, as they are four threads in a
real run: each has a clock of its own. What the others find is handed on when the live clock has
come so far.
"""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count
from typing import TYPE_CHECKING

from app.core.clock import VirtualClock
from app.intake import Nowhere
from app.pipeline.runner import failure_of
from app.platforms.usage import cpu_seconds
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.translate.stage import UpdatePace, is_told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.core.audio import AudioBlock
    from app.core.events import Event, FinalCaption, TurnsFound
    from app.meeting import Recognition
    from app.pipeline.protocol import Stage
    from app.speech.transcribe.stage import Recognised
    from app.translate.stage import Told

BLOCK_SECONDS = 0.04


class FastPace:
    """Drives a recognition; `emit` gets each event and the moment at which it was known.

    `voices` tells speakers apart beside it, `translation` translates what is emitted.
    """

    def __init__(
        self,
        recognition: Recognition,
        emit: Callable[[Event, float], object],
        cpu: Callable[[], float] = cpu_seconds,
        voices: Stage[AudioBlock, TurnsFound] | None = None,
        translation: Stage[Told, Event] | None = None,
    ) -> None:
        self._live = recognition.live
        self._revise = recognition.revise
        self._emit = emit
        self._cpu = cpu
        self._clock = VirtualClock()
        self._revision_clock = VirtualClock()
        self._voices: Stage[AudioBlock, TurnsFound] = Nowhere() if voices is None else voices
        self._voices_clock = VirtualClock()
        self._translation = TranslationPace(translation, cpu) if translation else None
        self._revised: list[tuple[float, int, Event]] = []
        self._order = count()
        self.audio_seconds = 0.0

    @property
    def translation_cpu(self) -> float:
        """CPU seconds of translation alone."""
        return 0.0 if self._translation is None else self._translation.cpu_seconds

    def run(self, blocks: Iterable[AudioBlock]) -> None:
        """Play all of `blocks`; opens and closes the stages. Raises what they raise."""
        try:
            self._live.open()
            self._revise.open()
            self._try_voices(self._voices.open)
            self._open_translation()
            for arrived in self._arrivals(blocks):
                self._step(lambda items=arrived: self._live.feed(items))  # type: ignore[misc]
            self._step(self._live.flush)
            self._spend_on_revision(self._revise.flush)
            self._spend_on_voices(self._voices.flush, self.audio_seconds)
            self._hand_on(until=float("inf"))
            self._end_translation()
        finally:
            self._live.close()
            self._revise.close()
            self._voices.close()
            if self._translation is not None:
                self._translation.stage.close()

    def _arrivals(self, blocks: Iterable[AudioBlock]) -> Iterator[list[AudioBlock]]:
        """What waits each time the live worker is free, at least one block."""
        waiting: list[AudioBlock] = []
        for block in blocks:
            self.audio_seconds = block.end
            self._spend_on_voices(lambda item=block: self._voices.feed([item]), block.end)  # type: ignore[misc]
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
                    if self._translation is not None:
                        self._translation.hear(item, self._clock.now())
                    self._revise_with(item)
                case SpeechRested():
                    self._revise_with(item)
                case _:
                    self._tell(item)
        self._hand_on(until=self._clock.now())

    def _tell(self, event: Event) -> None:
        self._hand_on(until=self._clock.now())
        self._pass_on(event, self._clock.now())

    def _pass_on(self, event: Event, moment: float) -> None:
        self._emit(event, moment)
        if self._translation is not None:
            self._translation.take(event, moment)

    def _revise_with(self, item: HeardUtterance | SpeechRested) -> None:
        self._spend_on_revision(lambda: self._revise.feed([item]))

    def _spend_on_revision(self, work: Callable[[], Iterable[FinalCaption]]) -> None:
        self._revision_clock.wait_until(self._clock.now())
        self._spend(self._revision_clock, work)

    def _spend_on_voices(self, work: Callable[[], Iterable[TurnsFound]], arrived: float) -> None:
        self._voices_clock.wait_until(arrived)
        self._try_voices(lambda: self._spend(self._voices_clock, work))

    def _try_voices(self, work: Callable[[], None]) -> None:
        """A diarizer that fails is told once and left out; captions go on."""
        try:
            work()
        except Exception as exc:  # noqa: BLE001 - logged and told
            self._tell(failure_of(self._voices.name, exc))
            self._voices.close()
            self._voices = Nowhere()

    def _spend(self, clock: VirtualClock, work: Callable[[], Iterable[Event]]) -> None:
        before = self._cpu()
        found = list(work())
        clock.spend(self._cpu() - before)
        for event in found:
            heapq.heappush(self._revised, (clock.now(), next(self._order), event))

    def _hand_on(self, until: float) -> None:
        while True:
            self._translate(min(until, self._revised[0][0]) if self._revised else until)
            if not self._revised or self._revised[0][0] > until:
                return
            moment, _, event = heapq.heappop(self._revised)
            self._pass_on(event, moment)

    def _translate(self, until: float) -> None:
        if self._translation is not None:
            for event, moment in self._translation.work(until):
                heapq.heappush(self._revised, (moment, next(self._order), event))

    def _open_translation(self) -> None:
        """Translation that cannot begin is told and left out; captions go on."""
        if self._translation is not None:
            try:
                self._translation.stage.open()
            except Exception as exc:  # noqa: BLE001 - logged and told
                self._emit(failure_of(self._translation.stage.name, exc), self._clock.now())
                self._translation.stage.close()
                self._translation = None

    def _end_translation(self) -> None:
        if self._translation is not None:
            for event, moment in self._translation.flush():
                self._emit(event, moment)


class TranslationPace:
    """The worker that translates: what comes while it is busy waits for it, all at once."""

    def __init__(self, stage: Stage[Told, Event], cpu: Callable[[], float]) -> None:
        self.stage = stage
        self._cpu = cpu
        self._clock = VirtualClock()
        self._waiting: deque[tuple[float, Told]] = deque()
        self._pace = UpdatePace()
        self.cpu_seconds = 0.0

    def take(self, event: Event, moment: float) -> None:
        if is_told(event):
            self._waiting.append((moment, event))

    def hear(self, speech: HeardUtterance, moment: float) -> None:
        self._waiting.append((moment, speech))

    def work(self, until: float) -> Iterator[tuple[Event, float]]:
        """Do what can be begun before `until`; what is found, and the moment it was known."""
        while self._waiting:
            begin = max(self._clock.now(), self._waiting[0][0])
            if begin >= until:
                return
            self._clock.wait_until(begin)
            batch = []
            while self._waiting and self._waiting[0][0] <= begin:
                batch.append(self._waiting.popleft()[1])
            yield from self._spend(lambda items=batch: self.stage.feed(items))  # type: ignore[misc]

    def flush(self) -> Iterator[tuple[Event, float]]:
        yield from self._spend(self.stage.flush)

    def _spend(self, work: Callable[[], Iterable[Event]]) -> Iterator[tuple[Event, float]]:
        """What `work` finds, each at the moment at which it is found."""
        before = self._cpu()
        for event in work():
            now = self._cpu()
            self._clock.spend(now - before)
            self.cpu_seconds += now - before
            if self._pace.lets_through(event, self._clock.now()):
                yield event, self._clock.now()
            before = self._cpu()
        self._clock.spend(self._cpu() - before)
        self.cpu_seconds += self._cpu() - before
