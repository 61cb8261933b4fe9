"""Microphone and system audio on a real sound server without a sound card."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.devices import input_devices
from app.capture.system import SystemSource
from app.core.errors import DeviceLostError
from app.platforms.pulse import FRAGMENT_SECONDS
from tests.capture.heard import Heard
from tests.capture.sounds import chirp, correlation, pcm, write_wav
from tests.desktop import VirtualDesktop
from tests.waiting import wait_for

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.desktop

ROOT = Path(__file__).parents[2]
PLAYED = 2.0
LISTENED = 6.0
"""Seconds from a listener's first block, which others may be 2 s behind."""
ALIKE = 0.99
"""Correlation; two resamplers leave 0.9998 and more."""
SILENCE = 0.1
"""Seconds before a sound, for PulseAudio to take away: when a sound begins on a null sink, its
listeners already have the next piece of silence and never hear what is played in its place."""


@pytest.fixture
def sound(desktop: VirtualDesktop, monkeypatch: pytest.MonkeyPatch) -> VirtualDesktop:
    """The desktop's sound server is that of this process, too."""
    for name, value in desktop.env.items():
        monkeypatch.setenv(name, value)
    return desktop


@dataclass
class Listener:
    """A process that listens to a device; what is played to `sink` is what it should hear."""

    kind: str
    device: str
    sink: str
    out: Path

    def start(self, env: dict[str, str]) -> subprocess.Popen[bytes]:
        words = [self.kind, self.device, str(self.out), str(LISTENED)]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.capture.listen", *words],
            env=env,
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )


def test_every_source_hears_what_is_played_to_it_and_nothing_else(
    desktop: VirtualDesktop, tmp_path: Path
) -> None:
    sounds = {"mic_sink": chirp(PLAYED, 48_000), "speaker": chirp(PLAYED, 48_000)[::-1]}
    asked = [("mic", "", "mic_sink"), ("mic", "microphone", "mic_sink")]
    asked += [("system", "", "speaker"), ("system", "MicSink", "mic_sink")]
    listeners = [Listener(*a, tmp_path / f"{n}.npy") for n, a in enumerate(asked)]

    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(one.start(desktop.env)) for one in listeners]
        for process in running:
            stack.callback(process.kill)
        for process in running:
            assert process.stdout is not None
            assert process.stdout.readline() == b"listening\n"
        for sink, sound in sounds.items():
            late = np.pad(sound, (round(SILENCE * 48_000), 0))
            desktop.play(write_wav(tmp_path / f"{sink}.wav", pcm(late), 48_000), sink)
        assert [process.wait(30) for process in running] == [0] * len(running)

    played = {"mic_sink": chirp(PLAYED, 16_000), "speaker": chirp(PLAYED, 16_000)[::-1]}
    for one in listeners:
        heard = np.load(one.out)
        alike = {sink: correlation(heard, sound) for sink, sound in played.items()}
        assert alike.pop(one.sink) > ALIKE, one
        assert max(alike.values()) < 0.5, one


def test_a_sound_is_heard_sample_by_sample_but_for_a_piece_of_its_beginning(
    sound: VirtualDesktop, tmp_path: Path
) -> None:
    load = ("module-null-sink", "sink_name=exact", "rate=48000", "channels=2")
    module = sound.run("pactl", "load-module", *load)
    played = np.random.default_rng(1).integers(1, 16_000, (24_000, 2), np.int16)  # never 0
    source, heard = SystemSource("exact"), Heard()
    source.open()
    source.start(heard.deliver, heard.end)
    assert heard.first.wait(10)

    sound.play(write_wav(tmp_path / "noise.wav", played, 48_000), "exact")
    wait_for("the end of the sound", lambda: _is_over(heard.samples))

    source.close()
    sound.run("pactl", "unload-module", module)
    sounding = np.flatnonzero(heard.samples.any(axis=1))
    missing = len(played) - len(sounding)
    assert 0 <= missing <= FRAGMENT_SECONDS * 48_000
    assert np.array_equal(heard.samples[sounding[0] : sounding[-1] + 1], played[missing:])


def _is_over(samples: NDArray[np.int16]) -> bool:
    """Whether there was a sound, and then none for 0.1 s."""
    return bool(samples.any() and not samples[-4_800:].any())


def test_the_outputs_are_listed_with_the_default_one(sound: VirtualDesktop) -> None:
    report = input_devices()

    outputs = {device.name: device for device in report.of_kind("system")}
    assert outputs["Speaker"].is_default
    assert not outputs["MicSink"].is_default


def test_an_output_that_goes_away_ends_the_source(sound: VirtualDesktop) -> None:
    module = sound.run("pactl", "load-module", "module-null-sink", "sink_name=headset")
    source, heard = SystemSource("headset"), Heard()
    source.open()
    source.start(heard.deliver, heard.end)

    sound.run("pactl", "unload-module", module)

    assert heard.ended.wait(10)
    source.close()
    assert isinstance(source.failure, DeviceLostError)


def test_stop_does_not_wait_for_an_output_that_is_silent(sound: VirtualDesktop) -> None:
    module = sound.run("pactl", "load-module", "module-null-sink", "sink_name=asleep")
    source, heard = SystemSource("asleep"), Heard()
    source.open()
    source.start(heard.deliver, heard.end)
    assert heard.first.wait(10)
    sound.run("pactl", "suspend-sink", "asleep", "1")

    started = time.monotonic()
    source.close()

    assert time.monotonic() - started < 1.0
    assert not heard.ended.is_set()
    sound.run("pactl", "unload-module", module)
