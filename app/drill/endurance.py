"""Hours of a meeting with everything that goes wrong in one, as fast as the disk takes them."""

from __future__ import annotations

import contextlib
import gc
import random
import threading
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from unittest import mock

from app.capture.placing import Origin
from app.core.audio import AudioBlock, AudioFormat
from app.core.events import (
    AudioGap,
    AudioSaved,
    DeviceChanged,
    Event,
    StageChanged,
    StageState,
    WordsCommitted,
)
from app.drill.pattern import FORM, numbered
from app.drill.reports import Plan
from app.drill.standins import exchange_recogniser
from app.platforms.process import release_memory
from app.platforms.usage import cpu_seconds, memory_mb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.live import LiveMeeting

STEP_S = 0.5
"""What both sources deliver between two looks at whether something shall go wrong."""
_AHEAD_S = 10.0  # by which the sources may be ahead of the disk
_UNSAID_S = 40.0  # by which they may be ahead of the captions, some of which are forgotten
_PATIENCE_S = 60.0
_EVERY_S = 40.0  # on average between two faults
_FORGET_S = 20.0


@dataclass(frozen=True, slots=True)
class Mark:
    """After `end` seconds of sound: memory in MB, CPU seconds since the mark before."""

    end: float
    memory: float
    cpu: float
    audio: float


@dataclass
class Tally:
    """What was done to the meeting, and what it told of it."""

    done: dict[str, int] = field(default_factory=dict)
    gaps: int = 0
    failed: list[str] = field(default_factory=list)
    saved: float = 0.0
    said: float = 0.0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def note(self, event: Event) -> None:
        with self.changed:
            match event:
                case AudioGap():
                    self.gaps += 1
                case AudioSaved():
                    self.saved = event.seconds
                case WordsCommitted():
                    self.said = event.words[-1].end
                case StageChanged(state=StageState.FAILED):
                    self.failed.append(f"{event.stage}: {event.error}")
                case _:
                    return
            self.changed.notify_all()


class DrivenSource:
    """A device that delivers when it is told to, and may be away for a while."""

    def __init__(self, name: str, publish: Callable[[Event], object]) -> None:
        self._name = name
        self._publish = publish
        self._deliver: Callable[[AudioBlock], object] | None = None
        self._held: list[AudioBlock] = []
        self._frame = 0
        self.holding = False

    @property
    def name(self) -> str:
        return self._name

    @property
    def failure(self) -> Exception | None:
        return None

    def open(self) -> AudioFormat:
        return FORM

    def start(self, deliver: Callable[[AudioBlock], object], _ended: Callable[[], object]) -> None:
        self._deliver = deliver

    def stop(self) -> None:
        self._deliver = None

    def close(self) -> None:
        self.stop()

    def play(self, seconds: float) -> None:
        """Deliver what comes next, and before it what was held back."""
        frames = round(seconds * FORM.rate)
        self._held.append(AudioBlock(self._frame, numbered(self._frame, frames), FORM))
        self._frame += frames
        if self.holding or self._deliver is None:
            return
        held, self._held = self._held, []
        for block in held:
            self._deliver(block)

    def lose(self, seconds: float, device: str = "") -> None:
        """So much never comes; then another device may go on."""
        self._frame += round(seconds * FORM.rate)
        if device:
            at = self._frame / FORM.rate
            self._publish(DeviceChanged(self._name, device, at, "the default device has changed"))


class Endurance:
    """A meeting of both sources through `LiveMeeting`, on a clock that runs with the sound."""

    def __init__(self, seed: int = 1) -> None:
        self.tally = Tally()
        self._random = random.Random(seed)
        self._now = 0.0
        self._sources: list[DrivenSource] = []
        self._until: dict[str, float] = {}

    def run(
        self,
        make: Callable[[Callable[[Event], object]], LiveMeeting],
        seconds: float,
        every: float,
        told: Callable[[Mark], object],
    ) -> list[Mark]:
        """Marks of `every` seconds each. Raises TimeoutError if the disk takes nothing more.

        `make` gives the meeting, one of "mic+system"; it gets what the meeting is to publish to.
        """
        with self._in_place():
            meeting = make(self.tally.note)
            meeting.start()
            try:
                return [self._stretch(meeting, every, told) for _ in range(round(seconds / every))]
            finally:
                meeting.stop()

    @contextlib.contextmanager
    def _in_place(self) -> Iterator[None]:
        def source(name: str, _device: str, publish: Any, _origin: Origin) -> DrivenSource:
            self._sources.append(DrivenSource(name, publish))
            return self._sources[-1]

        with contextlib.ExitStack() as stack:
            exchange_recogniser(stack, Plan())
            stack.enter_context(mock.patch("app.live.source_for", source))
            clock = partial(Origin, lambda: self._now)
            stack.enter_context(mock.patch("app.hearing.Origin", clock))
            yield

    def _stretch(self, meeting: LiveMeeting, every: float, told: Callable[[Mark], object]) -> Mark:
        cpu, begin = cpu_seconds(), self._now
        while self._now - begin < every:
            self._step(meeting)
        gc.collect()
        release_memory()  # as a real recogniser does after every utterance
        mark = Mark(self._now, memory_mb(), cpu_seconds() - cpu, self._now - begin)
        told(mark)
        return mark

    def _step(self, meeting: LiveMeeting) -> None:
        self._now += STEP_S
        for source in self._sources:
            source.play(STEP_S)
        self._end_what_is_over(meeting)
        if self._random.random() < STEP_S / _EVERY_S:
            self._harm(meeting)
        self._wait_for_disk(meeting)

    def _harm(self, meeting: LiveMeeting) -> None:
        kind = self._random.choice(("pause", "gap", "device", "burst", "forget"))
        source = self._random.choice(self._sources)
        self.tally.done[kind] = self.tally.done.get(kind, 0) + 1
        match kind:
            case "pause":
                meeting.pause()
                self._until["pause"] = self._now + self._random.uniform(1.0, 20.0)
            case "gap" | "device":
                lost = self._random.uniform(0.3, 5.0)
                device = f"device {self.tally.done[kind]}" if kind == "device" else ""
                self._lose(source, lost, device)
            case "burst":
                source.holding = True
                self._until[source.name] = self._now + self._random.uniform(1.0, 4.0)
            case _:
                meeting.forget(_FORGET_S)

    def _lose(self, source: DrivenSource, seconds: float, device: str) -> None:
        """The other source and the clock go on meanwhile."""
        source.lose(seconds, device)
        self._now += seconds
        for other in self._sources:
            if other is not source:
                other.play(seconds)

    def _end_what_is_over(self, meeting: LiveMeeting) -> None:
        for name in [name for name, end in self._until.items() if self._now >= end]:
            del self._until[name]
            if name == "pause":
                meeting.resume()
        for source in self._sources:
            source.holding = source.name in self._until

    def _wait_for_disk(self, meeting: LiveMeeting) -> None:
        """No faster than what is recorded and said, so that nothing is lost but what is to be."""
        if self._until:
            return
        tally = self.tally
        with tally.changed:
            if not tally.changed.wait_for(
                lambda: tally.failed or self._has_kept_up(meeting.seconds), _PATIENCE_S
            ):
                raise TimeoutError(f"saved {tally.saved:.0f} s, said {tally.said:.0f} s, no more")

    def _has_kept_up(self, heard: float) -> bool:
        return heard - self.tally.saved < _AHEAD_S and heard - self.tally.said < _UNSAID_S
