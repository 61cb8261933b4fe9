"""A stand-in for the module sounddevice, driven by the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


class PortAudioError(Exception):
    pass


class CallbackAbort(Exception):  # noqa: N818 - its name in sounddevice
    pass


def entry(index: int, name: str, channels: int = 2, rate: float = 44100.0) -> dict[str, Any]:
    """A device as PortAudio describes it."""
    return {
        "index": index,
        "name": name,
        "hostapi": 0,
        "max_input_channels": channels,
        "default_samplerate": rate,
    }


@dataclass
class FakeStream:
    samplerate: int
    channels: int
    callback: Callable[[Any, int, Any, Any], None]
    finished_callback: Callable[[], None]
    device: int
    dtype: str
    blocksize: int
    running: bool = False
    closed: bool = False

    def start(self) -> None:
        self.running = True

    def abort(self) -> None:
        self.finish()

    def close(self) -> None:
        self.finish()
        self.closed = True

    def finish(self) -> None:
        """What PortAudio does at the end of a stream, wanted or not."""
        if self.running:
            self.running = False
            self.finished_callback()

    def push(
        self, samples: NDArray[np.int16], *, time: float = 0.0, overflow: bool = False
    ) -> None:
        """Let the device give a block; PortAudio uses the memory again afterwards."""
        memory = samples.copy()
        moment = SimpleNamespace(inputBufferAdcTime=time)
        try:
            self.callback(memory, len(memory), moment, SimpleNamespace(input_overflow=overflow))
        except CallbackAbort:
            self.finish()
        memory[:] = -1


@dataclass
class FakePortAudio:
    """`refuse` names the rates and channel counts at which opening fails."""

    devices: list[dict[str, Any]] = field(default_factory=lambda: [entry(0, "Built-in")])
    default: int = 0
    refuse: Callable[[int, int], str] = lambda _rate, _channels: ""
    appearing: list[dict[str, Any]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)
    users: int = 1

    PortAudioError = PortAudioError
    CallbackAbort = CallbackAbort

    def query_devices(self, kind: str | None = None) -> Any:
        if kind is None:
            return self.devices
        if not 0 <= self.default < len(self.devices):
            raise PortAudioError("Error querying device -1")
        return self.devices[self.default]

    def InputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        if problem := self.refuse(options["samplerate"], options["channels"]):
            raise PortAudioError(f"Error opening InputStream: {problem}", -9997)
        self.streams.append(FakeStream(**options))
        return self.streams[-1]

    def _initialize(self) -> None:
        if self.users == 0:
            self.devices = [*self.devices, *self.appearing]
            self.appearing = []
        self.users += 1

    def _terminate(self) -> None:
        self.users -= 1

    @property
    def stream(self) -> FakeStream:
        return self.streams[-1]
