"""Two devices with clocks of their own stay together, though their blocks come when they like."""

from __future__ import annotations

import numpy as np
import pytest

from app.capture.alignment import AlignedSource, Aligner
from app.capture.placing import Origin
from app.core.audio import AudioBlock, AudioFormat
from tests.capture.fake_devices import FakeDevices
from tests.capture.heard import Heard

FORM = AudioFormat(16_000, 1)
FRAMES = 1600  # larger blocks than real ones, so that hours take seconds
SOUND = np.zeros((FRAMES, 1), np.int16)
LATENCY = 0.05


def _errors(drift: float, seconds: float, seed: int) -> np.ndarray:
    """Seconds from where each block of a drifting device should lie to where it is laid."""
    rng, aligner = np.random.default_rng(seed), Aligner()
    found = []
    for number in range(round(seconds * FORM.rate / FRAMES)):
        block = AudioBlock(number * FRAMES, SOUND, FORM)
        really = block.end * (1 + drift)
        placed = aligner.align(block, really + LATENCY + rng.uniform(0.0, 0.03))
        found.append(placed.end - really)
    return np.array(found)


def test_two_tracks_stay_within_10_ms_for_two_hours() -> None:
    slow, fast = _errors(1e-4, 7200, 1), _errors(-1e-4, 7200, 2)
    apart = np.abs(slow - fast)
    begun = round(90 * FORM.rate / FRAMES)

    assert apart[begun:].max() < 0.010
    assert apart[:begun].max() < 0.090  # at first they may be a latency apart
    assert np.ptp(slow[begun:]) < 0.010


def test_a_good_clock_is_left_in_peace() -> None:
    aligner = Aligner()
    rng = np.random.default_rng(3)
    changed = 0
    for number in range(6000):
        sound = rng.integers(-1000, 1000, (FRAMES, 1)).astype(np.int16)
        block = AudioBlock(number * FRAMES, sound, FORM)
        placed = aligner.align(block, block.end + rng.normal(0.0, 0.002))
        changed += placed.frames != FRAMES

    assert changed < 60
    assert abs(aligner.drift) < 2e-5


def test_places_have_no_holes_and_no_overlaps() -> None:
    aligner, end = Aligner(), 0
    for number in range(3000):
        block = AudioBlock(number * FRAMES, SOUND, FORM)
        placed = aligner.align(block, block.end * 1.0002 + 0.1)
        assert placed.first_frame == end
        end = placed.end_frame

    assert end > 3000 * FRAMES


def test_a_jump_of_the_source_stays_a_jump() -> None:
    aligner = Aligner()
    for number in range(300):
        block = AudioBlock(number * FRAMES, SOUND, FORM)
        before = aligner.align(block, block.end + 0.05)
    after = AudioBlock(before.end_frame + 16_000, SOUND, FORM)

    placed = aligner.align(after, after.end + 0.05)

    assert placed.start - before.end == pytest.approx(1.0, abs=0.06)


def test_what_is_inserted_cannot_be_heard() -> None:
    aligner, form = Aligner(), AudioFormat(48_000, 1)
    t = np.arange(48_000 * 60) / 48_000
    tone = (8000 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)[:, None]
    heard = []
    for first in range(0, len(tone), 1440):
        block = AudioBlock(first, tone[first : first + 1440], form)
        heard.append(aligner.align(block, block.end * 1.0005).samples)

    wave = np.concatenate(heard)[:, 0].astype(float)
    assert len(wave) > len(tone) + 500
    assert np.abs(np.diff(wave)).max() <= np.abs(np.diff(tone[:, 0].astype(float))).max() + 1


def test_another_device_is_where_the_clock_is_whatever_the_one_before_had_drifted() -> None:
    aligner = Aligner()
    for number in range(36_000):  # an hour
        block = AudioBlock(number * FRAMES, SOUND, FORM)
        aligner.align(block, block.end * 1.0002 + LATENCY)
    again = round((block.end * 1.0002 + 2.0) * FORM.rate)  # its count is anchored to the clock
    for number in range(600):
        block = AudioBlock(again + number * FRAMES, SOUND, FORM)
        placed = aligner.align(block, block.end + LATENCY)

        assert placed.end == pytest.approx(block.end + LATENCY, abs=0.06)


def test_a_source_is_aligned_as_its_blocks_come() -> None:
    devices, heard, now = FakeDevices(), Heard(), [50.0]
    origin = Origin(lambda: now[0])
    origin.since(50.0)
    source = AlignedSource(devices.make("headset"), origin)
    assert source.open() == AudioFormat(16_000, 1)
    source.start(heard.deliver, heard.end)
    for _ in range(4000):
        now[0] += 0.03 * 1.0005
        devices.now.play()
    source.stop()
    source.close()

    assert heard.blocks[-1].end == pytest.approx(now[0] - 50.0, abs=0.002)
    assert devices.now.closed
    assert source.name == "mic"
    assert source.failure is None
