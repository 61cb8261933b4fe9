"""The machine is measured once for each model, and what follows from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.speech.transcribe import hardware
from app.speech.transcribe.device import CPU, Device
from app.speech.transcribe.hardware import (
    FILE_NAME,
    Fitting,
    Measured,
    Stopwatch,
    device_for,
    measure,
    preset_for,
    read_measured,
    remember,
)
from app.speech.transcribe.presets import options_for
from app.speech.transcribe.whisper import WORKERS
from tests.fakes.speech import FakeWhisper


class Machine:
    """Models that take time: each thing they do moves the clock on by `seconds` / threads."""

    def __init__(self, seconds: float, gain: float = 1.0) -> None:
        self.now = 0.0
        self.seconds, self.gain = seconds, gain
        self.loaded: list[int] = []

    @property
    def watch(self) -> Stopwatch:
        return Stopwatch(lambda: self.now, lambda: self.now)

    def load(self, threads: int) -> FakeWhisper:
        self.loaded.append(threads)
        return TimedWhisper(self, self.seconds / (self.gain if threads > 1 else 1.0))


class TimedWhisper(FakeWhisper):
    """Half of a step is encoding, in proportion to the length; the other half is decoding."""

    def __init__(self, machine: Machine, seconds: float) -> None:
        super().__init__()
        self._machine, self._seconds = machine, seconds

    def encode(self, mel, kept=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self._machine.now += self._seconds / 2 * mel.shape[2] / 1500
        return super().encode(mel, kept)

    def continue_text(self, *args):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN201
        self._machine.now += self._seconds / 2
        return super().continue_text(*args)


def test_two_threads_are_taken_when_they_are_much_quicker() -> None:
    machine = Machine(0.1, gain=1.6)
    _, found = measure(machine.load, 1, 8, machine.watch)
    assert found.threads == 2
    assert found.step_seconds == pytest.approx(0.1 / 1.6)
    assert machine.loaded == [1, 2]


def test_one_thread_stays_when_two_bring_little() -> None:
    machine = Machine(0.1, gain=1.3)
    _, found = measure(machine.load, 1, 8, machine.watch)
    assert found.threads == 1
    assert found.step_seconds == pytest.approx(0.1)
    assert machine.loaded == [1, 2, 1]


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (16, 2)])
def test_live_recognition_and_revision_together_never_take_all_cores(
    cores: int, threads: int
) -> None:
    machine = Machine(0.1, gain=2.0)
    _, found = measure(machine.load, 1, cores, machine.watch)
    assert found.threads == threads
    assert machine.loaded == [1, 2][:threads]
    assert cores <= 2 or WORKERS * found.threads < cores


def test_more_threads_than_there_is_room_for_are_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an earlier version would have had them; a wish for them is a wish."""
    machine = Machine(0.1)
    monkeypatch.setattr(hardware, "cores", lambda: 4)
    for key in ("threads 1", "wished threads 3"):
        known = Measured(int(key[-1]) if "wished" in key else 2, 0.1)
        remember(tmp_path / FILE_NAME, f"{hardware.key_of('base')}, {key}", known)
    Fitting(tmp_path, "base")(machine.load, 1)
    Fitting(tmp_path, "base")(machine.load, 3)
    assert machine.loaded == [1, 3]


def test_a_wish_for_threads_is_not_put_to_the_test() -> None:
    machine = Machine(0.1, gain=2.0)
    _, found = measure(machine.load, 3, 8, machine.watch)
    assert found.threads == 3
    assert machine.loaded == [3]


@pytest.mark.parametrize("seconds", [0.1, 0.3, 1.0, 10.0])
def test_measuring_is_short_and_true_enough(seconds: float) -> None:
    machine = Machine(seconds)
    _, found = measure(machine.load, 1, 2, machine.watch)
    assert machine.now <= 2.0
    assert found.step_seconds == pytest.approx(seconds, rel=0.1)


def test_half_of_the_time_stays_free() -> None:
    limit = options_for("tiny.en").step / 2
    assert preset_for("tiny.en", Measured(1, limit - 0.01)) == "balanced"
    assert preset_for("tiny.en", Measured(1, limit + 0.01)) == "ultra-fast"


def test_a_machine_is_measured_once_for_each_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def measured(load, threads, cores):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        asked.append(threads)
        return load(threads), Measured(2, 5.0)

    monkeypatch.setattr(hardware, "measure", measured)
    monkeypatch.setattr(hardware, "cores", lambda: 8)
    machine = Machine(0.1)
    folder = tmp_path / "not there yet"
    assert Fitting(folder, "base")(machine.load, 1).preset == "ultra-fast"
    assert Fitting(folder, "base")(machine.load, 1).preset == "ultra-fast"
    assert (asked, machine.loaded) == ([1], [1, 2])
    Fitting(folder, "tiny.en")(machine.load, 1)
    assert asked == [1, 1]


def test_why_it_is_not_the_graphics_card_is_kept_and_a_new_card_is_measured(
    tmp_path: Path,
) -> None:
    machine = Machine(0.1)
    device = CPU

    def load(threads: int) -> FakeWhisper:
        model = machine.load(threads)
        model.device = device
        return model

    def kept() -> Measured:
        (found,) = read_measured(tmp_path / FILE_NAME).values()
        return found

    Fitting(tmp_path, "base")(load, 3)
    assert kept().device == CPU
    device = Device("cpu", "int8", "the graphics card was tried and failed: out of memory")
    Fitting(tmp_path, "base")(load, 3)
    assert (kept().device, len(machine.loaded)) == (device, 2), "another reason, the same place"
    device, machine.seconds = Device("cuda", "float16"), 0.01
    Fitting(tmp_path, "base")(load, 3)
    assert kept().device == device
    assert machine.loaded == [3, 3, 3, 3], "loaded as it was known, then again to be measured"


def test_why_a_card_failed_is_told_as_long_as_there_is_a_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Device("cpu", "int8", "the graphics card was tried and failed: out of memory")
    remember(tmp_path / FILE_NAME, "large-v3 on x", Measured(1, 0.1, failed))
    card = Device("cuda", "float16")
    monkeypatch.setattr(hardware, "find_device", lambda _ct2: card)
    assert device_for(tmp_path, "large-v3") == failed
    assert device_for(tmp_path, "base") == card
    monkeypatch.setattr(hardware, "find_device", lambda _ct2: CPU)
    assert device_for(tmp_path, "large-v3") == CPU


def test_what_an_older_version_measured_is_still_known(tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    file.write_text('{"base": {"threads": 2, "step_seconds": 0.2}}', encoding="utf-8")
    assert read_measured(file) == {"base": Measured(2, 0.2, CPU)}


def test_what_cannot_be_read_is_measured_again_and_what_cannot_be_kept_does_no_harm(
    tmp_path: Path,
) -> None:
    file = tmp_path / FILE_NAME
    for odd in ("", "[]", '{"base": {"threads": "many"}}'):
        file.write_text(odd, encoding="utf-8")
        assert read_measured(file) == {}
    remember(file, "base", Measured(1, 0.123456))
    cpu = {"kind": "cpu", "compute_type": "int8", "reason": ""}
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "base": {"threads": 1, "step_seconds": 0.1235, "device": cpu}
    }
    assert read_measured(file) == {"base": Measured(1, 0.1235)}
    remember(file / "below-a-file", "base", Measured(1, 0.1))
