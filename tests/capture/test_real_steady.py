"""Devices and the sound server itself go and come back: a real one, without a sound card."""

from __future__ import annotations

import queue
import time
from typing import TYPE_CHECKING

import pytest

from app.capture.factory import sound_doubts_for, steady_source_for
from app.capture.system import SystemSource
from app.core.events import CaptureProblem
from app.platforms.pulse_watch import PulseEye, PulseOutputMeter
from tests.capture.heard import Heard
from tests.capture.sound_server import server as server
from tests.capture.sounds import pcm, sine, write_wav
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.capture.doubts import Doubt
    from app.capture.steady import SteadySource
    from app.core.events import DeviceChanged
    from tests.capture.sound_server import SoundServer

pytestmark = pytest.mark.desktop

TOLD_WITHIN = 10.0


class Recorded:
    """A steady source being recorded, and what it told."""

    def __init__(self, kind: str, device: str = "") -> None:
        self.told: queue.Queue[DeviceChanged] = queue.Queue()
        self.heard = Heard()
        self.source: SteadySource = steady_source_for(kind, device, self.told.put)
        self.source.open()
        self.source.start(self.heard.deliver, self.heard.end)
        assert self.heard.first.wait(10)
        self.began = time.monotonic() - self.heard.blocks[0].end

    def change(self) -> DeviceChanged:
        return self.told.get(timeout=TOLD_WITHIN)

    def hears_it(self) -> bool:
        return any(block.samples.max() > 9000 for block in list(self.heard.blocks))

    def goes_on(self) -> None:
        """Sound comes again, and lies where the clock says."""
        count = len(self.heard.blocks)
        wait_for("more sound", lambda: len(self.heard.blocks) > count + 30)
        behind = (time.monotonic() - self.began) - self.heard.blocks[-1].end
        assert -0.2 < behind < 0.6, behind


@pytest.mark.parametrize("kind", ["system", "mic"])
def test_a_restart_of_the_sound_server_is_survived(server: SoundServer, kind: str) -> None:
    recorded = Recorded(kind)
    server.stop()
    server.start()

    change = recorded.change()
    recorded.goes_on()
    recorded.source.close()

    assert change.source == kind
    assert change.reason
    assert not recorded.heard.ended.is_set()


@pytest.mark.lengthy
def test_a_chosen_output_that_goes_is_replaced_and_taken_again(server: SoundServer) -> None:
    load = ("pactl", "load-module", "module-null-sink", "sink_name=headset", "rate=44100",
            "sink_properties=device.description=Headset")  # fmt: skip
    module = server.run(*load)
    recorded = Recorded("system", "headset")

    server.run("pactl", "unload-module", module)
    assert recorded.change().device == "Speaker"
    recorded.goes_on()
    server.run(*load)
    assert recorded.change().device == "Headset"
    recorded.goes_on()
    recorded.source.close()


def test_the_default_output_is_followed(server: SoundServer, tmp_path: Path) -> None:
    recorded = Recorded("system")
    server.run("pactl", "set-default-sink", "mic_sink")

    assert recorded.change().device == "MicSink"
    tone = write_wav(tmp_path / "tone.wav", pcm(sine(1.0, 48_000)), 48_000)
    player = server.play(tone, "mic_sink")
    wait_for("the tone", recorded.hears_it)
    assert player.wait(20) == 0
    recorded.source.close()


def test_the_microphone_is_moved_to_the_new_default(server: SoundServer, tmp_path: Path) -> None:
    recorded = Recorded("mic")
    server.run("pactl", "load-module", "module-null-sink", "sink_name=usb_sink")
    usb = ("module-remap-source", "master=usb_sink.monitor", "source_name=usb")
    server.run("pactl", "load-module", *usb)
    server.run("pactl", "set-default-source", "usb")

    assert recorded.change().source == "mic"
    tone = write_wav(tmp_path / "tone.wav", pcm(sine(1.0, 48_000)), 48_000)
    player = server.play(tone, "usb_sink")
    wait_for("the tone", recorded.hears_it)
    assert player.wait(20) == 0
    recorded.source.close()


def test_a_microphone_that_is_removed_is_replaced(server: SoundServer) -> None:
    server.run("pactl", "load-module", "module-null-sink", "sink_name=usb_sink")
    usb = ("module-remap-source", "master=usb_sink.monitor", "source_name=usb")
    module = server.run("pactl", "load-module", *usb)
    server.run("pactl", "set-default-source", "usb")
    recorded = Recorded("mic")

    server.run("pactl", "unload-module", module)

    assert recorded.change().source == "mic"
    recorded.goes_on()
    recorded.source.close()


def _put(told: queue.Queue[Doubt], doubts: Iterable[Doubt]) -> None:
    for doubt in doubts:
        told.put(doubt)


def test_an_output_that_is_muted_while_something_plays_is_deaf(
    server: SoundServer, tmp_path: Path
) -> None:
    server.run("pactl", "set-sink-mute", "speaker", "1")
    tone = write_wav(tmp_path / "tone.wav", pcm(sine(20.0, 48_000)), 48_000)
    player = server.play(tone, "speaker")
    doubts = sound_doubts_for("system")
    told: queue.Queue[Doubt] = queue.Queue()
    source = SystemSource("")
    source.open()
    source.start(lambda block: _put(told, doubts.note(block)), list)

    assert told.get(timeout=TOLD_WITHIN).problem is CaptureProblem.DEAF
    source.close()
    doubts.close()
    player.terminate()
    player.wait()


def test_the_eye_sees_outputs_and_microphones(server: SoundServer) -> None:
    outputs, microphones = PulseEye("system"), PulseEye("mic")
    try:
        seen, mics = outputs.look(), microphones.look()
        assert seen is not None
        assert seen.title("") == "Speaker"
        assert mics is not None
        assert mics.default == "mic"
        assert set(mics.titles.values()) == {"Microphone"}
        server.stop()
        assert outputs.look() is None
        server.start()
        wait_for("sight", outputs.look)
    finally:
        outputs.close()
        microphones.close()


def test_the_meter_hears_a_program_even_on_a_muted_output(
    server: SoundServer, tmp_path: Path
) -> None:
    meter = PulseOutputMeter()
    assert not meter.measure()
    server.run("pactl", "set-sink-mute", "speaker", "1")
    tone = write_wav(tmp_path / "tone.wav", pcm(sine(5.0, 48_000)), 48_000)
    player = server.play(tone, "speaker")

    wait_for("the meter", meter.plays)
    player.terminate()
    player.wait()
    wait_for("silence", lambda: not meter.plays())
    meter.close()
