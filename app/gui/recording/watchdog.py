"""Says what is wrong while it is being recorded, and takes it back when it is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.events import (
    AudioGap,
    CaptureCleared,
    CaptureDoubted,
    CaptureProblem,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    SpaceMeasured,
)
from app.gui.messages import Button, Kind, Message
from app.gui.recording.sources import source_name
from app.gui.recording.state import RecordingState
from app.gui.transcript.note_text import span_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.gui.background import Background
    from app.gui.messages import MessageCentre
    from app.gui.services import Meetings

MEGABYTE = 1_000_000
ENOUGH_BYTES = 1_050_000_000
"""Free space with which the warning about it is over: a little more than what it began with."""
SPACE_EVERY_MS = 10_000
SPACE = "watch space"
GAP_S = 1.0
"""Gaps that are shorter are only marked in the transcript."""


class Watchdog(QObject):
    """`trouble_changed` gives what is wrong now, in a sentence ("" for nothing).

    `space_ended`: the disk is full, and the recording must end. `free_space` and `sound_settings`
    are what buttons do; without the latter there is no such button.
    """

    trouble_changed = Signal(str)
    space_ended = Signal(object)

    def __init__(
        self,
        meetings: Meetings,
        background: Background,
        messages: MessageCentre,
        free_space: Callable[[], object],
        sound_settings: Callable[[], object] | None,
    ) -> None:
        super().__init__(messages)
        self._meetings = meetings
        self._background = background
        self._messages = messages
        self._free_space = free_space
        self._sound_settings = sound_settings
        self._troubles: dict[str, str] = {}
        self._told: set[str] = set()
        self._space = QTimer(self, interval=SPACE_EVERY_MS)
        self._space.timeout.connect(self.look_for_space)

    @property
    def trouble(self) -> str:
        """What is wrong now; "" if nothing is."""
        return next(reversed(self._troubles.values()), "")

    def show_state(self, state: RecordingState) -> None:
        """A recording that is over has no troubles; one that begins has none yet."""
        if state in (RecordingState.STARTING, RecordingState.IDLE, RecordingState.SAVING):
            for key in list(self._troubles):
                self._over(key)
            self._space.stop()
        if state is RecordingState.STARTING:
            for key in self._told:
                self._messages.dismiss(key)
            self._told.clear()

    def apply(self, event: Event) -> None:
        """Take in an event of the meeting."""
        match event:
            case CaptureStalled():
                self._say_stalled(event)
            case CaptureResumed(source=source):
                self._over(f"stalled {source}")
            case CaptureDoubted():
                self._say_doubted(event)
            case CaptureCleared(source=source, problem=problem):
                self._over(f"{problem.value} {source}")
            case DeviceChanged():
                self._say_device(event)
            case ClockJumped(seconds=seconds) if seconds > 0:
                self._say_slept(seconds)
            case AudioGap():
                self._say_gap(event)
            case SpaceMeasured():
                self._say_space(event)
            case _:
                pass

    def _trouble(self, key: str, message: Message) -> None:
        self._troubles.pop(key, None)
        self._troubles[key] = message.text
        self._messages.show(message)
        self.trouble_changed.emit(self.trouble)

    def _over(self, key: str) -> None:
        self._messages.dismiss(key)
        if self._troubles.pop(key, None) is not None:
            self.trouble_changed.emit(self.trouble)

    def _say_stalled(self, event: CaptureStalled) -> None:
        key = f"stalled {event.source}"
        text = self.tr("{source}: no sound has arrived for {n:.0f} seconds.")
        text = text.format(source=source_name(event.source), n=event.seconds)
        hint = self.tr(
            "Check that the device is connected. As soon as it is back, or there is another one, "
            "recording goes on by itself."
        )
        self._trouble(key, Message(text, hint, Kind.WARNING, key, self._settings_button()))

    def _say_doubted(self, event: CaptureDoubted) -> None:
        key = f"{event.problem.value} {event.source}"
        name = source_name(event.source)
        kind = Kind.WARNING
        match event.problem:
            case CaptureProblem.SILENT:
                text = self.tr("{source}: there is nothing but silence.")
                hint = self.tr(
                    "It may be muted, or this program may not be allowed to listen to it."
                )
            case CaptureProblem.CLIPPING:
                text = self.tr("{source}: it is too loud, so the sound is distorted.")
                hint = self.tr("Turn it down, or sit a little farther away.")
            case CaptureProblem.DEAF:
                kind = Kind.ERROR
                text = self.tr("{source}: something is playing, but nothing of it is recorded.")
                hint = self.tr(
                    "It may be played on another output. Stop, choose that one where you choose "
                    "what to record, and start again."
                )
            case CaptureProblem.SHIFTED:
                text = self.tr("{source}: the sound has a constant offset.")
                hint = self.tr("The device or its cable is faulty. Try another one.")
            case CaptureProblem.OPPOSED:
                text = self.tr("{source}: the two channels cancel each other out.")
                hint = self.tr("The louder one is used. A cable may be wired the wrong way.")
        button = self._settings_button()
        self._trouble(key, Message(text.format(source=name), hint, kind, key, button))

    def _settings_button(self) -> Button | None:
        if self._sound_settings is None:
            return None
        return Button(self.tr("Sound settings"), self._sound_settings, stays=True)

    def _say_device(self, event: DeviceChanged) -> None:
        text = self.tr("{source}: it is recorded from “{device}” now.")
        if not event.device:
            text = self.tr("{source}: it is recorded from another device now.")
        text = text.format(source=source_name(event.source), device=event.device)
        hint = self.tr("The place is marked in the transcript.")
        self._tell(Message(text, hint, Kind.INFO, f"device {event.source}", brief=True))
        self._over(f"stalled {event.source}")

    def _say_slept(self, seconds: float) -> None:
        text = self.tr("Nothing was recorded for {length}: the computer slept.")
        hint = self.tr("Recording goes on. The gap is marked in the transcript.")
        text = text.format(length=span_text(seconds))
        self._tell(Message(text, hint, Kind.WARNING, "slept"))

    def _say_gap(self, event: AudioGap) -> None:
        """What has a message of its own, or is told while it lasts, is not told twice."""
        known = self._troubles or "slept" in self._told
        if known or event.end - event.start < GAP_S:
            return
        text = self.tr("{length} of sound were lost.")
        hint = self.tr("The gap is marked in the transcript. Recording goes on.")
        text = text.format(length=span_text(event.end - event.start))
        self._tell(Message(text, hint, Kind.WARNING, "gap", brief=True))

    def _tell(self, message: Message) -> None:
        """Something that is over, but worth to be known."""
        self._told.add(message.key)
        self._messages.show(message)

    # Space on the disk

    def _say_space(self, event: SpaceMeasured) -> None:
        free = event.free / MEGABYTE
        button = Button(self.tr("Open folder"), self._free_space, stays=True)
        if event.stopping:
            text = self.tr("The disk is full, so the recording was stopped.")
            hint = self.tr(
                "Only {n:.0f} MB were left. Everything until then is saved. Free some space before "
                "you start again."
            ).format(n=free)
            self._over(SPACE)
            loudest = Message(text, hint, Kind.ERROR, "record", button, loud=True)
            self._messages.show(loudest)
            self.space_ended.emit(loudest)
            return
        text = self.tr("The disk is nearly full: {n:.0f} MB are left.").format(n=free)
        hint = self.tr("Free some space. At 200 MB the recording is stopped and saved.")
        self._trouble(SPACE, Message(text, hint, Kind.WARNING, SPACE, button, loud=True))
        self._space.start()

    def look_for_space(self) -> None:
        """Whether the warning is over."""

        def show(free: int) -> None:
            if free >= ENOUGH_BYTES:
                self._space.stop()
                self._over(SPACE)

        def failed(_error: Exception) -> None:
            """The recorder tells if the disk is gone."""

        meetings = self._meetings
        job = self._background.job("look for space", lambda _job: meetings.free_bytes())
        job.on_success(show).on_failure(failed).start()
