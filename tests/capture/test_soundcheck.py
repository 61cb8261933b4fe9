"""Three seconds of each source tell whether it can be understood."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.soundcheck import SoundVerdict, check_sound, judge_sound
from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

FORM = AudioFormat(16_000, 1)


class Given:
    """A source that gives what it was told to, from a thread of its own, and then nothing."""

    def __init__(self, name: str, level: float | None, fail: bool = False) -> None:
        self._name, self._level, self._fail = name, level, fail
        self.failure: Exception | None = None
        self.closed = False
        self._thread: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self._name

    def open(self) -> AudioFormat:
        if self._fail:
            raise DeviceMissingError("There is no microphone", hint="Connect one and try again.")
        return FORM

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=self._give, args=(deliver,))
        self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        self.closed = True

    def _give(self, deliver: Callable[[AudioBlock], object]) -> None:
        if self._level is None:
            return
        for number in range(200):
            deliver(AudioBlock(480 * number, _sound(self._level, number), FORM))


def _sound(level: float, seed: int = 0) -> np.ndarray:
    wave = np.random.default_rng(seed).normal(0.0, level, (480, 1))
    found: np.ndarray = np.rint(wave.clip(-1, 1) * 32767).astype(np.int16)
    return found


@pytest.mark.parametrize(
    ("level", "verdict"),
    [
        (0.1, SoundVerdict.FINE),
        (2e-4, SoundVerdict.QUIET),
        (0.0, SoundVerdict.SILENT),
        (1.0, SoundVerdict.CLIPPING),
    ],
)
def test_the_verdict_follows_from_the_level(level: float, verdict: SoundVerdict) -> None:
    report = judge_sound("mic", [AudioBlock(0, _sound(level), FORM)])

    assert report.verdict is verdict


def test_all_sources_are_recorded_for_three_seconds_and_closed() -> None:
    sources = [Given("mic", 0.1), Given("system", 0.0)]
    peaks: list[tuple[str, float]] = []
    mic, system = check_sound(sources, level=lambda name, peak: peaks.append((name, peak)))

    assert (mic.verdict, system.verdict) == (SoundVerdict.FINE, SoundVerdict.SILENT)
    assert mic.seconds == pytest.approx(3.0, abs=0.03)
    assert mic.samples is not None
    assert len(mic.samples) == round(mic.seconds * mic.rate)
    assert mic.rms == pytest.approx(-20.0, abs=0.5)
    assert {name for name, _ in peaks} == {"mic", "system"}
    assert all(source.closed for source in sources)


def test_a_source_that_gives_nothing_is_not_waited_for_long() -> None:
    (report,) = check_sound([Given("mic", None)], seconds=0.01, patience=0.01)

    assert report.verdict is SoundVerdict.NOTHING


def test_one_that_fails_does_not_keep_the_other_from_being_tested() -> None:
    failed, fine = check_sound([Given("mic", 0.1, fail=True), Given("system", 0.1)])

    assert failed.verdict is SoundVerdict.FAILED
    assert failed.error == "There is no microphone"
    assert failed.hint
    assert fine.verdict is SoundVerdict.FINE


def test_channels_that_cancel_each_other_out_are_played_back() -> None:
    left = _sound(0.1)
    opposed = np.concatenate([left, -left], axis=1)
    report = judge_sound("mic", [AudioBlock(0, opposed, AudioFormat(16_000, 2))])

    assert report.samples is not None
    assert report.rms == pytest.approx(-20.0, abs=0.5)
