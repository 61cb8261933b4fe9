"""Channels that cancel each other out are heard, and others are averaged as ever."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.downmix import Downmix, cancels, mono_stretch

RATE = 16_000
Sound = NDArray[np.float32]


def voice(seconds: float = 3.0, level: float = 0.3, seed: int = 1) -> Sound:
    """Noise in syllables, with pauses in between."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * RATE)) / RATE
    loudness = np.clip(np.sin(2 * np.pi * 2 * t), 0, 1) * (t % 2 < 1.5)
    return (level * loudness * rng.standard_normal(len(t))).astype(np.float32)


def hiss(seconds: float, level: float = 3e-4, seed: int = 2) -> Sound:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal((round(seconds * RATE), 2))).astype(np.float32)


def heard(channels: Sound, size: int = 640, rate: int = RATE) -> Sound:
    downmix = Downmix()
    parts = [downmix.mono(channels[at : at + size], rate) for at in range(0, len(channels), size)]
    return np.concatenate(parts)


def both(left: Sound, right: Sound) -> Sound:
    return np.stack([left, right], axis=1)


@pytest.mark.parametrize("size", [1, 37, 640, 4_800, 48_000])
def test_a_voice_that_is_upside_down_in_the_other_channel_is_heard_from_its_start(
    size: int,
) -> None:
    said = voice()
    got = heard(both(said, -said), size)
    assert len(got) == len(said)
    assert np.abs(got[RATE // 20 :] - said[RATE // 20 :]).max() < 1e-6
    assert np.square(got).sum() > 0.99 * np.square(said).sum()


def test_whole_numbers_keep_their_scale() -> None:
    said = np.rint(voice() * 32768).astype(np.int16)
    got = heard(np.stack([said, -said], axis=1))
    assert np.square(got).sum() > 0.99 * np.square(said.astype(np.float32)).sum()


def test_the_louder_of_both_is_taken() -> None:
    said = voice()
    assert np.allclose(heard(both(-0.5 * said, said))[RATE // 20 :], said[RATE // 20 :])


def test_after_minutes_of_hiss_the_first_word_is_whole() -> None:
    said = voice()
    sound = np.concatenate([hiss(150.0), both(said, -said) + hiss(3.0), hiss(150.0)])
    sound = np.concatenate([sound, both(said, -said)])
    got = heard(sound, 4_800)
    for start in (150 * RATE, len(sound) - len(said)):
        word = got[start : start + len(said)]
        assert np.square(word).sum() > 0.97 * np.square(said).sum()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (voice(), voice()),
        (voice(), voice(seed=3)),
        (voice(), 0.0 * voice()),
        (voice(), 0.02 * voice(seed=4)),
        (voice(), 0.0 * voice()[:] - 0.05 * voice()),
    ],
)
def test_other_channels_are_averaged(left: Sound, right: Sound) -> None:
    got = heard(both(left, right))
    assert np.allclose(got, (left + right) / 2, atol=1e-6)


def test_a_moment_in_the_other_phase_changes_nothing() -> None:
    """As a vowel does that reaches two microphones at different times."""
    said = voice(6.0)
    right = said.copy()
    for second in (2, 3, 4):
        right[second * RATE : second * RATE + RATE // 16] *= -1
    assert np.allclose(heard(both(said, right)), (said + right) / 2, atol=1e-6)


def test_a_cable_that_is_changed_costs_a_word_and_makes_no_click() -> None:
    said = voice(12.0)
    right = said.copy()
    right[4 * RATE : 8 * RATE] *= -1
    got = heard(both(said, right))
    assert np.allclose(got[: 4 * RATE], said[: 4 * RATE], atol=1e-6)
    assert np.allclose(got[6 * RATE :], said[6 * RATE :], atol=1e-6)
    tone = (0.3 * np.sin(np.arange(12 * RATE) / 20)).astype(np.float32)
    other = tone.copy()
    other[4 * RATE : 8 * RATE] *= -1
    steps = np.abs(np.diff(heard(both(tone, other))))
    beside = np.delete(steps, range(4 * RATE - 2, 4 * RATE + 2))
    assert beside.max() < 0.02


def test_of_a_pair_among_many_channels_one_is_taken() -> None:
    said, silent = voice(), np.zeros(3 * RATE, np.float32)
    got = heard(np.stack([silent, said, -said, silent], axis=1))
    assert np.square(got).sum() > 0.99 * np.square(said).sum()


def test_one_channel_is_itself_and_nothing_is_nothing() -> None:
    said = voice()
    assert np.array_equal(Downmix().mono(said[:, None], RATE), said)
    assert len(Downmix().mono(np.zeros((0, 2), np.int16), RATE)) == 0
    assert not heard(np.zeros((RATE, 2), np.float32)).any()


@pytest.mark.parametrize(
    ("powers", "cancelled"),
    [
        ([1.0, 1.0, 0.05], True),
        ([1.0, 1.0, 0.15], False),
        ([1.0, 0.0, 0.25], False),
        ([1.0, 0.0, 0.0, 0.0, 0.0625], False),
        ([0.0, 0.0, 0.0], False),
    ],
)
def test_little_must_be_left_to_be_cancelled(powers: list[float], cancelled: bool) -> None:
    assert cancels(np.array(powers)) is cancelled


def test_stretches_that_are_read_one_by_one_join_without_a_click() -> None:
    tone = (0.3 * np.sin(np.arange(2 * RATE) / 20)).astype(np.float32)
    opposed = both(tone, -tone)
    for channels, wanted in ((opposed, tone), (both(tone, tone), tone)):
        parts = [mono_stretch(channels[at : at + 3_200], RATE) for at in range(0, 32_000, 3_200)]
        assert np.allclose(np.concatenate(parts), wanted, atol=1e-6)
