"""Devices that come, go and fall silent, driven by the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import DeviceLostError, DeviceMissingError
from app.platforms.device_eye import Seen

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeDevice:
    """A source on one device; `play` delivers."""

    def __init__(self, devices: FakeDevices, device: str) -> None:
        self._devices = devices
        self.device = device
        self.failure: Exception | None = None
        self.running = False
        self.closed = False
        self._frame = 0

    @property
    def name(self) -> str:
        return "mic"

    def open(self) -> AudioFormat:
        device = self.device or self._devices.default
        if device not in self._devices.formats:
            raise DeviceMissingError(f"There is no microphone '{device}'")
        self.format = self._devices.formats[device]
        return self.format

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self._deliver, self._ended = deliver, ended
        self.running = True
        self._devices.started.append(self)

    def stop(self) -> None:
        self.running = False

    def close(self) -> None:
        self.closed = True

    def play(self, level: int = 1, seconds: float = 0.03, lost: int = 0) -> None:
        frames = round(seconds * self.format.rate)
        samples = np.full((frames, self.format.channels), level, np.int16)
        self._frame += lost
        block = AudioBlock(self._frame, samples, self.format)
        self._frame = block.end_frame
        self._deliver(block)

    def vanish(self) -> None:
        self.failure = DeviceLostError(f"The microphone '{self.device or 'default'}' is gone")
        self._ended()


class FakeDevices:
    """All devices of a computer, and the eye that sees them."""

    def __init__(self) -> None:
        self.formats = {"built-in": AudioFormat(48_000, 2), "headset": AudioFormat(16_000, 1)}
        self.default = "built-in"
        self.blind = False
        self.started: list[FakeDevice] = []
        self.made: list[FakeDevice] = []

    def make(self, device: str) -> FakeDevice:
        self.made.append(FakeDevice(self, device))
        return self.made[-1]

    @property
    def now(self) -> FakeDevice:
        """The one that was started last."""
        return self.started[-1]

    def look(self) -> Seen | None:
        if self.blind:
            return None
        return Seen(self.default, {name: name.title() for name in self.formats})

    def close(self) -> None:
        self.blind = True
