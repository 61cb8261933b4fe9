"""The sources of a meeting: opened together, watched, each on its way to a track of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.capture.alignment import AlignedSource
from app.capture.factory import open_source_for, sound_doubts_for, steady_source_for
from app.capture.placing import Origin
from app.capture.sleepwatch import SleepWatch
from app.capture.steady import SteadySource
from app.capture.watch import StallWatch
from app.core.errors import AppError, CaptureError
from app.core.events import (
    AudioGap,
    CaptureEnded,
    DeviceChanged,
    StageChanged,
    StageState,
)
from app.intake import Intake, Pauses, seconds_of
from app.pipeline.channel import Channel
from app.pipeline.runner import failure_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.capture.doubts import SoundDoubts
    from app.capture.protocol import AudioSource
    from app.core.audio import AudioBlock
    from app.core.events import Event

    Publish = Callable[[Event], object]
    Make = Callable[[str, str, Publish, Origin], AudioSource]

DEVICES = ("mic", "system")
TOO_SLOW = "the disk could not keep up"

_CAPTURE_BACKLOG = 30.0  # seconds of sound that may wait for the disk


def source_for(name: str, device: str, publish: Publish, origin: Origin) -> AudioSource:
    """The source for "mic" or "system", which outlives its device, or for a media file's path."""
    if name in DEVICES:
        return steady_source_for(name, device, publish, origin)
    return open_source_for(name, device)


class Ear:
    """One source of a meeting. `inbox` holds what waits for its recorder."""

    def __init__(self, wanted: str, source: AudioSource, origin: Origin | None) -> None:
        """`origin` is what several sources share, to lie on one clock."""
        self._source = source if origin is None else AlignedSource(source, origin)
        self._why = source.why if isinstance(source, SteadySource) else None
        self._is_device = wanted in DEVICES
        self._doubts: SoundDoubts | None = None
        self._refused = 0
        self._over = False
        self.inbox: Channel[AudioBlock] = Channel(_CAPTURE_BACKLOG, seconds_of)

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def failure(self) -> Exception | None:
        return self._source.failure

    @property
    def seconds(self) -> float:
        """How far the meeting's clock has come with it."""
        return self._intake.seconds

    @property
    def stream_time(self) -> float:
        return self._intake.stream_time

    def open(self) -> None:
        """Raises CaptureError; nothing is held then."""
        try:
            self._source.open()
        except BaseException:
            self._source.close()
            raise

    def prepare(self, begin: float, pauses: Pauses, publish: Publish) -> None:
        """What `start` needs to know: where the meeting's clock is, and whom to tell."""
        self._publish = publish
        self._begin = begin
        self._intake = Intake(self.inbox, pauses, begin)
        self._watch = StallWatch(self.name, publish)
        if self._is_device:
            self._guarded(self._begin_to_doubt)

    def start(self, ended: Callable[[Ear], object]) -> None:
        """Raises CaptureError; `stop` and `close` it then, too."""

        def over() -> None:
            self._watch.pause()
            ended(self)

        self._watch.start()
        self._source.start(self._take, over)

    def pause(self) -> None:
        """Expect nothing."""
        self._watch.pause()

    def resume(self) -> None:
        self._watch.resume()

    def shut(self) -> None:
        self._watch.pause()
        self._intake.shut()

    def stop(self) -> None:
        """Nothing comes any more; safe to call twice."""
        self._watch.stop()
        self._source.stop()
        self.close()

    def close(self) -> None:
        self._source.close()
        doubts, self._doubts = self._doubts, None
        if doubts is not None:
            self._guarded(doubts.close)

    def explained(self, gap: AudioGap) -> AudioGap:
        """`gap` with what is known about why it is there; called from the recorder's thread."""
        refused, self._refused = self._intake.refused - self._refused, self._intake.refused
        if refused:
            return replace(gap, reason=TOO_SLOW)
        at_start = gap.start <= self._begin
        return gap if self._why is None or at_start else replace(gap, reason=self._why())

    def doubt(self, block: AudioBlock) -> None:
        """Look whether what was recorded can be right; called from the recorder's thread."""
        doubts = self._doubts
        if doubts is not None:
            self._guarded(lambda: [self._publish(doubt) for doubt in doubts.note(block)])

    def _begin_to_doubt(self) -> None:
        self._doubts = sound_doubts_for(self.name)

    def _guarded(self, work: Callable[[], object]) -> None:
        """Whatever happens to the doubts, the recording goes on without them."""
        try:
            work()
        except Exception as exc:  # noqa: BLE001 - logged and told
            self._doubts = None
            self._publish(failure_of("doubts", exc))

    def _take(self, block: AudioBlock) -> None:
        """Runs in the source's thread, perhaps a sound card's callback: it must not wait."""
        self._watch.beat()
        self._intake.take(block)


class Hearing:
    """All sources of a meeting. Its methods are called by the owner, `publish` from any thread.

    One that fails while another goes on is told as StageChanged(FAILED) of its name; when the last
    one ends that is CaptureEnded.
    """

    def __init__(self, publish: Publish) -> None:
        self._publish = publish
        self._pauses = Pauses()
        self._sleep: SleepWatch | None = None
        self._prepared = False
        self._listening: list[Ear] = []
        self._failed: list[StageChanged] = []
        self.ears: tuple[Ear, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(ear.name for ear in self.ears)

    @property
    def seconds(self) -> float:
        """The meeting's clock: as far as the source that is furthest has come."""
        return max((ear.seconds for ear in self.ears), default=0.0)

    @property
    def stream_time(self) -> float:
        return max((ear.stream_time for ear in self.ears), default=0.0)

    def open(self, wanted: Sequence[tuple[str, str]], make: Make = source_for) -> None:
        """Open each source with its device, as far as that is possible.

        Raises CaptureError if none of them can be opened.
        """
        origin = Origin()
        first: CaptureError | None = None
        for name, device in wanted:
            source = make(name, device, self._tell_device, origin)
            ear = Ear(name, source, origin if len(wanted) > 1 else None)
            try:
                ear.open()
            except CaptureError as exc:
                first = first or exc
                self._failed.append(_failed(name, exc))
            else:
                self.ears = (*self.ears, ear)
        if first is not None and not self.ears:
            raise first

    def prepare(self, begin: float) -> None:
        """The meeting's clock begins at `begin` seconds."""
        self._prepared = True
        self._listening = list(self.ears)
        for ear in self.ears:
            ear.prepare(begin, self._pauses, self._publish)
        if any(ear.name in DEVICES for ear in self.ears):
            self._sleep = SleepWatch(self._publish, lambda: self.seconds)

    def start(self) -> None:
        """Raises CaptureError if no source can be started."""
        for failed in self._failed:
            self._publish(failed)
        for ear in self.ears:
            try:
                ear.start(self._on_end)
            except CaptureError as exc:
                self._listening.remove(ear)
                ear.stop()
                if not self._listening:
                    raise
                self._publish(_failed(ear.name, exc))
        if self._sleep is not None:
            self._sleep.start()

    def pause(self) -> bool:
        """Stop taking sound in, of all sources alike; False if it was paused already."""
        if not self._pauses.pause():
            return False
        for ear in self._listening:
            ear.pause()
        return True

    def resume(self) -> bool:
        if not self._pauses.resume():
            return False
        for ear in self._listening:
            ear.resume()
        return True

    def shut(self, error: AppError) -> None:
        """Take nothing more in, and tell why; from any thread."""
        for ear in self.ears:
            ear.shut()
        if self._listening:
            self._publish(CaptureEnded(self._listening[0].name, str(error), error.hint))

    def stop(self) -> None:
        """Safe to call twice."""
        if not self._prepared:
            self.close()
            return
        if self._sleep is not None:
            self._sleep.stop()
        for ear in self.ears:
            ear.stop()

    def close(self) -> None:
        """Let go what was opened and never started."""
        for ear in self.ears:
            ear.close()

    def _tell_device(self, event: Event) -> None:
        """A source knows its own clock only."""
        if isinstance(event, DeviceChanged):
            event = replace(event, at=round(self.seconds, 3))
        self._publish(event)

    def _on_end(self, ear: Ear) -> None:
        """Runs in the source's thread."""
        failure = ear.failure
        hint = failure.hint if isinstance(failure, AppError) else ""
        self._listening.remove(ear)
        if self._listening:
            self._publish(StageChanged(ear.name, StageState.FAILED, str(failure or ""), hint))
        else:
            self._publish(CaptureEnded(ear.name, str(failure) if failure else "", hint))


def _failed(name: str, exc: CaptureError) -> StageChanged:
    return StageChanged(name, StageState.FAILED, str(exc), exc.hint)
