"""What the voice activity stage lets through, to the sample."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.vad.silero import FRAME, SileroVad
from app.speech.vad.stage import VadOptions, VadStage
from tests.fakes.speech import LoudnessDetector, chunked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from app.speech.vad.protocol import SpeechAudio

PREROLL = 4800  # samples: 0.3 s
FRAME_S = FRAME / SPEECH_RATE


def sound(*spans: tuple[float, float], length: float) -> NDArray[np.float32]:
    """Quiet samples, each with a number of its own, and loud ones in `spans` (seconds)."""
    count = int(length * SPEECH_RATE)
    samples = (1e-8 * np.arange(1, count + 1)).astype(np.float32)
    for start, end in spans:
        samples[int(start * SPEECH_RATE) : int(end * SPEECH_RATE)] += 0.5
    return samples


def hear(
    chunks: Iterable[AudioChunk] | Sequence[Sequence[AudioChunk]], options: VadOptions | None = None
) -> list[SpeechAudio]:
    stage = VadStage(options, LoudnessDetector)
    stage.open()
    heard = [item for chunk in chunks for item in stage.feed(_as_list(chunk))]
    heard += stage.flush()
    stage.close()
    return heard


def _as_list(chunk: AudioChunk | Sequence[AudioChunk]) -> Sequence[AudioChunk]:
    return [chunk] if isinstance(chunk, AudioChunk) else chunk


def runs(heard: Iterable[SpeechAudio]) -> list[AudioChunk]:
    """What was let through, joined where one chunk follows the other to the sample."""
    joined: list[AudioChunk] = []
    for item in heard:
        if joined and joined[-1].end_sample == item.chunk.first_sample:
            last = joined.pop()
            samples = np.concatenate([last.samples, item.chunk.samples])
            joined.append(AudioChunk(last.first_sample, samples))
        elif len(item.chunk.samples):
            joined.append(item.chunk)
    return joined


def test_silence_is_never_sent() -> None:
    assert hear(chunked(sound(length=20.0))) == []


def test_speech_comes_with_what_was_before_it_and_with_the_release_after_it() -> None:
    samples = sound((1.0, 2.0), length=8.0)
    (run,) = runs(hear(chunked(samples)))
    onset = 16_000 // FRAME * FRAME  # the frame in which speech begins
    last = (32_000 // FRAME) * FRAME  # ... and the last one that holds some
    assert run.first_sample == onset - PREROLL
    assert run.end_sample == pytest.approx(last + 2 * SPEECH_RATE, abs=2 * FRAME)
    np.testing.assert_array_equal(run.samples, samples[run.first_sample : run.end_sample])


def test_speech_at_the_very_start_has_no_more_before_it_than_there_is() -> None:
    (run,) = runs(hear(chunked(sound((0.1, 1.0), length=4.0))))
    assert run.first_sample == 0


def test_a_short_noise_in_a_frame_of_its_own_is_placed_exactly() -> None:
    samples = sound((2.0, 2.02), length=3.0)
    first = hear(chunked(samples, 160))[0]
    assert first.chunk.first_sample == 32_000 // FRAME * FRAME - PREROLL
    assert first.silence == 0


def test_a_break_shorter_than_the_release_loses_nothing() -> None:
    samples = sound((1.0, 2.0), (3.5, 4.5), (5.9, 6.0), length=7.0)
    (run,) = runs(hear(chunked(samples)))
    assert run.end_sample == len(samples)
    np.testing.assert_array_equal(run.samples, samples[run.first_sample :])


def test_speech_right_after_the_release_follows_to_the_sample() -> None:
    """What was sent before the gate closed is no pre-roll again."""
    samples = sound((1.0, 2.0), (4.15, 5.0), length=6.0)
    (run,) = runs(hear(chunked(samples)))
    np.testing.assert_array_equal(run.samples, samples[run.first_sample :])


def test_no_sample_is_sent_twice_and_none_goes_back() -> None:
    samples = sound((1.0, 2.0), (4.6, 5.0), (8.0, 8.3), (20.0, 21.0), length=24.0)
    place = 0
    for item in hear(chunked(samples)):
        assert item.chunk.first_sample >= place
        place = item.chunk.end_sample
        np.testing.assert_array_equal(
            item.chunk.samples, samples[item.chunk.first_sample : item.chunk.end_sample]
        )


@pytest.mark.parametrize("seed", range(12))
def test_how_the_sound_is_cut_into_chunks_changes_nothing(seed: int) -> None:
    random = np.random.default_rng(seed)
    spans = _random_spans(random)
    samples = sound(*spans, length=30.0)
    whole = hear(chunked(samples, 512))
    parts = hear(_randomly_cut(random, samples))
    expected, found = runs(whole), runs(parts)
    assert [run.first_sample for run in found] == [run.first_sample for run in expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a.samples, b.samples)
    assert _rests(parts) == _rests(whole)


def _random_spans(random: np.random.Generator) -> list[tuple[float, float]]:
    edges = np.cumsum(random.choice([0.01, 0.2, 0.9, 1.9, 2.3, 5.4], size=12))
    return [(float(a), float(b)) for a, b in edges.reshape(-1, 2)]


def _randomly_cut(
    random: np.random.Generator, samples: NDArray[np.float32]
) -> list[list[AudioChunk]]:
    """Chunks of any size, and feeds of any number of chunks."""
    cuts = np.sort(random.integers(0, len(samples), size=random.integers(1, 400)))
    pieces = np.split(samples, cuts)
    firsts = [0, *cuts.tolist()]
    chunks = [AudioChunk(at, p) for at, p in zip(firsts, pieces, strict=True) if len(p)]
    fed: list[list[AudioChunk]] = []
    while chunks:
        count = int(random.integers(1, 5))
        fed.append(chunks[:count])
        chunks = chunks[count:]
    return fed


def _rests(heard: Iterable[SpeechAudio]) -> list[int]:
    return [item.chunk.first_sample for item in heard if not len(item.chunk.samples)]


def test_the_length_of_silence_is_told_while_it_lasts() -> None:
    heard = hear(chunked(sound((1.0, 2.0), length=8.0), FRAME))
    silences = [item.silence for item in heard if len(item.chunk.samples)]
    speaking = [s for s in silences if s == 0.0]
    counted = [s for s in silences if s > 0.0]
    assert len(speaking) >= 1.0 / FRAME_S
    assert counted == sorted(counted)
    assert counted[0] <= 0.1 + FRAME_S
    assert counted[-1] == pytest.approx(2.0, abs=FRAME_S)


def test_a_short_dip_is_no_silence() -> None:
    heard = hear(chunked(sound((1.0, 2.0), (2.08, 3.0), length=3.0), FRAME))
    assert {item.silence for item in heard} == {0.0}


@pytest.mark.parametrize("size", [100, 512, 640, 1600, 16_000])
def test_a_long_pause_is_told_once(size: int) -> None:
    heard = hear(chunked(sound((1.0, 2.0), (20.0, 21.0), length=40.0), size))
    assert [at / SPEECH_RATE for at in _rests(heard)] == pytest.approx([7.0, 26.0], abs=2 * FRAME_S)


def test_the_pause_before_the_first_word_is_not_told() -> None:
    assert not _rests(hear(chunked(sound((9.0, 9.5), length=10.0))))


def test_a_jump_of_the_clock_is_silence() -> None:
    loud = sound((0.0, 1.0), length=1.0)
    after = 10 * SPEECH_RATE
    heard = hear([AudioChunk(0, loud), AudioChunk(after, sound(length=3.0))])
    (first, *late) = runs(heard)
    assert first.end_sample == len(loud), "the last part of a frame belongs to what was said"
    assert all(run.first_sample >= after for run in late)
    assert sum(len(run.samples) for run in late) <= FRAME
    assert len(_rests(heard)) == 1, "nobody spoke during the jump"


def test_speech_after_a_jump_keeps_the_source_clock() -> None:
    place = 10 * SPEECH_RATE + 77
    loud = sound((0.0, 1.0), length=1.0)
    heard = hear([AudioChunk(0, loud), AudioChunk(place, loud)])
    assert [run.first_sample for run in runs(heard)] == [0, place]
    np.testing.assert_array_equal(runs(heard)[1].samples, loud)


def test_before_a_jump_is_no_preroll() -> None:
    heard = hear([AudioChunk(0, sound(length=1.0)), AudioChunk(80_000, sound((0, 1), length=1.0))])
    assert runs(heard)[0].first_sample == 80_000


def test_less_sound_than_the_detector_can_judge_is_no_speech() -> None:
    assert hear([AudioChunk(0, sound((0.0, 1.0), length=0.02))]) == []


def test_silence_is_not_collected() -> None:
    stage = VadStage(None, LoudnessDetector)
    stage.open()
    second = np.zeros(SPEECH_RATE, np.float32)
    tracemalloc.start()
    for number in range(300):
        assert not list(stage.feed([AudioChunk(number * SPEECH_RATE, second)]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000, "bytes; a second of sound takes 64,000"


def test_every_option_is_obeyed() -> None:
    options = VadOptions(preroll=0.064, release=0.5, rest=1.0)
    heard = hear(chunked(sound((1.0, 2.0), length=4.0)), options)
    (run,) = runs(heard)
    assert run.first_sample == 16_000 // FRAME * FRAME - 1024
    assert run.end == pytest.approx(2.5, abs=2 * FRAME_S)
    assert _rests(heard)[0] / SPEECH_RATE == pytest.approx(3.0, abs=2 * FRAME_S)


class Scripted:
    """Answers with the given probabilities, one for each frame."""

    def __init__(self, *probabilities: float) -> None:
        self._left = list(probabilities)

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        count = len(samples) // FRAME
        given, self._left = self._left[:count], self._left[count:]
        return np.array(given, np.float32)


def test_speech_begins_at_the_onset_and_goes_on_down_to_the_offset() -> None:
    stage = VadStage(VadOptions(hangover=0.0, preroll=0.0), lambda: Scripted(0.4, 0.6, 0.4, 0.3))
    stage.open()
    heard = [i for c in chunked(sound(length=4 * FRAME_S), FRAME) for i in stage.feed([c])]
    assert [item.chunk.first_sample for item in heard] == [FRAME, 2 * FRAME, 3 * FRAME]
    assert [item.silence > 0 for item in heard] == [False, False, True]


class TestSilero:
    """The detector that comes with faster-whisper; its file is part of that package."""

    def test_noise_and_silence_are_no_speech(self) -> None:
        noise = np.random.default_rng(1).normal(0, 0.02, 100 * FRAME).astype(np.float32)
        assert SileroVad().probabilities(noise).max() < 0.5
        assert SileroVad().probabilities(np.zeros(20 * FRAME, np.float32)).max() < 0.1

    def test_the_state_is_carried_on_from_call_to_call(self, spoken: NDArray[np.float32]) -> None:
        samples = spoken[: 100 * FRAME]
        at_once = SileroVad().probabilities(samples)
        detector = SileroVad()
        parts = [detector.probabilities(p) for p in np.split(samples, [FRAME, 7 * FRAME])]
        assert at_once.shape == (100,)
        np.testing.assert_allclose(np.concatenate(parts), at_once, atol=1e-4)

    def test_speech_is_speech(self, spoken: NDArray[np.float32]) -> None:
        whole = spoken[: len(spoken) // FRAME * FRAME]
        probabilities = SileroVad().probabilities(whole)
        assert (probabilities > 0.5).mean() > 0.4
        assert probabilities[:8].max() < 0.5, "the clip begins with silence"

    def test_reset_forgets_what_was_heard(self, spoken: NDArray[np.float32]) -> None:
        samples = spoken[: 50 * FRAME]
        detector = SileroVad()
        first = detector.probabilities(samples)
        detector.reset()
        np.testing.assert_array_equal(detector.probabilities(samples), first)
