"""The virtual desktop does what the other desktop tests take for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from tests.desktop import VirtualDesktop

pytestmark = pytest.mark.desktop
PNG_SIZE = slice(16, 24)


def test_what_is_played_is_heard_by_the_microphone(desktop: VirtualDesktop, tmp_path: Path) -> None:
    heard, tone = tmp_path / "heard.wav", tmp_path / "tone.wav"
    soundfile.write(tone, np.sin(np.arange(24_000) * 0.1) * 0.5, 48_000)
    parecord = ["parecord", "--device=mic", "--rate=16000", "--latency-msec=50", str(heard)]
    recorder = desktop.start("parecord", *parecord)
    wait_for("recording", lambda: heard.exists() and heard.stat().st_size > 4096)
    assert desktop.play(tone, "mic_sink").wait(30) == 0
    recorder.terminate()
    recorder.wait(5)
    samples, _rate = soundfile.read(heard)
    assert np.abs(samples).max() > 0.1


def test_a_screenshot_shows_the_whole_screen(desktop: VirtualDesktop, tmp_path: Path) -> None:
    picture = tmp_path / "screen.png"
    desktop.screenshot(picture)
    width_and_height = picture.read_bytes()[PNG_SIZE]
    assert width_and_height == (1280).to_bytes(4, "big") + (800).to_bytes(4, "big")
