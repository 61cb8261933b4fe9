"""A stand-in for the module pyaudiowpatch, which keeps a record of what is asked of it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class FakeStream:
    """An endpoint's loopback; the test plays into it."""

    log: list[str]
    options: dict[str, Any]
    active: bool = False
    start_error: OSError | None = None
    stop_error: OSError | None = None

    def start_stream(self) -> None:
        self.log.append(f"start {self.options['input_device_index']}")
        if self.start_error is not None:
            raise self.start_error
        self.active = True

    def stop_stream(self) -> None:
        self.log.append(f"stop {self.options['input_device_index']}")
        if self.stop_error is not None:
            raise self.stop_error
        self.active = False

    def close(self) -> None:
        self.log.append(f"close {self.options['input_device_index']}")

    def is_active(self) -> bool:
        if self.stop_error is not None:
            raise self.stop_error
        return self.active

    def play(self, level: float, frames: int, flags: int = 0) -> tuple[None, int]:
        """One callback with `frames` of a constant level in every channel."""
        sound = np.full((frames, self.options["channels"]), level, "<f4").tobytes()
        times = {"input_buffer_adc_time": 0.0}
        answer: tuple[None, int] = self.options["stream_callback"](sound, frames, times, flags)
        return answer


def loopback(index: int, name: str, rate: float = 48_000.0, channels: int = 2) -> dict[str, Any]:
    """A device as PyAudioWPatch describes it."""
    return {
        "index": index,
        "name": f"{name} [Loopback]",
        "hostApi": 2,
        "maxInputChannels": channels,
        "maxOutputChannels": 0,
        "defaultSampleRate": rate,
        "isLoopbackDevice": True,
    }


class FakeInstance:
    def __init__(self, library: FakeWPatch) -> None:
        self._library = library

    def get_loopback_device_info_generator(self) -> Iterator[dict[str, Any]]:
        if self._library.list_error is not None:
            raise self._library.list_error
        yield from self._library.devices

    def open(self, **options: Any) -> FakeStream:
        library = self._library
        assert library.instances == 1
        error = library.open_errors.get(options["input_device_index"])
        if error is not None:
            raise error
        stream = FakeStream(library.log, options, start_error=library.start_error)
        library.streams.append(stream)
        return stream

    def terminate(self) -> None:
        self._library.log.append("terminate")
        self._library.instances -= 1


@dataclass
class FakeWPatch:
    """Fails the test as soon as there are two instances, which crashes the real one."""

    devices: list[dict[str, Any]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)
    open_errors: dict[int, Exception] = field(default_factory=dict)
    start_error: OSError | None = None
    init_error: OSError | None = None
    list_error: OSError | None = None
    instances: int = 0
    most: int = 0
    paFloat32: int = 1  # noqa: N815 - its names
    paContinue: int = 0  # noqa: N815
    paInputOverflow: int = 2  # noqa: N815

    def __post_init__(self) -> None:
        self._count = threading.Lock()

    def PyAudio(self) -> FakeInstance:  # noqa: N802
        if self.init_error is not None:
            raise self.init_error
        with self._count:
            self.instances += 1
            self.most = max(self.most, self.instances)
        self.log.append("new")
        return FakeInstance(self)
