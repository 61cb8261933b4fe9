"""Each system has a back end, or says what to do instead."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from app.core.errors import CaptureError, DeviceMissingError
from app.platforms import libpulse
from app.platforms.coretap import TapSystemAudio
from app.platforms.pulse import PulseSystemAudio
from app.platforms.system_audio import OutputDevice, system_audio
from app.platforms.virtualinput import VirtualInputs
from app.platforms.wasapi import WasapiSystemAudio


def test_a_system_without_a_back_end_names_a_way_round() -> None:
    backend = system_audio("freebsd")

    for ask in (backend.outputs, lambda: backend.record("")):
        with pytest.raises(CaptureError, match="not available on this system yet") as caught:
            ask()
        assert "microphone" in caught.value.hint


def test_windows_listens_to_its_outputs() -> None:
    assert isinstance(system_audio("win32"), WasapiSystemAudio)


def test_a_mac_has_a_tap_or_a_virtual_device() -> None:
    assert isinstance(system_audio("darwin"), TapSystemAudio | VirtualInputs)


def test_linux_listens_to_the_sound_server() -> None:
    assert isinstance(system_audio("linux"), PulseSystemAudio)


class FakeServer:
    def __init__(self, *sinks: str) -> None:
        self._sinks = sinks
        self.closed = False

    def server_info(self) -> Any:
        return SimpleNamespace(default_sink_name="speaker")

    def sink_list(self) -> list[Any]:
        return [SimpleNamespace(name=name, description=name.title()) for name in self._sinks]

    def close(self) -> None:
        self.closed = True


def test_outputs_are_the_sinks_and_the_connection_is_closed() -> None:
    server = FakeServer("hdmi", "speaker")

    outputs = PulseSystemAudio(lambda: server).outputs()

    assert outputs == [
        OutputDevice("hdmi", "Hdmi", is_default=False),
        OutputDevice("speaker", "Speaker", is_default=True),
    ]
    assert server.closed


def test_an_unknown_output_is_told_with_those_that_exist() -> None:
    backend = PulseSystemAudio(lambda: FakeServer("hdmi", "speaker"))

    with pytest.raises(DeviceMissingError, match="no sound output 'attic'") as caught:
        backend.record("attic")

    assert "'Hdmi', 'Speaker'" in caught.value.hint


def test_a_server_without_outputs_is_told() -> None:
    with pytest.raises(DeviceMissingError, match="no output"):
        PulseSystemAudio(FakeServer).record("")


def _has_libpulse() -> bool:
    try:
        libpulse.load()
    except OSError:
        return False
    return True


@pytest.mark.skipif(not _has_libpulse(), reason="libpulse is not installed")
def test_no_server_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/nothing")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(DeviceMissingError, match="No sound server is running"):
        PulseSystemAudio().record("")
