"""The mel frames are Whisper's, whichever way the sound arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE
from app.speech.transcribe.mel import HOP, MelBuffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

EDGE = 3  # frames at the start: Whisper mirrors the sound there, we have silence before it


def theirs(samples: NDArray[np.float32], n_mels: int, frames: int) -> NDArray[np.float32]:
    """What faster-whisper computes, for sound followed by silence."""
    from faster_whisper.feature_extractor import FeatureExtractor

    padded = np.pad(samples, (0, frames * HOP - len(samples)))
    features = FeatureExtractor(feature_size=n_mels)(padded, padding=0)
    return np.asarray(features[:, :frames], np.float32)


@pytest.mark.parametrize("n_mels", [80, 128])
def test_speech_gives_the_frames_of_faster_whisper(
    spoken: NDArray[np.float32], n_mels: int
) -> None:
    ours = MelBuffer(n_mels, spoken).window(1500)[0]
    np.testing.assert_allclose(
        ours[:, EDGE:], theirs(spoken, n_mels, 1500)[:, EDGE:], atol=1e-4, rtol=0
    )


@pytest.mark.parametrize("count", [0, 1, 159, 160, 161, 12_345])
def test_the_end_of_the_sound_is_followed_by_silence(
    spoken: NDArray[np.float32], count: int
) -> None:
    samples = spoken[16_000 : 32_000 + count]
    frames = len(samples) // HOP + 20
    np.testing.assert_allclose(
        MelBuffer(80, samples).window(frames)[0][:, EDGE:],
        theirs(samples, 80, frames)[:, EDGE:],
        atol=1e-4,
        rtol=0,
    )


@pytest.mark.parametrize("seed", range(4))
def test_frame_by_frame_is_as_at_once(spoken: NDArray[np.float32], seed: int) -> None:
    random = np.random.default_rng(seed)
    samples = spoken[: 3 * SPEECH_RATE]
    buffer = MelBuffer(80)
    for part in np.split(samples, np.sort(random.integers(0, len(samples), size=20))):
        buffer.append(part)
        buffer.window(1500)
    at_once = MelBuffer(80, samples)
    assert buffer.frames == at_once.frames == 300
    np.testing.assert_allclose(buffer.window(1500), at_once.window(1500), atol=1e-6)


def test_dropping_the_beginning_leaves_the_other_frames_as_they_were(
    spoken: NDArray[np.float32],
) -> None:
    buffer = MelBuffer(80, spoken[: 3 * SPEECH_RATE])
    before = buffer.window(300)[0]
    buffer.drop(100)
    after = buffer.window(200)[0]
    assert buffer.frames == 200
    assert len(buffer.samples) == 2 * SPEECH_RATE
    floor = before.max() - 2.0  # values are cut at a distance from the loudest frame of all
    np.testing.assert_allclose(np.maximum(after, floor), before[:, 100:], atol=1e-5)


def test_sound_after_a_drop_goes_on_where_it_was(spoken: NDArray[np.float32]) -> None:
    buffer = MelBuffer(80, spoken[:SPEECH_RATE])
    buffer.window(300)
    buffer.drop(50)
    buffer.append(spoken[SPEECH_RATE : 2 * SPEECH_RATE])
    np.testing.assert_array_equal(buffer.samples, spoken[50 * HOP : 2 * SPEECH_RATE])
    at_once = MelBuffer(80, spoken[50 * HOP : 2 * SPEECH_RATE])
    np.testing.assert_allclose(
        buffer.window(160)[0][:, EDGE:], at_once.window(160)[0][:, EDGE:], atol=1e-5
    )


def test_more_sound_than_the_window_holds_is_cut(spoken: NDArray[np.float32]) -> None:
    assert MelBuffer(80, spoken).window(100).shape == (1, 80, 100)


def test_nothing_is_silence() -> None:
    empty = MelBuffer(80).window(10)
    assert empty.shape == (1, 80, 10)
    assert empty.dtype == np.float32
    np.testing.assert_allclose(empty, empty[0, 0, 0], atol=1e-6)
