"""A tap on what the Mac plays, from a stand-in of Core Audio that plays recorded sequences."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.errors import CaptureError, DeviceLostError, DeviceMissingError
from app.platforms import listening
from app.platforms.coreaudio import Hal
from app.platforms.coretap import EVERYTHING, TapRecording, TapSystemAudio
from app.platforms.objectivec import Permission
from app.platforms.system_audio import Fragment
from app.platforms.tap import Tap
from tests.platforms.fake_clock import FakeClock
from tests.platforms.fake_coreaudio import AIRPODS, MUSIC, OWN, FakeCoreAudio, FakeObjects

BLOCK = 480  # 10 ms
RATE = 48_000
BUILD = [
    "AudioHardwareCreateProcessTap 1000",
    "AudioHardwareCreateAggregateDevice 2000",
    "AudioDeviceCreateIOProcID 60",
    "AudioDeviceStart 60 70",
]
TAKE_APART = [
    "AudioDeviceStop 60 70",
    "AudioDeviceDestroyIOProcID 60 70",
    "AudioHardwareDestroyAggregateDevice 60",
    "AudioHardwareDestroyProcessTap 40",
]


class Mac:
    def __init__(self) -> None:
        self.core = FakeCoreAudio()
        self.objects = FakeObjects()
        self.clock = FakeClock()
        self.system = TapSystemAudio(Hal(self.core), self.objects, self.clock)

    def record(self) -> TapRecording:
        return self.system.record("")

    def play(self, level: float, times: int = 1) -> None:
        """10 ms of interleaved stereo, `times` over, with the clock going on."""
        for _ in range(times):
            self.clock.now += 0.01
            assert self.core.play(np.full(BLOCK * 2, level, np.float32)) == 0

    def pass_time(self, recording: TapRecording, seconds: float, level: float = 0.0) -> None:
        """Sound of this level comes and is read, block after block."""
        self.clock.step = 0.001
        end = self.clock.now + seconds
        while self.clock.now < end:
            self.play(level)
            _read(recording)
        self.clock.step = 0.0


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listening, "POLL_SECONDS", 0.0)


@pytest.fixture
def mac() -> Mac:
    return Mac()


def _read(recording: TapRecording) -> Fragment:
    fragment = recording.read()
    assert fragment is not None
    return fragment


def _read_long(recording: TapRecording) -> None:
    for _ in range(50):
        recording.read()


def test_there_is_one_thing_to_listen_to(mac: Mac) -> None:
    assert mac.system.outputs() == [EVERYTHING]
    for device in ("", EVERYTHING.id, EVERYTHING.name):
        mac.system.record(device).close()
    with pytest.raises(DeviceMissingError, match="no sound output 'attic'"):
        mac.system.record("attic")


def test_a_tap_is_built_and_taken_apart_in_order(mac: Mac) -> None:
    recording = mac.record()
    assert mac.core.log == BUILD

    recording.close()
    recording.close()

    assert mac.core.log == BUILD + TAKE_APART


def test_the_tap_leaves_out_ourselves_and_the_device_holds_nothing_but_the_tap(mac: Mac) -> None:
    mac.record()

    assert mac.objects.excluded == [[OWN]]
    (device,) = mac.objects.dictionaries
    assert device["taps"] == [{"uid": "tap-uid", "drift": 1}]
    assert device["private"] == 1
    assert device["stacked"] == 0
    assert device["tapautostart"] == 0
    assert "subdevices" not in device
    assert "master" not in device


def test_a_program_without_audio_so_far_leaves_out_nothing(mac: Mac) -> None:
    mac.core.own = 0
    mac.record()

    assert mac.objects.excluded == [[]]


def test_two_devices_never_share_a_name(mac: Mac) -> None:
    mac.record()
    mac.record()

    first, second = (device["uid"] for device in mac.objects.dictionaries)
    assert first != second


@pytest.mark.parametrize("step", range(4))
def test_whatever_is_refused_the_rest_is_taken_apart(mac: Mac, step: int) -> None:
    mac.core.refuse = {BUILD[step].split()[0]: 1852797029}

    with pytest.raises(CaptureError, match="nope"):
        mac.record()

    assert mac.core.log == [*BUILD[:step], BUILD[step] + " refused", *TAKE_APART[4 - step :]]


def test_a_format_that_is_not_known_leaves_nothing_behind(mac: Mac) -> None:
    mac.core.bits = 64

    with pytest.raises(CaptureError, match="format"):
        mac.record()

    assert mac.core.log == [BUILD[0], TAKE_APART[-1]]


def test_taking_apart_goes_on_when_a_step_fails(mac: Mac) -> None:
    recording = mac.record()
    mac.core.refuse = {name.split()[0]: 560227702 for name in TAKE_APART}

    recording.close()

    assert mac.core.log == BUILD + [step + " refused" for step in TAKE_APART]


def test_interleaved_sound_is_heard(mac: Mac) -> None:
    recording = mac.record()
    mac.clock.now += 0.01
    mac.core.play([0.5, -0.25] * BLOCK)

    assert _read(recording).samples.tolist() == [[16384, -8192]] * BLOCK
    assert (recording.format.rate, recording.format.channels) == (48_000, 2)


def test_a_buffer_for_each_channel_is_heard(mac: Mac) -> None:
    recording = mac.record()
    mac.clock.now += 0.01
    mac.core.play([0.5] * BLOCK, [-0.25] * BLOCK, channels=1)

    assert _read(recording).samples.tolist() == [[16384, -8192]] * BLOCK


def test_a_call_without_sound_does_no_harm(mac: Mac) -> None:
    recording = mac.record()
    mac.core.play()
    mac.core.play([0.5], channels=0)
    mac.clock.step = 0.05

    assert not _read(recording).samples.any()


def test_a_tap_that_delivers_nothing_is_silent_by_the_clock(mac: Mac) -> None:
    recording = mac.record()
    mac.clock.now += 2.0
    mac.play(0.5)

    fragments = [_read(recording), _read(recording)]

    assert [len(fragment.samples) for fragment in fragments] == [2 * RATE, BLOCK]
    assert [bool(fragment.samples.any()) for fragment in fragments] == [False, True]


def test_nothing_escapes_from_core_audios_thread_and_the_reader_is_told(
    mac: Mac, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = mac.record()

    def broken(_packet: object) -> None:
        raise MemoryError("no room")

    monkeypatch.setattr(recording._feed, "put", broken)
    mac.play(0.5)
    mac.clock.step = 0.3

    with pytest.raises(MemoryError, match="no room"):
        _read_long(recording)


def test_another_default_output_makes_a_new_tap_and_the_clock_goes_on(mac: Mac) -> None:
    recording = mac.record()
    mac.play(0.5, times=50)
    for _ in range(50):
        _read(recording)
    mac.core.output = AIRPODS
    mac.core.rate = 24_000.0
    mac.core.log.clear()
    mac.clock.now += 1.0
    mac.core.play([0.75] * 9600)  # from the old tap, as it is about to be replaced
    begin, mac.clock.step = mac.clock.now - 1.0, 0.0001

    frames = lost = loudest = 0
    for _ in range(40):
        mac.clock.now += 0.02
        mac.core.play([0.25] * 960)  # 20 ms at the rate of the new one
        fragment = _read(recording)
        frames += len(fragment.samples)
        lost += fragment.lost
        loudest = max(loudest, int(fragment.samples.max()))

    assert mac.core.log == TAKE_APART + BUILD
    assert loudest == pytest.approx(8192, rel=0.2), "what came at another rate is left out"
    assert lost == pytest.approx(RATE, abs=0.1 * RATE), "a gap as long as it took"
    elapsed = mac.clock.now - begin
    assert lost + frames == pytest.approx(elapsed * RATE, abs=0.3 * RATE), (
        "but for what may come late"
    )


def test_a_device_that_died_is_replaced(mac: Mac) -> None:
    recording = mac.record()
    mac.core.alive = 0
    mac.core.log.clear()

    mac.pass_time(recording, 2, level=0.5)

    assert mac.core.log[:8] == TAKE_APART + BUILD


def test_a_core_audio_that_does_not_answer_ends_the_recording(mac: Mac) -> None:
    recording = mac.record()
    mac.core.refuse_property["dOut"] = 1937010544
    mac.clock.step = 0.3

    with pytest.raises(DeviceLostError, match="Core Audio has stopped"):
        _read_long(recording)


def test_a_new_tap_that_is_refused_ends_the_recording_and_leaves_nothing(mac: Mac) -> None:
    recording = mac.record()
    mac.core.output = AIRPODS
    mac.core.refuse["AudioDeviceStart"] = 1852797029
    mac.clock.step = 0.3

    with pytest.raises(DeviceLostError):
        _read_long(recording)
    recording.close()

    assert mac.core.log[-3:] == TAKE_APART[1:]


def test_zeros_from_the_start_while_others_play_mean_refused(mac: Mac) -> None:
    recording = mac.record()

    mac.pass_time(recording, 9)
    assert mac.core.log == BUILD + TAKE_APART + BUILD, "a stuck tap is tried again once"
    with pytest.raises(CaptureError, match="does not let Captionist hear") as caught:
        mac.pass_time(recording, 9)

    assert "System Settings > Privacy & Security > Screen & System Audio" in caught.value.hint
    assert not isinstance(caught.value, DeviceLostError)


def test_what_macos_says_is_refused_is_told_at_once(mac: Mac) -> None:
    mac.objects.allowed = Permission.REFUSED
    recording = mac.record()

    with pytest.raises(CaptureError, match="does not let Captionist hear"):
        mac.pass_time(recording, 10)


def test_silence_that_is_allowed_is_never_taken_for_a_refusal(mac: Mac) -> None:
    mac.objects.allowed = Permission.GRANTED
    recording = mac.record()

    mac.pass_time(recording, 60)

    taken_apart = mac.core.log.count(TAKE_APART[0])
    assert taken_apart == 3, "after 8, 16 and 32 seconds"


def test_silence_while_nothing_plays_is_left_alone(mac: Mac) -> None:
    mac.core.playing[MUSIC] = 0
    recording = mac.record()

    mac.pass_time(recording, 30)

    assert mac.core.log == BUILD


def test_silence_after_sound_makes_a_new_tap_but_is_no_refusal(mac: Mac) -> None:
    recording = mac.record()
    mac.pass_time(recording, 1, level=0.5)

    mac.pass_time(recording, 30)
    assert mac.core.log.count(TAKE_APART[0]) == 2
    mac.pass_time(recording, 1, level=0.5)
    mac.pass_time(recording, 9)

    assert mac.core.log.count(TAKE_APART[0]) == 3, "sound sets the patience back"


def test_an_interrupted_recording_ends(mac: Mac) -> None:
    recording = mac.record()

    recording.interrupt()

    assert recording.read() is None


def test_a_tap_takes_its_rate_from_the_device_it_is_read_through() -> None:
    core = FakeCoreAudio(rate=44_100.0)
    tap = Tap(Hal(core), FakeObjects(), lambda _data, _channels: None)

    assert (tap.rate, tap.device) == (44_100, 60)
    tap.close()
