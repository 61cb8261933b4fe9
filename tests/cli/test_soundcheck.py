"""`captionist soundcheck` says how each source is."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner

from app.capture import factory, playback, soundcheck
from app.capture.soundcheck import SoundReport, SoundVerdict
from app.cli import cli

TONE = np.full(48, 0.1, np.float32)
FINE = SoundReport("mic", SoundVerdict.FINE, -12.0, -30.0, 3.0, 16_000, TONE)
NO_MUSIC = SoundReport("system", SoundVerdict.SILENT, samples=0 * TONE, seconds=3.0)


class Sound:
    """The reports that come, and what is played back."""

    def __init__(self) -> None:
        self.reports = [FINE, NO_MUSIC]
        self.asked: list[tuple[str, str]] = []
        self.played: list[np.ndarray] = []

    def open(self, source: str, device: str) -> tuple[str, str]:
        self.asked.append((source, device))
        return source, device

    def check(self, _sources: object) -> list[SoundReport]:
        return self.reports

    def play(self, samples: np.ndarray, _rate: int) -> None:
        self.played.append(samples)


@pytest.fixture
def sound(monkeypatch: pytest.MonkeyPatch) -> Sound:
    made = Sound()
    monkeypatch.setattr(factory, "open_source_for", made.open)
    monkeypatch.setattr(soundcheck, "check_sound", made.check)
    monkeypatch.setattr(playback, "play", made.play)
    return made


def test_both_are_tested_and_what_was_heard_is_played(sound: Sound) -> None:
    result = CliRunner().invoke(cli, ["soundcheck"])

    assert result.exit_code == 0, result.output
    assert "mic: fine (peak -12 dB, mean -30 dB, 3.0 s)" in result.output
    assert "system: silent: nothing was played." in result.output
    assert sound.asked == [("mic", ""), ("system", "")]
    assert [len(samples) for samples in sound.played] == [len(TONE)]


def test_a_device_that_fails_is_an_exit_of_1_with_its_hint(sound: Sound) -> None:
    sound.reports = [
        SoundReport("mic", SoundVerdict.FAILED, error="There is no microphone", hint="Connect one.")
    ]
    result = CliRunner().invoke(cli, ["soundcheck", "--source", "mic", "--device", "X"])

    assert result.exit_code == 1
    assert "mic: There is no microphone. Connect one." in result.output
    assert sound.asked == [("mic", "X")]


def test_playing_can_be_left_out(sound: Sound) -> None:
    CliRunner().invoke(cli, ["soundcheck", "--no-play"])

    assert not sound.played


def test_a_device_for_both_is_refused(sound: Sound) -> None:
    result = CliRunner().invoke(cli, ["soundcheck", "--device", "X"])

    assert result.exit_code == 2
    assert not sound.asked
