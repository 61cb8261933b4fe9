"""A Mac without taps listens to a virtual device, or says how to get one."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.core.errors import (
    AudioLibraryMissingError,
    CaptureError,
    DeviceLostError,
    DeviceMissingError,
)
from app.platforms import listening
from app.platforms.system_audio import OutputDevice
from app.platforms.virtualinput import VirtualInputs, VirtualRecording
from tests.platforms.fake_clock import FakeClock


class PortAudioError(Exception):
    pass


class FakeStream:
    def __init__(self, library: FakeSounddevice, **options: Any) -> None:
        self.library, self.options, self.active = library, options, False

    def start(self) -> None:
        if self.library.start_error:
            raise PortAudioError("Internal error")
        self.active = True

    def close(self) -> None:
        self.active = False
        self.library.closed += 1

    def play(self, level: float, *, overflow: bool = False) -> None:
        sound = np.full((self.options["blocksize"], self.options["channels"]), level, "<f4")
        status = SimpleNamespace(input_overflow=overflow)
        self.options["callback"](memoryview(sound.tobytes()), len(sound), None, status)


class FakeSounddevice:
    """The parts of the module sounddevice that are used; `users` counts who holds PortAudio."""

    PortAudioError = PortAudioError

    def __init__(self, *names: str, channels: int = 2) -> None:
        self.names, self.channels = names, channels
        self.users = self.closed = 0
        self.list_error = self.open_error = self.start_error = False
        self.streams: list[FakeStream] = []

    def query_devices(self) -> list[dict[str, Any]]:
        if self.list_error:
            raise PortAudioError("PortAudio not initialized")
        return [
            {
                "index": place,
                "name": name,
                "max_input_channels": 0 if name.endswith("(output)") else self.channels,
                "default_samplerate": 48_000.0,
            }
            for place, name in enumerate(self.names)
        ]

    def RawInputStream(self, **options: Any) -> FakeStream:  # noqa: N802
        if self.open_error:
            raise PortAudioError("Invalid device")
        self.streams.append(FakeStream(self, **options))
        return self.streams[-1]

    def _initialize(self) -> None:
        self.users += 1

    def _terminate(self) -> None:
        self.users -= 1


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "POLL_SECONDS", 0.0)


def _inputs(library: FakeSounddevice, clock: FakeClock | None = None) -> VirtualInputs:
    return VirtualInputs("this macOS has no other way", lambda: library, clock or FakeClock())


def test_virtual_devices_are_found_among_the_inputs() -> None:
    library = FakeSounddevice(
        "MacBook Microphone", "BlackHole 2ch (output)", "BlackHole 2ch", "Loopback Audio"
    )

    assert _inputs(library).outputs() == [
        OutputDevice("BlackHole 2ch", "BlackHole 2ch", is_default=True),
        OutputDevice("Loopback Audio", "Loopback Audio", is_default=False),
    ]


def test_without_one_it_is_told_why_and_what_to_do() -> None:
    inputs = _inputs(FakeSounddevice("MacBook Microphone"))

    for ask in (inputs.outputs, lambda: inputs.record("")):
        with pytest.raises(DeviceMissingError, match="as this macOS has no other way") as caught:
            ask()
        assert "BlackHole" in caught.value.hint
        assert "multi-output device" in caught.value.hint


def test_devices_that_cannot_be_listed_are_told() -> None:
    library = FakeSounddevice()
    library.list_error = True

    with pytest.raises(CaptureError, match="cannot be listed"):
        _inputs(library).outputs()


def test_an_unknown_one_is_told_with_those_that_exist() -> None:
    with pytest.raises(DeviceMissingError, match="no virtual sound device 'attic'") as caught:
        _inputs(FakeSounddevice("BlackHole 2ch")).record("attic")

    assert "'BlackHole 2ch'" in caught.value.hint


@pytest.mark.parametrize(("channels", "opened"), [(1, 1), (2, 2), (16, 2)])
def test_its_first_two_channels_are_heard_and_closed_in_order(channels: int, opened: int) -> None:
    library, clock = FakeSounddevice("BlackHole 16ch", channels=channels), FakeClock()
    recording = _inputs(library, clock).record("blackhole 16ch")
    clock.now += 0.03
    library.streams[0].play(0.5)

    fragment = recording.read()

    assert fragment is not None
    assert fragment.samples.tolist() == [[16384, 16384]] * 1_440
    assert library.streams[0].options["channels"] == opened
    assert recording.format.rate == 48_000
    assert library.users == 1
    recording.close()
    recording.close()
    assert (library.users, library.closed) == (0, 1)


def test_a_loss_is_marked() -> None:
    library, clock = FakeSounddevice("BlackHole 2ch"), FakeClock()
    recording = _inputs(library, clock).record("")
    clock.now += 0.53
    library.streams[0].play(0.5, overflow=True)

    fragment = recording.read()

    assert fragment is not None
    assert fragment.lost == 24_000


@pytest.mark.parametrize(("error", "closed"), [("open_error", 0), ("start_error", 1)])
def test_a_refused_one_is_told_and_nothing_stays_open(error: str, closed: int) -> None:
    library = FakeSounddevice("BlackHole 2ch")
    setattr(library, error, True)

    with pytest.raises(CaptureError, match="cannot be opened") as caught:
        _inputs(library).record("")

    assert "Microphone" in caught.value.hint
    assert (library.users, library.closed) == (0, closed)


def _read_long(recording: VirtualRecording) -> None:
    for _ in range(50):
        recording.read()


def test_one_that_is_gone_ends_the_recording() -> None:
    library, clock = FakeSounddevice("BlackHole 2ch"), FakeClock(step=0.3)
    recording = _inputs(library, clock).record("")
    library.streams[0].active = False

    with pytest.raises(DeviceLostError, match="'BlackHole 2ch' is gone"):
        _read_long(recording)


def test_an_interrupted_recording_ends() -> None:
    recording = _inputs(FakeSounddevice("BlackHole 2ch"), FakeClock(step=0.3)).record("")
    _read_long(recording)

    recording.interrupt()

    assert recording.read() is None


def test_the_module_is_loaded_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = FakeSounddevice("BlackHole 2ch")
    monkeypatch.setitem(sys.modules, "sounddevice", library)

    assert len(VirtualInputs("x").outputs()) == 1


def test_a_missing_portaudio_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])

    with pytest.raises(AudioLibraryMissingError):
        VirtualInputs("x").outputs()
