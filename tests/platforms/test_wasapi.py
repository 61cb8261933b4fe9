"""What Windows' outputs play, from stand-ins of its libraries that play recorded sequences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.errors import CaptureError, DeviceLostError, DeviceMissingError
from app.platforms import listening
from app.platforms.mmdevice import Endpoint, Role
from app.platforms.system_audio import Fragment, OutputDevice
from app.platforms.wasapi import WasapiRecording, WasapiSystemAudio
from app.platforms.wpatch import SharedPortAudio
from tests.platforms.fake_clock import FakeClock
from tests.platforms.fake_wpatch import FakeWPatch, loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

SPEAKERS, HEADSET = Endpoint("s", "Speakers"), Endpoint("h", "Headset")
BLOCK = 1_440  # 30 ms
RATE = 48_000


@dataclass
class FakeEndpoints:
    outputs: list[Endpoint]
    defaults: dict[Role, str] = field(default_factory=dict)

    def active(self) -> list[Endpoint]:
        return list(self.outputs)

    def default(self, role: Role) -> str:
        if role not in self.defaults:
            raise DeviceMissingError("Windows has no sound output")
        return self.defaults[role]


class Desk:
    """A Windows computer with outputs, its clock, and what was recorded of it."""

    def __init__(self, outputs: Sequence[Endpoint], *, default: str, calls: str = "") -> None:
        roles = {Role.CONSOLE: default, Role.COMMUNICATIONS: calls or default}
        self.endpoints = FakeEndpoints(list(outputs), roles)
        self.library = FakeWPatch([loopback(20 + i, o.name) for i, o in enumerate(outputs)])
        self.clock = FakeClock()
        self.shared = SharedPortAudio(lambda: self.library)
        self.system = WasapiSystemAudio(self.endpoints, self.shared, self.clock)

    def play(self, level: float, stream: int = 0, *, times: int = 1, flags: int = 0) -> None:
        """30 ms of sound, `times` over, with the clock going on."""
        for _ in range(times):
            self.clock.now += 0.03
            assert self.library.streams[stream].play(level, BLOCK, flags) == (None, 0)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "POLL_SECONDS", 0.0)


@pytest.fixture
def desk() -> Desk:
    return Desk([SPEAKERS, HEADSET], default="s")


def _read(recording: WasapiRecording) -> Fragment:
    fragment = recording.read()
    assert fragment is not None
    return fragment


def _heard(recording: WasapiRecording, frames: int) -> tuple[list[int], int]:
    """At least `frames`: the left channel, and what was lost."""
    samples: list[int] = []
    lost = 0
    while len(samples) + lost < frames:
        fragment = _read(recording)
        samples += fragment.samples[:, 0].tolist()
        lost += fragment.lost
    return samples, lost


def test_outputs_have_lasting_ids_and_names_that_differ() -> None:
    desk = Desk([SPEAKERS, HEADSET, Endpoint("t", "Speakers")], default="t")

    assert desk.system.outputs() == [
        OutputDevice("s", "Speakers", is_default=False),
        OutputDevice("h", "Headset", is_default=False),
        OutputDevice("t", "Speakers (2)", is_default=True),
    ]
    assert desk.library.log == [], "listing does not touch PortAudio"


def test_a_computer_without_outputs_has_an_empty_list_and_no_recording() -> None:
    desk = Desk([], default="")

    assert desk.system.outputs() == []
    with pytest.raises(DeviceMissingError, match="no sound output"):
        desk.system.record("")


def test_the_default_output_is_listened_to_and_closed_in_order(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.play(0.5)

    assert _read(recording).samples.tolist() == [[16384, 16384]] * BLOCK
    assert (recording.format.rate, recording.format.channels) == (48_000, 2)
    recording.close()
    recording.close()
    assert desk.library.log == ["new", "start 20", "stop 20", "close 20", "terminate"]


def test_the_stream_is_a_callback_stream_of_the_outputs_own_format() -> None:
    desk = Desk([SPEAKERS], default="s")
    desk.library.devices = [loopback(20, "Speakers", 44_100.0, 6)]

    recording = desk.system.record("")

    options = desk.library.streams[0].options
    assert callable(options.pop("stream_callback"))
    assert options == {
        "format": 1,
        "channels": 6,
        "rate": 44_100,
        "input": True,
        "input_device_index": 20,
        "frames_per_buffer": 1_323,
        "start": False,
    }
    recording.close()


@pytest.mark.parametrize(("rate", "channels"), [(44_100.0, 2), (192_000.0, 8), (16_000.0, 1)])
def test_any_format_comes_out_as_ours(rate: float, channels: int) -> None:
    desk = Desk([SPEAKERS], default="s")
    desk.library.devices = [loopback(20, "Speakers", rate, channels)]
    recording = desk.system.record("")
    block = round(rate * 0.03)
    for _ in range(20):
        desk.clock.now += 0.03
        desk.library.streams[0].play(0.25, block)

    samples, lost = _heard(recording, RATE // 2)

    assert lost == 0
    expected = 8192 if channels <= 2 else 8192 * (1 + 3 * 0.7071)
    assert samples[RATE // 4] == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("wanted", ["h", "H", "Headset", "headset"])
def test_a_chosen_output_is_listened_to_alone(wanted: str) -> None:
    desk = Desk([SPEAKERS, HEADSET], default="s", calls="h")

    desk.system.record(wanted)

    assert desk.library.log == ["new", "start 21"]


def test_of_two_outputs_of_one_name_the_default_one_is_heard() -> None:
    desk = Desk([SPEAKERS, Endpoint("t", "Speakers")], default="t")

    desk.system.record("")
    desk.system.record("Speakers (2)")
    desk.system.record("Speakers")

    assert desk.library.log == ["new", "start 21", "start 21", "start 20"]


def test_an_unknown_output_is_told_with_those_that_exist(desk: Desk) -> None:
    with pytest.raises(DeviceMissingError, match="no sound output 'attic'") as caught:
        desk.system.record("attic")

    assert "'Speakers', 'Headset'" in caught.value.hint
    assert desk.library.log == []


def test_the_output_for_calls_is_heard_too() -> None:
    desk = Desk([SPEAKERS, HEADSET], default="s", calls="h")
    recording = desk.system.record("")
    for _ in range(10):
        desk.play(0.25, 0)
        desk.clock.now -= 0.03
        desk.play(0.5, 1)

    samples, lost = _heard(recording, 10 * BLOCK)

    assert samples == [24576] * 10 * BLOCK
    assert lost == 0
    recording.close()
    assert desk.library.log[-5:] == ["stop 20", "close 20", "stop 21", "close 21", "terminate"]


def test_the_output_for_calls_stays_in_step_when_only_it_plays() -> None:
    desk = Desk([SPEAKERS, HEADSET], default="s", calls="h")
    recording = desk.system.record("")
    desk.play(0.5, 1, times=40)

    samples, _ = _heard(recording, BLOCK)

    assert set(samples) == {16384}


def test_a_refused_output_for_calls_does_not_end_the_default_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = Desk([SPEAKERS, HEADSET], default="s", calls="h")
    desk.library.open_errors[21] = OSError(-9985, "Device unavailable")

    recording = desk.system.record("")
    desk.play(0.5)

    assert _read(recording).samples[0, 0] == 16384
    assert "'Headset' cannot be listened to: device unavailable" in caplog.text


def test_an_idle_output_is_silent_for_as_long_as_the_clock_says(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.play(0.5, times=10)
    first, _ = _heard(recording, 10 * BLOCK)
    silent: list[int] = []
    for _ in range(200):  # a minute in which nothing plays
        desk.clock.now += 0.3
        silent += _read(recording).samples[:, 0].tolist()
    desk.play(0.5, times=10)
    rest, lost = _heard(recording, 10 * BLOCK)

    while (end := rest[-1]) != 16384:  # the sound follows the rest of the silence
        rest += _heard(recording, 1)[0]
    assert end == 16384
    assert set(first) == {16384}
    assert set(silent) == {0}
    assert len(silent) + rest.count(0) == 60 * RATE
    assert lost == 0


def test_an_output_that_never_plays_gives_silence(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.clock.step = 0.05

    samples, lost = _heard(recording, RATE)

    assert set(samples) == {0}
    assert lost == 0


def test_sound_that_portaudio_dropped_is_marked_as_lost(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.play(0.5)
    _read(recording)
    desk.clock.now += 0.5
    desk.play(0.5, flags=2)

    assert _read(recording).lost == RATE // 2


def test_time_asleep_is_marked_as_lost(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.play(0.5)
    _read(recording)
    desk.clock.now += 3_600
    desk.play(0.5)

    assert _read(recording).lost == 3_600 * RATE


def test_an_output_that_is_gone_ends_the_recording(desk: Desk) -> None:
    recording = desk.system.record("h")
    desk.library.streams[0].active = False
    desk.clock.step = 0.3

    with pytest.raises(DeviceLostError, match="output 'Headset' is gone"):
        _heard(recording, 10 * RATE)


def test_a_stream_that_answers_with_an_error_is_gone_and_still_closed(desk: Desk) -> None:
    recording = desk.system.record("h")
    desk.library.streams[0].stop_error = OSError(-9988, "Stream closed")
    desk.clock.step = 0.3

    with pytest.raises(DeviceLostError):
        _heard(recording, 10 * RATE)
    recording.close()

    assert desk.library.log[-3:] == ["stop 21", "close 21", "terminate"]


@pytest.mark.parametrize("role", [Role.CONSOLE, Role.COMMUNICATIONS])
def test_another_default_output_ends_the_recording_and_the_next_one_takes_it(
    desk: Desk, role: Role
) -> None:
    recording = desk.system.record("")
    desk.clock.step = 0.3
    desk.endpoints.defaults[role] = "h"

    with pytest.raises(DeviceLostError, match="plays on another output now") as caught:
        _heard(recording, 10 * RATE)
    recording.close()
    desk.system.record("")

    assert caught.value.retryable
    assert "start 21" in desk.library.log[desk.library.log.index("terminate") :]


def test_another_default_does_not_matter_to_a_chosen_output(desk: Desk) -> None:
    recording = desk.system.record("Speakers")
    desk.clock.step = 0.3
    desk.endpoints.defaults = {}

    _heard(recording, 5 * RATE)


def test_no_default_output_any_more_ends_the_recording(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.clock.step = 0.3
    desk.endpoints.defaults = {}

    with pytest.raises(DeviceLostError, match="no sound output any more"):
        _heard(recording, 10 * RATE)


@pytest.mark.parametrize("place", ["open", "start", "format"])
def test_an_output_in_exclusive_use_is_told_and_nothing_stays_open(desk: Desk, place: str) -> None:
    if place == "open":
        desk.library.open_errors[20] = OSError(-9985, "Device unavailable")
    elif place == "format":
        desk.library.open_errors[20] = ValueError("Invalid sample rate")
    else:
        desk.library.start_error = OSError(-9985, "Device unavailable")

    with pytest.raises(CaptureError, match="'Speakers' cannot be listened to") as caught:
        desk.system.record("")

    assert "exclusive mode" in caught.value.hint
    assert desk.library.log[-1] == "terminate"
    assert desk.library.log.count("start 20") == desk.library.log.count("close 20")


def test_nothing_escapes_from_the_callback_and_the_reader_is_told(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = desk.system.record("")

    def broken(_packet: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(recording._feed, "put", broken)
    desk.play(0.5)
    desk.clock.step = 0.3

    with pytest.raises(MemoryError, match="no room"):
        _heard(recording, 10 * RATE)


def test_an_interrupted_recording_ends(desk: Desk) -> None:
    recording = desk.system.record("")

    recording.interrupt()

    assert recording.read() is None
    assert recording.read() is None


def test_a_reader_that_stops_for_a_while_loses_nothing(desk: Desk) -> None:
    recording = desk.system.record("")
    desk.play(0.5, times=100)  # three seconds in which nobody reads

    samples, lost = _heard(recording, 100 * BLOCK)

    assert np.unique(samples).tolist() == [16384]
    assert lost == 0
