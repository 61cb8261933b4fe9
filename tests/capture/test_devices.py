"""Devices are listed, and what hinders it is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.capture.devices import DeviceProblem, InputDevice, input_devices
from app.capture.factory import open_source_for
from app.core.errors import AudioLibraryMissingError, MediaError
from app.platforms.system_audio import NoSystemAudio
from tests.capture.fake_portaudio import FakePortAudio, PortAudioError, entry
from tests.capture.fake_system_audio import FakeSystemAudio


def test_microphones_and_outputs_are_listed_the_default_first() -> None:
    library = FakePortAudio(
        [entry(0, "Speakers", channels=0), entry(1, "Built-in"), entry(2, "Headset")], default=2
    )

    report = input_devices(lambda: library, FakeSystemAudio())

    assert report.of_kind("mic") == (
        InputDevice("Headset", "Headset", "mic", is_default=True),
        InputDevice("Built-in", "Built-in", "mic", is_default=False),
    )
    assert report.of_kind("system") == (
        InputDevice("speaker", "Speaker", "system", is_default=True),
    )
    assert report.problems == ()


def test_devices_of_another_audio_system_are_left_out() -> None:
    twin = entry(1, "Built-in, MME") | {"hostapi": 1}

    report = input_devices(lambda: FakePortAudio([entry(0, "Built-in"), twin]), FakeSystemAudio())

    assert [device.name for device in report.of_kind("mic")] == ["Built-in"]


def test_a_device_connected_since_the_last_look_is_listed() -> None:
    library = FakePortAudio(appearing=[entry(1, "New")])

    report = input_devices(lambda: library, FakeSystemAudio())

    assert "New" in [device.name for device in report.devices]


def test_what_is_missing_is_told_and_nothing_is_raised() -> None:
    def load() -> Any:
        raise AudioLibraryMissingError("PortAudio is not installed", hint="Install it")

    report = input_devices(load, NoSystemAudio("Choose a microphone"))

    assert report.devices == ()
    assert report.problems == (
        DeviceProblem("mic", "PortAudio is not installed", "Install it"),
        DeviceProblem(
            "system", "System audio is not available on this system yet", "Choose a microphone"
        ),
    )


def test_a_computer_without_microphone_is_told() -> None:
    report = input_devices(lambda: FakePortAudio([], default=-1), FakeSystemAudio())

    assert [problem.message for problem in report.problems] == ["There is no microphone"]


def test_a_library_that_fails_is_told() -> None:
    class Broken(FakePortAudio):
        def query_devices(self, kind: str | None = None) -> Any:
            raise PortAudioError("Error querying devices: Internal error [PaErrorCode -9986]")

    report = input_devices(Broken, FakeSystemAudio())

    assert report.problems[0].message == "The microphones cannot be listed: internal error"


@pytest.mark.parametrize("source", ["mic", "system"])
def test_a_source_is_found_by_its_word(source: str) -> None:
    assert open_source_for(source).name == source


def test_anything_else_is_a_file(tmp_path: Path) -> None:
    source = open_source_for(str(tmp_path / "talk.mp3"))

    assert source.name == "talk"
    with pytest.raises(MediaError):
        source.open()
