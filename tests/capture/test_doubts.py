"""Sound that cannot be right is noticed in time, and sound that can is left in peace."""

from __future__ import annotations

import time

import numpy as np
import pytest

from app.capture.doubts import SoundDoubts
from app.core.audio import AudioBlock, AudioFormat
from app.core.events import CaptureCleared, CaptureDoubted, CaptureProblem

FORM = AudioFormat(48_000, 2)
FRAMES = 1440  # 30 ms


class Meter:
    """An output that plays or does not."""

    def __init__(self, *, playing: bool) -> None:
        self.playing = playing
        self.asked = 0

    def plays(self) -> bool:
        self.asked += 1
        return self.playing

    def close(self) -> None:
        self.playing = False


class Listened:
    """Feeds seconds of sound to the doubts and keeps what they say."""

    def __init__(self, doubts: SoundDoubts) -> None:
        self._doubts = doubts
        self._frame = 0
        self.said: list[CaptureDoubted | CaptureCleared] = []

    def hear(self, level: int, seconds: float) -> None:
        rng = np.random.default_rng(1)
        for _ in range(round(seconds * FORM.rate / FRAMES)):
            noise = rng.integers(-level, level + 1, (FRAMES, 2)).clip(-32768, 32767)
            block = AudioBlock(self._frame, noise.astype(np.int16), FORM)
            self._frame = block.end_frame
            self.said += self._doubts.note(block)


def test_a_microphone_of_zeros_is_doubted_after_8_s_and_cleared_by_its_first_noise() -> None:
    heard = Listened(SoundDoubts("mic"))
    heard.hear(3, 2.0)
    heard.hear(0, 7.8)
    assert not heard.said

    heard.hear(0, 3.0)
    heard.hear(1, 0.3)

    doubted, cleared = heard.said
    assert isinstance(doubted, CaptureDoubted)
    assert doubted.problem is CaptureProblem.SILENT
    assert doubted.at == pytest.approx(10.0, abs=0.1)
    assert isinstance(cleared, CaptureCleared)
    assert cleared.at == pytest.approx(12.8, abs=0.1)


def test_clipping_is_said_once_and_is_over_after_a_while() -> None:
    heard = Listened(SoundDoubts("mic"))
    heard.hear(60_000, 12.0)
    assert [item.problem for item in heard.said] == [CaptureProblem.CLIPPING]
    assert heard.said[0].at == pytest.approx(4.0, abs=0.1)

    heard.hear(10_000, 20.0)

    assert isinstance(heard.said[1], CaptureCleared)
    assert len(heard.said) == 2


def test_loud_but_clean_sound_is_not_doubted() -> None:
    heard = Listened(SoundDoubts("mic"))
    heard.hear(32_000, 20.0)

    assert not heard.said


def test_a_system_that_plays_nothing_may_be_silent_for_long() -> None:
    meter = Meter(playing=False)
    heard = Listened(SoundDoubts("system", meter))
    heard.hear(0, 60.0)

    assert not heard.said
    assert meter.asked <= 61


def test_a_capture_that_misses_what_plays_is_deaf_within_10_s() -> None:
    meter = Meter(playing=False)
    heard = Listened(SoundDoubts("system", meter))
    heard.hear(0, 20.0)
    meter.playing = True
    heard.hear(0, 7.0)

    assert [item.problem for item in heard.said] == [CaptureProblem.DEAF]
    assert heard.said[0].at < 27.0
    heard.hear(5, 0.3)
    assert isinstance(heard.said[1], CaptureCleared)


def test_a_short_sound_that_ends_is_no_proof_of_deafness() -> None:
    meter = Meter(playing=True)
    heard = Listened(SoundDoubts("system", meter))
    for _ in range(5):
        meter.playing = True
        heard.hear(0, 2.0)
        meter.playing = False
        heard.hear(0, 2.0)

    assert not heard.said


def test_what_is_wrong_with_the_cable_is_said_once_and_cleared() -> None:
    rng = np.random.default_rng(1)
    fine = rng.integers(-3000, 3000, (FORM.rate, 2)).astype(np.int16)
    opposed, quiet = fine.copy(), np.zeros_like(fine) + 2
    opposed[:, 1] = -opposed[:, 0]
    shifted = fine + np.int16(5000)
    doubts = SoundDoubts("mic")
    said: list[CaptureDoubted | CaptureCleared] = []
    seconds = [fine, *[opposed] * 3, *[quiet] * 20, *[fine] * 12, *[shifted] * 2, *[fine] * 12]
    for number, samples in enumerate(seconds):
        said += doubts.note(AudioBlock(number * FORM.rate, samples, FORM))

    opposed_since, opposed_over, shifted_since, shifted_over = said
    assert opposed_since == CaptureDoubted("mic", CaptureProblem.OPPOSED, 2.0)
    assert opposed_over == CaptureCleared("mic", CaptureProblem.OPPOSED, 25.0)
    assert shifted_since == CaptureDoubted("mic", CaptureProblem.SHIFTED, 37.0)
    assert shifted_over == CaptureCleared("mic", CaptureProblem.SHIFTED, 48.0)


def test_it_costs_next_to_nothing() -> None:
    doubts, sound = SoundDoubts("mic"), np.ones((FRAMES, 2), np.int16)
    blocks = [AudioBlock(n * FRAMES, sound, FORM) for n in range(2000)]  # a minute
    before = time.process_time()
    for block in blocks:
        assert not list(doubts.note(block))

    assert time.process_time() - before < 0.002 * 60 * 2
