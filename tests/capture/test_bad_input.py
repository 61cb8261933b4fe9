"""Sound as it should not be: nothing breaks, and what is said keeps its place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from app.capture.media import MediaFile
from app.capture.resample import SpeechResampler
from app.core.audio import SPEECH_RATE, AudioBlock, AudioChunk, AudioFormat
from app.core.events import WordsCommitted
from app.pipeline.chain import Chain
from app.speech.transcribe.stage import TranscribeStage
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, ramble

SAID = ramble(8)


def speaker() -> Speaker:
    return Speaker().rest(0.8).say(*SAID).rest(2)


def resampled(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    import soxr

    changed: NDArray[np.float32] = soxr.resample(samples, SPEECH_RATE, rate)
    return changed


def chunks_of(path: Path) -> list[AudioChunk]:
    resampler = SpeechResampler()
    resampler.open()
    with MediaFile(path) as media:
        media.open()
        chunks = [chunk for block in media.blocks() for chunk in resampler.feed([block])]
    return [*chunks, *resampler.flush()]


def check(chunks: list[AudioChunk], offset: float = 0.0) -> None:
    """All words are heard, at their places."""
    for before, after in pairwise(chunks):
        assert after.first_sample >= before.end_sample
    assert all(np.isfinite(chunk.samples).all() for chunk in chunks)
    assert max(np.abs(chunk.samples).max() for chunk in chunks) <= 1.0
    stage = Chain(VadStage(detector=LoudnessDetector), TranscribeStage(lambda: FakeWhisper(), "en"))
    stage.open()
    told = [event for chunk in chunks for event in stage.feed([chunk])] + list(stage.flush())
    words = [w for event in told if isinstance(event, WordsCommitted) for w in event.words]
    assert [word.text.strip() for word in words] == SAID
    starts = [word.start - offset for word in words]
    assert np.allclose(starts, [said.start for said in speaker().said], atol=0.06)


@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (11_025, 1), (22_050, 2), (44_100, 1), (96_000, 2)]
)
def test_any_rate_and_number_of_channels(tmp_path: Path, rate: int, channels: int) -> None:
    samples = resampled(speaker().samples, rate)
    if rate < SPEECH_RATE:  # what a telephone cuts off is gone
        path = tmp_path / "narrow.wav"
        soundfile.write(path, np.stack([samples] * channels, axis=1), rate)
        chunks = chunks_of(path)
        seconds = chunks[-1].end
        assert seconds == pytest.approx(speaker().seconds, abs=0.01)
        return
    path = tmp_path / "wide.wav"
    soundfile.write(path, np.stack([samples] * channels, axis=1), rate)
    check(chunks_of(path))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers(tmp_path: Path, bad: float) -> None:
    samples = speaker().samples.copy()
    samples[SPEECH_RATE // 4 : SPEECH_RATE // 4 + 5] = bad
    path = tmp_path / "float.wav"
    soundfile.write(path, samples, SPEECH_RATE, subtype="FLOAT")
    chunks = chunks_of(path)
    assert all(np.isfinite(chunk.samples).all() for chunk in chunks)
    assert chunks[-1].end == pytest.approx(speaker().seconds, abs=0.01)


def test_a_float_file_louder_than_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    soundfile.write(path, speaker().samples * 6, SPEECH_RATE, subtype="FLOAT")
    chunks = chunks_of(path)
    assert max(np.abs(chunk.samples).max() for chunk in chunks) <= 1.0
    assert chunks[-1].end == pytest.approx(speaker().seconds, abs=0.01)


def blocks(samples: NDArray[np.float32], first: int = 0, size: int = 640) -> list[AudioBlock]:
    pcm = np.clip(np.rint(samples * 32767), -32768, 32767).astype(np.int16)[:, None]
    form = AudioFormat(SPEECH_RATE, 1)
    return [AudioBlock(first + at, pcm[at : at + size], form) for at in range(0, len(pcm), size)]


def through(parts: list[AudioBlock]) -> list[AudioChunk]:
    resampler = SpeechResampler()
    resampler.open()
    return [*(c for block in parts for c in resampler.feed([block])), *resampler.flush()]


def test_an_offset_is_not_taken_for_speech() -> None:
    quiet = np.full(3 * SPEECH_RATE, 0.3, np.float32)
    vad = VadStage()
    vad.open()
    assert not list(vad.feed(through(blocks(quiet))))


def test_a_stream_that_stops_and_goes_on_keeps_its_clock() -> None:
    before = blocks(Speaker().rest(0.8).say("one").rest(0.5).samples)
    gap = 40 * SPEECH_RATE
    check(through([*before[:10], *blocks(speaker().samples, gap)]), offset=40.0)


@pytest.mark.parametrize("size", [1, 37, 640, 16_000, 160_000])
def test_however_fast_sound_comes_its_times_are_the_same(size: int) -> None:
    """One sample at a time, or everything at once: the clock is that of the samples."""
    samples = speaker().samples if size > 1 else speaker().samples[: SPEECH_RATE // 4]
    chunks = through(blocks(samples, size=size))
    assert chunks[-1].end_sample == len(samples)
    if size > 1:
        check(chunks)


def test_a_rate_that_changes_keeps_the_places() -> None:
    """A device that is switched over: the frames count on at the new rate."""
    slow = AudioBlock(0, np.zeros((8_000, 1), np.int16), AudioFormat(8_000, 1))
    fast = AudioBlock(48_000, np.zeros((48_000, 2), np.int16), AudioFormat(48_000, 2))
    chunks = through([slow, fast])
    assert chunks[-1].end == pytest.approx(2.0, abs=0.001)


def logged(path: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What is said about a file that is read twice, in blocks of different length."""
    for seconds in (0.04, 0.5):
        with MediaFile(path) as media:
            media.open()
            assert all(block.frames for block in media.blocks(seconds))
    messages = [record.getMessage() for record in caplog.records]
    assert messages[: len(messages) // 2] == messages[len(messages) // 2 :]
    return messages[: len(messages) // 2]


@pytest.mark.parametrize(
    ("gain", "offset", "complaints"),
    [
        (1.0, 0.0, []),
        (20.0, 0.0, ["clips from 0.0 s"]),
        (0.1, 0.3, ["constant offset from 0.0 s"]),
        (20.0, -0.8, ["clips", "constant offset"]),
    ],
)
def test_what_is_recorded_badly_is_logged_once(
    tmp_path: Path,
    gain: float,
    offset: float,
    complaints: list[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    samples = speaker().samples / np.abs(speaker().samples).max() * 0.6
    samples[SPEECH_RATE : SPEECH_RATE + 640] = 0.5  # as long as a breath into the microphone
    path = tmp_path / "sound.wav"
    soundfile.write(path, np.clip(samples * gain + offset, -1, 1), SPEECH_RATE)
    messages = logged(path, caplog)
    assert len(messages) == len(complaints)
    for message, complaint in zip(messages, complaints, strict=True):
        assert complaint in message
        assert message.startswith("sound.wav ")


@pytest.mark.parametrize("kind", ["FLOAT", "DOUBLE"])
@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e30])
def test_samples_that_are_no_numbers_are_silence_and_that_is_said(
    tmp_path: Path, bad: float, channels: int, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    good = np.full((SPEECH_RATE, channels), 0.2, np.float64)
    good[::2] = -0.2
    samples = good.copy()
    samples[8_000:8_003, 0] = bad
    good[8_000:8_003, 0] = 0.0
    heard = []
    for name, sound in (("bad", samples), ("good", good)):
        path = tmp_path / f"{name}.wav"
        soundfile.write(path, sound, SPEECH_RATE, subtype=kind)
        with MediaFile(path) as media:
            media.open()
            heard.append(np.concatenate([block.samples for block in media.blocks()]))
    assert np.array_equal(heard[0], heard[1])
    (record,) = caplog.records
    assert "bad.wav has samples that are no numbers from 0." in record.getMessage()


def test_channels_that_cancel_each_other_out_are_heard_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "opposed.wav"
    samples = speaker().samples
    soundfile.write(path, np.stack([samples, -samples], axis=1), SPEECH_RATE)
    check(chunks_of(path))
    (record,) = caplog.records
    assert "channels of opposed.wav cancel each other out" in record.getMessage()


def test_clipped_words_are_words() -> None:
    check(through(blocks(speaker().samples * 10)))
