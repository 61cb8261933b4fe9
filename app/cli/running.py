"""Runs a meeting from the command line until its source ends or the user stops it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, NoReturn

from app.cli.printing import Troubles
from app.core.events import CaptureEnded, Event, RunMeasured, SpaceMeasured
from app.live import LiveMeeting
from app.pipeline.runner import PlainThreadHost
from app.platforms.usage import cpu_seconds, peak_memory_mb

if TYPE_CHECKING:
    from app.cli.printing import Printer
    from app.core.paths import Paths
    from app.meeting import MeetingRequest

_BESIDE = ("diarize", "doubts", "mix", "mic", "system")
"""Stages without which there are captions nevertheless."""

_TICK = 0.5  # seconds; so that Ctrl+C is heard on every system


class MeetingRun:
    """One meeting in the foreground. `troubled` tells afterwards whether anything failed."""

    def __init__(self, request: MeetingRequest, paths: Paths, printer: Printer) -> None:
        self._request = request
        self._printer = printer
        self._over = threading.Event()
        self._troubles = Troubles(self._stage_failed)
        self._meeting = LiveMeeting(request, paths, PlainThreadHost(), self._show)
        self.troubled = False

    @property
    def meeting(self) -> LiveMeeting:
        return self._meeting

    def run(self, seconds: float | None = None) -> None:
        """Until the sources end, `seconds` of audio have been taken in, or Ctrl+C.

        Raises CaptureError or StorageError.
        """
        started = time.monotonic()
        before = signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self._meeting.start()
            self._record(seconds)
        finally:
            signal.signal(signal.SIGTERM, before)
        wall = time.monotonic() - started
        self._printer.end(measured(self._meeting.seconds - self._meeting.begin, wall))

    def leave(self) -> NoReturn:
        """End the process, also where a stage hangs: all that counts is on disk by now."""
        status = 1 if self.troubled else 0
        if self._meeting.late:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        sys.exit(status)

    def _record(self, seconds: float | None) -> None:
        try:
            self._wait(seconds)
        except KeyboardInterrupt:
            pass  # the wish to stop; everything is saved below
        finally:
            self._stop()

    def _stop(self) -> None:
        """A second Ctrl+C waits for no stage any more."""
        try:
            self._meeting.stop()
        except KeyboardInterrupt:
            self._meeting.stop(timeout=0.0)

    def _wait(self, seconds: float | None) -> None:
        while not self._over.wait(_TICK if seconds is None else _TICK / 10):
            heard = self._meeting.seconds - self._meeting.begin
            if seconds is not None and heard >= seconds:
                return

    def _show(self, event: Event) -> None:
        self._printer.show(event, self._meeting.stream_time)
        if isinstance(event, CaptureEnded):
            self._note_end(event)
        elif isinstance(event, SpaceMeasured):
            self.troubled = self.troubled or event.stopping
        self._troubles.note(event)

    def _note_end(self, event: CaptureEnded) -> None:
        if event.error:
            self.troubled = True
            self._troubles.say(event.error, event.hint)
        self._over.set()

    def _stage_failed(self, stage: str) -> None:
        self.troubled = True
        beside = stage in _BESIDE or stage.startswith("translate")
        needed = not beside or (stage == "diarize" and not self._request.model)
        if needed and not self._request.save:
            self._over.set()  # it was all that was wanted


def measured(audio_seconds: float, wall_seconds: float) -> RunMeasured:
    """What this process has cost so far."""
    return RunMeasured(
        round(audio_seconds, 3),
        round(cpu_seconds(), 3),
        round(wall_seconds, 3),
        round(peak_memory_mb(), 1),
    )
