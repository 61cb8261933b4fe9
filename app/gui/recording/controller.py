"""Starts, pauses and stops the meeting, and says what state it is in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.gui.bridge import EventBridge
from app.gui.recording.state import ACTIVE, RecordingState, Stopwatch

if TYPE_CHECKING:
    from app.gui.background import Background, Job
    from app.gui.rows import Wish
    from app.gui.services import Live, Services


class RecordingController(QObject):
    """At most one meeting at a time. Lives on the GUI thread; slow work is in the background.

    `started` gives the new meeting's ID, `finished` the ID of one that is complete on disk.
    `failed` gives the error of a start that left nothing behind, or of a stop.
    """

    state_changed = Signal(object)
    started = Signal(str)
    finished = Signal(str)
    failed = Signal(object)
    event_received = Signal(object)

    def __init__(self, services: Services, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._services = services
        self._background = background
        self._state = RecordingState.IDLE
        self._live: Live | None = None
        self._bridge: EventBridge | None = None
        self._watch = Stopwatch()
        self._stop_wanted = False
        self.never_started = True
        self.request: Wish | None = None

    @property
    def state(self) -> RecordingState:
        return self._state

    @property
    def live(self) -> Live | None:
        """The meeting, while it is being recorded."""
        return self._live if self._state in ACTIVE else None

    @property
    def meeting(self) -> str:
        """ID of the meeting that is recorded or being saved; "" if there is none."""
        return self._live.id if self._live is not None and self._started() else ""

    @property
    def elapsed(self) -> float:
        """Seconds that were recorded, as the wall clock has it."""
        return self._watch.elapsed(time.monotonic())

    def advance(self, seconds: float) -> None:
        """So much is on disk already: the clock cannot be earlier than that."""
        if self._state is RecordingState.RECORDING and seconds > self.elapsed:
            self._watch.advance(seconds, time.monotonic())

    def _started(self) -> bool:
        return self._state not in (RecordingState.IDLE, RecordingState.STARTING)

    def record(self, request: Wish) -> None:
        """Start recording. Does nothing unless idle."""
        if self._state is not RecordingState.IDLE:
            return
        self.request = request
        self._stop_wanted = False
        self.never_started = True
        self._watch.reset(request.begin)
        bridge = EventBridge(self)
        bridge.received.connect(self.event_received)
        self._bridge = bridge
        services = self._services

        def start(_job: Job) -> Live:
            live = services.live(request, bridge.publish)
            live.start()
            return live

        self._set_state(RecordingState.STARTING)
        job = self._background.job("start recording", start)
        job.on_success(self._on_started).on_failure(self._on_start_failed).start()

    def pause(self) -> None:
        if self._state is RecordingState.RECORDING and self._live is not None:
            self._live.pause()
            self._watch.pause(time.monotonic())
            self._set_state(RecordingState.PAUSED)

    def resume(self) -> None:
        if self._state is RecordingState.PAUSED and self._live is not None:
            self._live.resume()
            self._watch.start(time.monotonic())
            self._set_state(RecordingState.RECORDING)

    def stop(self) -> None:
        """Stop and save; `finished` follows. While starting, it stops as soon as it has."""
        if self._state is RecordingState.STARTING:
            self._stop_wanted = True
        if self._state not in ACTIVE or self._live is None:
            return
        self._watch.pause(time.monotonic())
        live = self._live

        def stop(_job: Job) -> str:
            live.stop()
            return live.id

        self._set_state(RecordingState.SAVING)
        job = self._background.job("stop recording", stop)
        job.on_success(self._on_stopped).on_failure(self._on_stop_failed).start()

    def _on_started(self, live: Live) -> None:
        self._live = live
        self.never_started = False
        self._watch.start(time.monotonic())
        self._set_state(RecordingState.RECORDING)
        self.started.emit(live.id)
        if self._stop_wanted:
            self.stop()

    def _on_start_failed(self, error: Exception) -> None:
        self._forget()
        self.failed.emit(error)

    def _on_stopped(self, meeting: str) -> None:
        self._forget()
        self.finished.emit(meeting)

    def _on_stop_failed(self, error: Exception) -> None:
        meeting = self.meeting
        self._forget()
        self.failed.emit(error)
        if meeting:
            self.finished.emit(meeting)

    def _forget(self) -> None:
        self._live = None
        self._watch.reset()
        self._set_state(RecordingState.IDLE)
        if self._bridge is not None:
            self._bridge.received.disconnect(self.event_received)  # a late stage may still speak
            self._bridge = None

    def _set_state(self, state: RecordingState) -> None:
        self._state = state
        self.state_changed.emit(state)
