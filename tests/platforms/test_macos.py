"""Taps from macOS 14.4 on, a virtual device before that or where something is missing."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import pytest

from app.core.errors import AudioLibraryMissingError
from app.platforms.coretap import TapSystemAudio
from app.platforms.macos import macos_system_audio
from app.platforms.objectivec import ObjectiveC
from app.platforms.virtualinput import VirtualInputs
from tests.platforms.fake_coreaudio import FakeCoreAudio, FakeObjects


@pytest.mark.parametrize("version", ["14.4", "14.4.1", "15.0", "26.1"])
def test_a_mac_with_taps_uses_them(version: str) -> None:
    assert isinstance(macos_system_audio(version, FakeCoreAudio, FakeObjects), TapSystemAudio)


@pytest.mark.parametrize("version", ["14.3.1", "13.6", "10.15.7", ""])
def test_an_older_one_needs_a_virtual_device(version: str) -> None:
    assert isinstance(macos_system_audio(version, FakeCoreAudio, FakeObjects), VirtualInputs)


@pytest.mark.parametrize("error", [OSError("no such library"), AttributeError("no such function")])
def test_a_mac_whose_core_audio_has_no_taps_needs_a_virtual_device(error: Exception) -> None:
    def library() -> NoReturn:
        raise error

    assert isinstance(macos_system_audio("26.0", library, FakeObjects), VirtualInputs)


def test_without_pyobjc_the_reason_is_told() -> None:
    def objects() -> NoReturn:
        raise AudioLibraryMissingError("PyObjC is missing", hint="Install it")

    system = macos_system_audio("26.0", FakeCoreAudio, objects)

    assert isinstance(system, VirtualInputs)
    assert system._why == "PyObjC is missing (Install it)"


def test_the_running_version_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answer: tuple[Any, ...] = ("26.0", ("", "", ""), "arm64")
    monkeypatch.setattr("platform.mac_ver", lambda: answer)

    assert isinstance(macos_system_audio(None, FakeCoreAudio, FakeObjects), TapSystemAudio)


@pytest.mark.skipif(sys.platform == "darwin", reason="PyObjC is there")
def test_elsewhere_there_is_no_tap_and_no_crash() -> None:
    assert isinstance(macos_system_audio("26.0", FakeCoreAudio, ObjectiveC), VirtualInputs)
