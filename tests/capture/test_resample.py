"""The resampler keeps the sound and its clock."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from app.capture.resample import SpeechResampler
from app.core.audio import AudioBlock, AudioChunk, AudioFormat
from tests.capture.sounds import pcm, sine


def _blocks(samples: NDArray[np.int16], rate: int, size: int, first: int = 0) -> list[AudioBlock]:
    form = AudioFormat(rate, samples.shape[1])
    return [
        AudioBlock(first + at, samples[at : at + size], form) for at in range(0, len(samples), size)
    ]


def _resampled(blocks: list[AudioBlock]) -> list[AudioChunk]:
    stage = SpeechResampler()
    stage.open()
    chunks = [chunk for block in blocks for chunk in stage.feed([block])]
    chunks += stage.flush()
    stage.close()
    return chunks


def _joined(chunks: list[AudioChunk]) -> NDArray[np.float32]:
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_tone_comes_out_at_its_place_and_level(rate: int, channels: int) -> None:
    chunks = _resampled(_blocks(pcm(sine(1.0, rate), channels), rate, rate // 25))

    heard = _joined(chunks)
    expected = sine(1.0, 16_000)
    assert heard.dtype == np.float32
    assert len(heard) == 16_000
    assert np.abs(heard - expected)[200:-200].max() < 0.005


@pytest.mark.parametrize("rate", [8000, 44_100, 48_000, 96_000])
def test_an_impulse_stays_where_it_was(rate: int) -> None:
    samples = np.zeros((rate, 1), np.int16)
    samples[rate // 2] = 32_000

    heard = _joined(_resampled(_blocks(samples, rate, 777)))

    assert abs(int(np.argmax(heard)) - 8000) <= 1


def test_chunks_follow_each_other_without_hole_or_overlap() -> None:
    chunks = _resampled(_blocks(pcm(sine(2.0, 44_100)), 44_100, 1323))

    assert chunks[0].first_sample == 0
    assert all(a.end_sample == b.first_sample for a, b in pairwise(chunks))


def test_channels_are_averaged() -> None:
    left = pcm(sine(0.5, 16_000))
    stereo = np.concatenate([left, np.zeros_like(left)], axis=1)

    heard = _joined(_resampled(_blocks(stereo, 16_000, 640)))

    assert np.abs(heard - sine(0.5, 16_000) / 2).max() < 0.001


def test_after_a_gap_the_clock_is_that_of_the_source() -> None:
    rate, gap_end = 44_100, 100_000
    before = _blocks(np.zeros((10_001, 1), np.int16), rate, 1000)
    after = np.zeros((rate, 1), np.int16)
    after[4410] = 32_000

    chunks = _resampled([*before, *_blocks(after, rate, 1000, first=gap_end)])

    loudest = max(chunks, key=lambda chunk: float(chunk.samples.max()))
    place = loudest.first_sample + int(np.argmax(loudest.samples))
    assert abs(place - (gap_end + 4410) * 16_000 / rate) <= 2
    resumed = next(c for c in chunks if c.first_sample > 10_001 * 16_000 / rate + 1)
    assert resumed.first_sample == round(gap_end * 16_000 / rate)
    held = [chunk for chunk in chunks if chunk.first_sample < resumed.first_sample]
    assert held[-1].end_sample == round(10_001 * 16_000 / rate), "the end before the gap is kept"


@pytest.mark.parametrize("rate", [44_100, 48_000, 192_000])
def test_gaps_of_one_frame_make_no_overlap(rate: int) -> None:
    sizes = np.random.default_rng(3).integers(5000, 9000, 20)
    blocks: list[AudioBlock] = []
    place = 0
    for size in sizes:
        blocks += _blocks(np.ones((size, 1), np.int16), rate, size, first=place)
        place += size + 1

    chunks = _resampled(blocks)

    assert all(a.end_sample <= b.first_sample for a, b in pairwise(chunks))
    assert chunks[-1].end_sample == pytest.approx((place - 1) * 16_000 / rate, abs=1)


def test_ten_minutes_do_not_drift() -> None:
    rate, seconds = 44_100, 600
    samples = np.zeros((rate * seconds, 1), np.int16)
    samples[rate * 599] = 32_000

    heard = _joined(_resampled(_blocks(samples, rate, rate * 10)))

    assert len(heard) == 16_000 * seconds
    assert abs(int(np.argmax(heard)) - 16_000 * 599) <= 1


def test_sound_is_not_held_back_for_long() -> None:
    stage = SpeechResampler()
    stage.open()
    reached = 0
    behind: list[float] = []
    for block in _blocks(pcm(sine(1.0, 48_000)), 48_000, 960):
        for chunk in stage.feed([block]):
            reached = chunk.end_sample
        behind.append(block.end - reached / 16_000)

    assert max(behind) < 0.05


def test_a_backlog_gives_what_single_blocks_give() -> None:
    blocks = _blocks(pcm(sine(0.5, 44_100)), 44_100, 1323)
    stage = SpeechResampler()
    stage.open()
    together = [*stage.feed(blocks), *stage.flush()]

    assert np.array_equal(_joined(together), _joined(_resampled(blocks)))


def test_no_sound_gives_nothing() -> None:
    assert _resampled([]) == []


@pytest.mark.parametrize("rate", [16_000, 96_000])
def test_channels_that_cancel_each_other_out_are_heard(rate: int) -> None:
    one = pcm(sine(1.0, rate))

    heard = _joined(_resampled(_blocks(np.concatenate([one, -one], axis=1), rate, rate // 25)))

    assert np.abs(heard - sine(1.0, 16_000))[400:-200].max() < 0.005
