"""System audio of macOS 14.4 and later: a Core Audio tap on everything that plays."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from app.core.errors import CaptureError, DeviceLostError, DeviceMissingError
from app.platforms import listening, mixing
from app.platforms.feed import Feed, Packet
from app.platforms.listening import Listener
from app.platforms.mixing import Line
from app.platforms.system_audio import OutputDevice
from app.platforms.tap import Tap
from app.platforms.zeros import Verdict, ZeroRule

if TYPE_CHECKING:
    from app.core.audio import AudioFormat
    from app.platforms.coreaudio import Hal
    from app.platforms.listening import Clock
    from app.platforms.system_audio import Fragment
    from app.platforms.tap import Objects

logger = logging.getLogger(__name__)

EVERYTHING = OutputDevice("everything", "Everything this Mac plays", is_default=True)


class TapSystemAudio:
    """A tap hears all outputs at once, so there is one thing to choose."""

    def __init__(self, hal: Hal, objects: Objects, now: Clock = listening.clock) -> None:
        self._hal = hal
        self._objects = objects
        self._now = now

    def outputs(self) -> list[OutputDevice]:
        return [EVERYTHING]

    def record(self, device: str) -> TapRecording:
        if device.casefold() not in ("", EVERYTHING.id, EVERYTHING.name.casefold()):
            raise DeviceMissingError(
                f"There is no sound output '{device}'",
                hint=f"Outputs of this computer: '{EVERYTHING.name}'.",
            )
        return TapRecording(self._hal, self._objects, self._now)


class TapRecording:
    """A tap that is made anew when it falls silent for no reason or the default output changes."""

    def __init__(self, hal: Hal, objects: Objects, now: Clock) -> None:
        self._hal = hal
        self._objects = objects
        self._now = now
        self._feed = Feed()
        self._zeros = ZeroRule(now())
        self._listener = Listener(self._feed, self._check, now)
        self._output = hal.default_output()
        self._tap: Tap | None = None
        self._line = self._open(now())

    @property
    def format(self) -> AudioFormat:
        return mixing.FORMAT

    def read(self) -> Fragment | None:
        return self._listener.read()

    def interrupt(self) -> None:
        self._feed.interrupt()

    def close(self) -> None:
        tap, self._tap = self._tap, None
        if tap is not None:
            tap.close()

    def _open(self, start: float) -> Line:
        """A new tap and its line, which goes on where the one before has ended."""
        self._tap = tap = Tap(self._hal, self._objects, self._heard)
        line = Line(tap.rate, self._decoded, start)
        self._listener.listen([line])
        return line

    def _heard(self, data: tuple[bytes, ...], channels: int) -> None:
        """On Core Audio's thread."""
        self._feed.put(Packet(0, self._now(), data, channels=channels))

    def _decoded(self, packet: Packet) -> mixing.Sound:
        sound = _samples(packet)
        if sound.any():
            self._zeros.heard(packet.at)
        return sound

    def _check(self, now: float) -> None:
        assert self._tap is not None, "closed"
        if self._tap.failure is not None:
            raise self._tap.failure
        try:
            verdict = self._tend(self._tap, now)
        except CaptureError as exc:
            raise DeviceLostError("Core Audio has stopped") from exc
        if verdict is Verdict.REFUSED:
            raise _refused()

    def _tend(self, tap: Tap, now: float) -> Verdict:
        output = self._hal.default_output()
        if output != self._output or not self._hal.is_alive(tap.device):
            self._output = output
            self._rebuild("the default output has changed")
            return Verdict.FINE
        verdict = self._judge(now) if self._zeros.is_due(now) else Verdict.FINE
        if verdict is Verdict.REBUILD:
            self._rebuild("only zeros came")
        return verdict

    def _judge(self, now: float) -> Verdict:
        if self._hal.others_play():
            return self._zeros.judge(now, self._objects.permission())
        self._zeros.nothing_plays(now)
        return Verdict.FINE

    def _rebuild(self, why: str) -> None:
        logger.info("system audio: new tap, as %s", why)
        self.close()
        self._feed.forget()
        self._line = self._open(self._line.end)
        self._line.miss(self._now())


def _samples(packet: Packet) -> mixing.Sound:
    """The buffers of one call, side by side as (frames, channels): one with all channels in it, or
    one for each channel."""
    if not packet.data or not packet.channels:
        return np.zeros((0, mixing.FORMAT.channels), np.float32)
    each = [np.frombuffer(buffer, "<f4").reshape(-1, packet.channels) for buffer in packet.data]
    return np.concatenate(each, axis=1)


def _refused() -> CaptureError:
    return CaptureError(
        "macOS does not let Captionist hear what the computer plays",
        hint="Allow it in System Settings > Privacy & Security > Screen & System Audio Recording, "
        "for Captionist or for the terminal it was started from, and start it again.",
    )
