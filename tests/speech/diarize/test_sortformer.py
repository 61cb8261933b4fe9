"""Streaming Sortformer without its network: the numbers are NeMo's, see record_sortformer.py."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import ModelError
from app.core.events import TurnsFound
from app.speech.diarize.sortformer import SortformerDiarizer, SortformerStream
from app.speech.diarize.sortformer_cache import CacheRules, SpeakerCache
from app.speech.diarize.sortformer_mel import HOP, MELS, MelStream
from app.speech.diarize.sortformer_model import SortformerModel
from app.speech.diarize.sortformer_presets import DEFAULT, PRESETS, Latency, preset_for
from app.speech.diarize.sortformer_select import highest
from app.speech.diarize.sortformer_turns import Thresholds, TurnFinder
from tests.speech.diarize.sortformer_sound import DIM, MEL_S, SETTINGS, TALK_S, SmallNetwork, talk

TOLERANCE = 1e-4
BLOCK = 1600


@pytest.fixture(scope="module")
def nemo() -> dict[str, NDArray[np.float32]]:
    with np.load(Path(__file__).with_name("sortformer.npz")) as recorded:
        return dict(recorded)


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float32]:
    return talk(TALK_S)


def small_model() -> SortformerModel:
    return SortformerModel(SmallNetwork(), DIM)


def hear(stream: SortformerStream, sound: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    found = [np.zeros((0, 4), np.float32)]
    for at in range(0, len(sound), block):
        found += stream.feed(sound[at : at + block])
    return np.concatenate([*found, *stream.finish()])


def chunks(sound: NDArray[np.float32], first: int = 0, block: int = BLOCK) -> list[AudioChunk]:
    starts = range(0, len(sound), block)
    return [AudioChunk(first + at, sound[at : at + block]) for at in starts]


def diarize(
    diarizer: SortformerDiarizer, sound: NDArray[np.float32], first: int = 0
) -> list[TurnsFound]:
    found = [each for chunk in chunks(sound, first) for each in diarizer.feed([chunk])]
    return found + list(diarizer.flush())


def test_mel_frames_are_those_of_nemo(nemo: dict[str, NDArray[np.float32]]) -> None:
    stream = MelStream()
    for chunk in chunks(talk(MEL_S), block=777):
        stream.append(chunk.samples)
    stream.end()
    frames = stream.window(0, stream.frames)
    assert frames.shape == (int(MEL_S * 100), MELS)
    ours = np.concatenate([frames[::10], frames[-1:]])
    assert np.abs(ours - nemo["mel"]).max() < TOLERANCE


def test_mel_frames_come_as_soon_as_their_sound_is_there() -> None:
    stream = MelStream()
    stream.append(np.zeros(199, np.float32))
    assert stream.frames == 0
    stream.append(np.zeros(1, np.float32))
    assert stream.frames == 1
    stream.append(np.zeros(HOP, np.float32))
    assert stream.frames == 2


def test_of_equal_scores_those_are_taken_that_torch_takes(
    nemo: dict[str, NDArray[np.float32]],
) -> None:
    for scores, taken in zip(nemo["scores"], nemo["taken"], strict=True):
        assert np.sort(highest(scores, len(taken))).tolist() == taken.tolist()


@pytest.mark.parametrize("name", SETTINGS)
def test_a_stream_is_heard_as_nemo_hears_it(
    name: str, nemo: dict[str, NDArray[np.float32]], sound: NDArray[np.float32]
) -> None:
    """Cache, queue, silence and compression, around a network that is computed by hand."""
    stream = SortformerStream(small_model(), SETTINGS[name])
    ours = hear(stream, sound, 1234)
    theirs = nemo[f"activity {name}"]
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() < TOLERANCE
    assert len(stream.cache.frames) == 188  # full, so it was compressed


def test_how_the_sound_is_cut_changes_nothing(sound: NDArray[np.float32]) -> None:
    short = sound[: 20 * SPEECH_RATE]
    whole = hear(SortformerStream(small_model(), DEFAULT), short, len(short))
    pieces = hear(SortformerStream(small_model(), DEFAULT), short, 97)
    assert np.abs(whole - pieces).max() < 1e-6


@pytest.mark.parametrize("name", PRESETS)
def test_activity_is_known_within_the_latency(name: str, sound: NDArray[np.float32]) -> None:
    latency = PRESETS[name]
    stream = SortformerStream(small_model(), latency)
    known = 0
    for heard, chunk in enumerate(chunks(sound[: 30 * SPEECH_RATE]), 1):
        known += sum(len(each) for each in stream.feed(chunk.samples))
        assert heard * 0.1 - known * 0.08 <= latency.seconds + 0.1 + 0.02


@pytest.mark.parametrize("samples", [0, 1, 159, 160, 1600, 16000])
def test_sound_shorter_than_a_window_is_judged_at_the_end(samples: int) -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    found = diarize(diarizer, talk(2.0)[:samples])
    assert [each.final for each in found[-1:]] == ([True] if samples else [])
    assert all(0 <= each.end <= samples / SPEECH_RATE for each in found)


def test_final_stretches_follow_each_other_and_are_never_taken_back(
    sound: NDArray[np.float32],
) -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    found = diarize(diarizer, sound)
    final = [each for each in found if each.final]
    assert final[0].start == 0.0
    assert final[-1].end == pytest.approx(TALK_S)
    assert all(a.end == b.start for a, b in pairwise(final))
    until = 0.0
    for each in found:
        assert each.start >= until
        assert all(turn.start < each.end and turn.end > each.start for turn in each.turns)
        until = each.end if each.final else until
    assert {turn.speaker for each in final for turn in each.turns} == {0, 1, 2}


def test_a_long_turn_is_told_again_from_its_start(sound: NDArray[np.float32]) -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    final = [each for each in diarize(diarizer, sound) if each.final]
    again = 0
    for before, after in pairwise(final):
        cut = [turn for turn in before.turns if turn.end == before.end]
        for turn in after.turns:
            if turn.start < after.start:
                assert (turn.start, turn.speaker) in [(t.start, t.speaker) for t in cut]
                again += 1
    assert again


def test_a_little_lost_sound_is_silence_and_the_clock_holds() -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    sound = talk(20.0)
    list(diarizer.feed(chunks(sound[: 10 * SPEECH_RATE])))
    found = diarize(diarizer, sound[: 5 * SPEECH_RATE], first=11 * SPEECH_RATE)
    assert found[-1].end == pytest.approx(16.0)


def test_after_much_lost_sound_hearing_starts_anew_with_the_same_speakers() -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    sound = talk(20.0)
    found = [each for chunk in chunks(sound) for each in diarizer.feed([chunk])]
    found += diarize(diarizer, sound, first=3600 * SPEECH_RATE)
    ends = [each.end for each in found if each.final]
    assert 20.0 in ends  # what was held back was judged
    assert ends[-1] == pytest.approx(3620.0)
    assert not [each for each in found if 20.0 < each.end <= 3600.0]


def test_sound_that_comes_twice_is_heard_once() -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    sound = talk(10.0)
    list(diarizer.feed(chunks(sound)))
    found = diarize(diarizer, sound[SPEECH_RATE:], first=SPEECH_RATE)
    assert found[-1].end == pytest.approx(10.0)


def test_a_stream_that_starts_late_has_its_own_times() -> None:
    diarizer = SortformerDiarizer(small_model)
    diarizer.open()
    found = diarize(diarizer, talk(10.0), first=100 * SPEECH_RATE)
    assert min(each.start for each in found) == 100.0
    assert found[-1].end == pytest.approx(110.0)


def test_what_a_stream_holds_does_not_grow() -> None:
    """The whole state is looked at: what it holds, and how much the network gets at once."""
    network = SmallNetwork()
    diarizer = SortformerDiarizer(lambda: SortformerModel(network, DIM), PRESETS["10s"])
    diarizer.open()
    minute, cycle = talk(60.0), 21  # minutes until steps fall on the same second again
    sizes = []
    for number in range(2 * cycle):
        list(diarizer.feed([AudioChunk(number * len(minute), minute)]))
        sizes.append(_size(diarizer))
    assert network.longest == 188 + 124 + 1 + 124 + 1
    assert max(sizes[cycle:]) <= 1.02 * max(sizes[:cycle])


def test_eight_hours_take_no_more_memory_than_one() -> None:
    """Without the mel frames, which are dropped after every step (see the test before)."""
    latency = PRESETS["10s"]
    cache, finder = SpeakerCache(DIM, latency, CacheRules()), TurnFinder(Thresholds())
    rng = np.random.default_rng(5)
    sizes, hour = [], int(3600 / latency.step)
    for step in range(8 * hour):
        frames = rng.standard_normal((latency.chunk, DIM)).astype(np.float32)
        total = len(cache.frames) + len(cache.queue) + latency.chunk
        speaking = np.repeat(rng.random((total // 10 + 1, 4)), 10, axis=0)[:total]
        list(finder.feed(cache.update(frames, speaking.astype(np.float32) ** 2, 0, 0)))
        if step % 5 == 0:
            sizes.append(_size(cache) + _size(finder))
    assert max(sizes[hour // 5 :]) <= 1.02 * max(sizes[: hour // 5])


def _size(value: object) -> int:
    """Bytes of arrays and number of items in everything that `value` of ours holds."""
    if isinstance(value, np.ndarray):
        return int((value if value.base is None else value.base).nbytes)
    if isinstance(value, list | tuple):
        return 64 * len(value) + sum(_size(each) for each in value)
    if isinstance(value, dict):
        return 64 * len(value) + sum(_size(each) for each in value.values())
    if type(value).__module__.startswith("app."):
        names = getattr(value, "__slots__", None) or vars(value)
        return sum(_size(getattr(value, name)) for name in names)
    return 8


def test_the_machine_chooses_the_soonest_preset_that_it_affords() -> None:
    assert preset_for(lambda _latency: 0.0) is PRESETS["1.04s"]
    assert preset_for(lambda _latency: 0.2) is PRESETS["2.6s"]
    assert preset_for(lambda _latency: 0.6) is PRESETS["5s"]
    assert preset_for(lambda _latency: 60.0) is PRESETS["10s"]


def test_latencies_are_those_that_are_published_and_ours() -> None:
    told = {name: round(latency.seconds, 2) for name, latency in PRESETS.items()}
    assert told == {"1.04s": 1.04, "2.6s": 2.56, "5s": 4.96, "10s": 10.0}
    assert SortformerDiarizer(small_model, PRESETS["5s"]).latency == pytest.approx(4.96)


def test_without_a_latency_it_is_chosen_when_the_model_is_there() -> None:
    diarizer = SortformerDiarizer(small_model, None)
    diarizer.open()
    assert diarizer.latency in [pytest.approx(each.seconds) for each in PRESETS.values()]


def test_a_network_that_answers_in_another_shape_is_an_error_with_a_hint() -> None:
    model = SortformerModel(SmallNetwork(), DIM + 1)
    with pytest.raises(ModelError, match="answers with shapes") as caught:
        model.step(np.zeros((16, MELS), np.float32), *[np.zeros((0, DIM), np.float32)] * 2)
    assert "models convert" in caught.value.hint


def test_a_queue_shorter_than_a_chunk_is_possible(sound: NDArray[np.float32]) -> None:
    stream = SortformerStream(small_model(), Latency(chunk=20, right=0, fifo=3, update=1))
    assert len(hear(stream, sound, BLOCK)) == math.ceil(TALK_S * 12.5)
