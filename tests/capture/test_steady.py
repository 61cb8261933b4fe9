"""A source goes on through everything that happens to its device."""

from __future__ import annotations

import itertools
import queue
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture import steady
from app.capture.placing import Origin
from app.capture.sleepwatch import Clocks
from app.capture.steady import BACK, NEW_DEFAULT, Steadiness, SteadySource
from app.core.audio import AudioFormat
from app.core.errors import DeviceMissingError
from tests.capture.fake_devices import FakeDevices
from tests.capture.heard import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.core.events import DeviceChanged


class Bench:
    """A steady source on fake devices and a clock that is set by hand."""

    def __init__(self, device: str = "", *, moved_by_system: bool = False) -> None:
        self.devices, self.heard = FakeDevices(), Heard()
        self.told: queue.Queue[DeviceChanged] = queue.Queue()
        self.now, self.asleep = 500.0, 0.0
        clocks = Clocks(lambda: self.now, lambda: self.now + self.asleep, lambda: self.now)
        how = Steadiness(device, self.devices, moved_by_system, Origin(clocks.elapsed))
        self.source = SteadySource("mic", self.devices.make, self.told.put, how, clocks)

    def start(self) -> None:
        self.source.open()
        self.source.start(self.heard.deliver, self.heard.end)

    def play(self, seconds: float, level: int = 1) -> None:
        for _ in range(round(seconds / 0.03)):
            self.now += 0.03
            self.devices.now.play(level)

    def change(self) -> DeviceChanged:
        return self.told.get(timeout=10)

    @property
    def gaps(self) -> list[float]:
        """Seconds of the jumps between blocks."""
        blocks = self.heard.blocks
        pairs = itertools.pairwise(blocks)
        return [b.start - a.end for a, b in pairs if b.first_frame != a.end_frame]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "LOOK_S", 0.01)
    monkeypatch.setattr(steady, "_FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(steady, "_LONGEST_WAIT_S", 0.01)
    monkeypatch.setattr(steady, "QUIET_LOOKS", 10**9)  # except where quiet is what is tested


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.source.close()


def test_untroubled_sound_passes_untouched(bench: Bench) -> None:
    bench.start()
    bench.play(0.3, level=77)

    assert bench.heard.blocks[0].first_frame == 0
    assert not bench.gaps
    assert set(bench.heard.samples.ravel()) == {77}
    assert bench.told.empty()


def test_what_is_wrong_at_the_start_is_raised(bench: Bench) -> None:
    bench.devices.formats.clear()

    with pytest.raises(DeviceMissingError):
        bench.source.open()


def test_a_device_that_is_gone_is_replaced_by_the_default_one() -> None:
    bench = Bench("headset")
    bench.start()
    bench.play(3.0)
    del bench.devices.formats["headset"]
    bench.now += 0.5
    bench.devices.now.vanish()

    change = bench.change()
    bench.now += 0.5
    bench.play(1.0)
    bench.source.close()

    assert (change.source, change.device) == ("mic", "Built-In")
    assert change.at == pytest.approx(3.0, abs=0.01)
    assert "is gone" in change.reason
    assert bench.gaps == [pytest.approx(1.0, abs=0.01)]
    assert {block.format for block in bench.heard.blocks} == {AudioFormat(16_000, 1)}
    assert not bench.heard.ended.is_set()


def test_the_chosen_device_is_taken_again_when_it_is_back() -> None:
    bench = Bench("headset")
    bench.start()
    bench.play(0.3)
    form = bench.devices.formats.pop("headset")
    bench.devices.now.vanish()
    assert bench.change().device == "Built-In"

    bench.devices.formats["headset"] = form
    change = bench.change()
    bench.source.close()

    assert (change.device, change.reason) == ("Headset", BACK)


def test_the_default_is_followed_and_its_sound_brought_to_the_first_format(bench: Bench) -> None:
    bench.start()
    bench.play(0.3)
    bench.devices.default = "headset"

    assert bench.change().reason == NEW_DEFAULT
    bench.now += 0.2
    bench.play(2.0, level=1000)

    assert bench.devices.started[0].closed
    assert {block.format for block in bench.heard.blocks} == {AudioFormat(48_000, 2)}
    assert bench.heard.samples[-1] == pytest.approx([1000, 1000], abs=2)  # it is dithered
    assert bench.heard.blocks[-1].end == pytest.approx(2.5, abs=0.05)


def test_a_recording_that_the_system_moves_is_only_told() -> None:
    bench = Bench(moved_by_system=True)
    bench.start()
    bench.devices.default = "headset"

    assert bench.change().device == "Headset"
    assert len(bench.devices.made) == 1
    bench.source.close()


def test_a_chosen_device_does_not_follow_the_default() -> None:
    bench = Bench("built-in")
    bench.start()
    bench.devices.default = "headset"
    bench.devices.now.vanish()

    assert bench.change().device == "Built-In"
    assert [each.device for each in bench.devices.made] == ["built-in", "built-in"]
    bench.source.close()


def test_it_tries_until_there_is_a_device_again(bench: Bench) -> None:
    bench.start()
    bench.play(0.3)
    kept = dict(bench.devices.formats)
    bench.devices.formats.clear()
    bench.devices.blind = True
    bench.devices.now.vanish()
    while len(bench.devices.made) < 20:
        bench.source._stopping.wait(0.001)

    bench.now += 60.0
    bench.devices.formats.update(kept)
    change = bench.change()
    bench.play(0.3)

    assert "is gone" in change.reason
    assert bench.gaps == [pytest.approx(60.0, abs=0.05)]
    assert "is gone" in bench.source.why()
    assert all(each.closed for each in bench.devices.made[:-1])


def test_a_device_that_falls_silent_is_opened_anew(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steady, "QUIET_LOOKS", 5)
    bench.start()
    bench.source._quiet._limit = 5

    assert bench.change().reason == "nothing came from mic"


def test_patience_with_a_quiet_device_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steady, "QUIET_LOOKS", 5)
    quiet = steady._Quiet()
    told = [look for look in range(1, 40) if quiet.too_long(0)]

    assert told == [5, 15, 35]
    assert not quiet.too_long(1)


def test_sleep_is_a_gap_with_its_reason(bench: Bench) -> None:
    bench.start()
    bench.play(1.0)
    bench.asleep = 3600.0
    bench.play(1.0)

    assert bench.gaps == [pytest.approx(3600.0, abs=0.05)]
    while "slept" not in bench.source.why():
        bench.source._stopping.wait(0.001)


def test_a_program_that_stood_still_says_so(bench: Bench) -> None:
    bench.start()
    bench.play(1.0)
    bench.now += 30.0
    bench.play(1.0)

    assert bench.gaps == [pytest.approx(30.0, abs=0.05)]
    assert "stood still" in bench.source.why()


def test_stop_is_prompt_while_it_looks_for_a_device(bench: Bench) -> None:
    bench.start()
    bench.devices.formats.clear()
    bench.devices.now.vanish()
    bench.source.close()

    assert bench.heard.endings == 0


def test_a_fault_of_the_taker_ends_the_source(bench: Bench) -> None:
    bench.start()
    bench.devices.now.failure = RuntimeError("a bug")
    bench.devices.now._ended()

    assert bench.heard.ended.wait(10)
    assert isinstance(bench.source.failure, RuntimeError)


def test_sound_keeps_its_pitch_from_another_format() -> None:
    from app.capture.reshape import Reshaper
    from app.core.audio import AudioBlock
    from tests.capture.sounds import pcm, sine

    reshaper = Reshaper(AudioFormat(16_000, 1), AudioFormat(48_000, 2))
    tone = pcm(sine(1.0, 16_000))
    taken = [
        reshaper.take(AudioBlock(n, tone[n : n + 480], AudioFormat(16_000, 1)))[0]
        for n in range(0, 16_000, 480)
    ]

    got = np.concatenate(taken)[:, 1]
    crossings = np.count_nonzero(np.diff(np.signbit(got)))
    assert crossings == pytest.approx(880 * len(got) / 48_000, abs=3)


def test_a_track_of_one_channel_takes_two_that_cancel_each_other_out() -> None:
    from app.capture.reshape import Reshaper
    from app.core.audio import AudioBlock
    from tests.capture.sounds import pcm, sine

    two = AudioFormat(16_000, 2)
    reshaper = Reshaper(two, AudioFormat(16_000, 1))
    tone = pcm(sine(1.0, 16_000))
    opposed = np.concatenate([tone, -tone], axis=1)
    taken = [
        reshaper.take(AudioBlock(n, opposed[n : n + 480], two))[0] for n in range(0, 16_000, 480)
    ]

    got = np.concatenate(taken)
    assert got.shape == (16_000, 1)
    assert np.array_equal(got[480:], tone[480:])
