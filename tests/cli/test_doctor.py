"""`captionist doctor` as a person reads it."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from app import cli
from app.capture.devices import DeviceProblem, DeviceReport, InputDevice
from app.cli.doctor import (
    Finding,
    Mark,
    devices,
    graphics,
    models,
    program,
    speed,
    storage,
    window_libraries,
)
from app.modelstore.manifest import TINY_EN
from app.speech.transcribe.device import CPU, NO_CARD, Device
from app.speech.transcribe.hardware import FILE_NAME, Measured, remember
from tests.programs import run_captionist
from tests.speech.transcribe.test_device import NO_DRIVER, FakeCt2

MIC = InputDevice("Headset", "Headset", "mic", is_default=True)


def test_it_runs_and_names_every_topic(tmp_path: Path) -> None:
    done = run_captionist("doctor")

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for title in ("Program", "Microphones", "System audio", "Models", "Data"):
        assert f"\n{title}\n" in f"\n{done.stdout}"
    assert "captionist models pull base" in done.stdout
    assert "\x1b" not in done.stdout, "no colours outside a terminal"


def test_an_unwritable_data_folder_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("CAPTIONIST_DATA", str(tmp_path / "file" / "data"))
    monkeypatch.setattr(sys, "argv", ["captionist", "doctor"])

    with pytest.raises(SystemExit) as left:
        cli.main()

    out = capsys.readouterr().out
    assert left.value.code == 1
    assert "✗ The folder" in out
    assert "CAPTIONIST_DATA" in out
    assert "cannot work" in out


def test_a_terminal_without_these_characters_gets_others(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.cli import doctor

    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", screen)

    doctor._show(Finding(Mark.GOOD, "Mikrofon für alle"))

    screen.flush()
    assert screen.buffer.getvalue() == b"  + Mikrofon f?r alle\n"


def test_devices_are_listed_and_what_is_missing_comes_with_its_remedy() -> None:
    report = DeviceReport((MIC,), (DeviceProblem("system", "No sound server", "Start it"),))

    assert list(devices(report, "mic")) == [Finding(Mark.GOOD, "Headset (default)")]
    assert list(devices(report, "system")) == [Finding(Mark.WARN, "No sound server", "Start it")]


def test_an_engine_that_does_not_load_is_broken() -> None:
    def load(_name: str) -> object:
        raise ImportError("no such file")

    bad = [finding for finding in program(load) if finding.mark is Mark.BAD]

    assert len(bad) == 1
    assert "no such file" in bad[0].text
    assert "pip install" in bad[0].remedy


def test_no_model_is_told_with_the_command_that_fetches_one(tmp_path: Path) -> None:
    assert [f.remedy for f in models(tmp_path / "none")] == ["captionist models pull base"]


def test_an_incomplete_model_is_told_with_the_command_that_completes_it(tmp_path: Path) -> None:
    folder = tmp_path / TINY_EN.name
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.bin").write_bytes(b"cut")

    first, *_ = models(tmp_path)

    assert first.mark is Mark.WARN
    assert first.remedy == f"captionist models pull {TINY_EN.name}"


def test_where_recognition_runs_is_told_and_why_not_on_the_card() -> None:
    (without,) = graphics(FakeCt2(0))
    assert (without.mark, without.remedy) == (Mark.GOOD, "")
    assert without.text == f"Recognition runs on the CPU (int8), because {NO_CARD}"
    (broken,) = graphics(FakeCt2(failure=RuntimeError(NO_DRIVER)))
    assert broken.mark is Mark.WARN
    assert NO_DRIVER in broken.text
    assert "driver" in broken.remedy
    (card,) = graphics(FakeCt2())
    assert card == Finding(Mark.GOOD, "Recognition runs on the graphics card (int8_float16)")


def test_a_card_that_failed_in_a_meeting_is_told_with_the_reason(tmp_path: Path) -> None:
    reason = "the graphics card was tried and failed: out of memory"
    remember(tmp_path / FILE_NAME, "base on x", Measured(1, 0.1, Device("cpu", "int8", reason)))
    remember(tmp_path / FILE_NAME, "tiny on x", Measured(1, 0.1, CPU))
    warned = [finding for finding in speed(tmp_path) if finding.mark is Mark.WARN]
    assert [finding.text for finding in warned] == [
        f"base: ran on the CPU (int8), because {reason}"
    ]


def test_little_space_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.doctor.LITTLE_SPACE", float("inf"))

    assert [finding.mark for finding in storage(tmp_path)] == [Mark.GOOD, Mark.WARN]


def test_missing_window_libraries_are_told_with_their_packages() -> None:
    def load(name: str) -> object:
        if "xcb-" in name:
            raise OSError(name)
        return object()

    (finding,) = window_libraries(load)

    assert finding.mark is Mark.WARN
    assert finding.remedy == ("sudo apt-get install libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1")
