"""The embedded diarizer, live and whole, with voices that are plain to tell apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.bench.manifest import Recording
from app.bench.run import load_samples
from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import ModelCorruptError
from app.core.events import SpeakerTurn, TurnsFound
from app.core.resources import resource
from app.session.turns import TurnBook
from app.speech.diarize.embedded import EmbeddedDiarizer, SpeakerRange, Voices, load_voices
from app.speech.diarize.offline import WholeDiarizer
from app.speech.diarize.voices import FIRST_CENTRE, FRAME, FRAMES, VOICE, WINDOW
from tests.models import starter_model

Line = tuple[float, float, int]
"""Start, end, voice."""


class FakeVoices(Voices):
    """Hears in a sample's size which voices speak: 1, 2, 4, .. sixty-fourths added up."""

    def __init__(self) -> None:
        super().__init__(None, None)

    def activity(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        window = np.zeros(WINDOW, np.float32)
        window[: len(samples)] = samples
        heard = np.rint(window[FIRST_CENTRE + np.arange(FRAMES) * FRAME] * 64).astype(int)
        active = np.zeros((FRAMES, 3), np.float32)
        there = [bit for bit in range(6) if (heard & 1 << bit).any()]
        for bit in there:  # as the network does: voices share tracks
            active[:, bit % 3] = np.maximum(active[:, bit % 3], (heard & 1 << bit) > 0)
        return active

    def embed(self, frames: NDArray[np.float32]) -> NDArray[np.float32]:
        direction = np.full(VOICE, 0.02, np.float32)
        direction[round(float(frames[:, 0].mean()))] = 1.0
        length: np.float32 = np.linalg.norm(direction)
        return np.asarray(direction / length, np.float32)


@pytest.fixture(autouse=True)
def banks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Filter banks that say which voice is loudest; real networks hear real ones."""
    if request.node.get_closest_marker("model"):
        return

    def heard(samples: NDArray[np.float32]) -> NDArray[np.float32]:
        count = max(0, (len(samples) - 400) // 160 + 1)
        levels = np.rint(samples[np.arange(count) * 160 + 200] * 64)
        voices = np.log2(np.maximum(levels, 1)).astype(np.float32)
        return np.repeat(voices[:, None], 80, axis=1)

    monkeypatch.setattr("app.speech.diarize.pieces.filter_banks", heard)


def sound(lines: list[Line], seconds: float) -> NDArray[np.float32]:
    samples = np.zeros(round(seconds * SPEECH_RATE), np.float32)
    for start, end, voice in lines:
        samples[round(start * SPEECH_RATE) : round(end * SPEECH_RATE)] += 2**voice / 64
    return samples


def chunks(samples: NDArray[np.float32], first: int = 0) -> Iterator[AudioChunk]:
    for at in range(0, len(samples), 4000):
        yield AudioChunk(first + at, samples[at : at + 4000])


def hear(samples: NDArray[np.float32], speakers: SpeakerRange | None = None) -> list[TurnsFound]:
    stage = EmbeddedDiarizer(FakeVoices, speakers or SpeakerRange())
    stage.open()
    events = [event for chunk in chunks(samples) for event in stage.feed([chunk])]
    events += stage.flush()
    stage.close()
    return events


def whole(
    samples: NDArray[np.float32], speakers: SpeakerRange | None = None
) -> tuple[SpeakerTurn, ...]:
    diarizer = WholeDiarizer(FakeVoices, speakers or SpeakerRange())
    return diarizer.diarize(samples, lambda _share: None, lambda: False)


def kept(events: list[TurnsFound]) -> tuple[SpeakerTurn, ...]:
    book = TurnBook()
    for event in events:
        book.apply(event)
    return book.turns


def rounded(turns: tuple[SpeakerTurn, ...]) -> list[Line]:
    return [(round(turn.start, 0), round(turn.end, 0), turn.speaker) for turn in turns]


TALK: list[Line] = [(1, 6, 0), (8, 13, 1), (15, 20, 0), (22, 27, 2), (29, 34, 1), (36, 40, 0)]


def test_live_and_whole_agree_on_who_spoke() -> None:
    samples = sound(TALK, 42)
    assert rounded(whole(samples)) == TALK
    assert rounded(kept(hear(samples))) == TALK


def test_overlap_is_told_as_two_turns() -> None:
    lines: list[Line] = [(1, 8, 0), (10, 17, 1), (19, 26, 0), (23, 30, 1)]
    assert rounded(whole(sound(lines, 32))) == lines


def test_something_is_told_within_three_seconds_of_every_moment() -> None:
    stage = EmbeddedDiarizer(FakeVoices)
    stage.open()
    told = 0.0
    for chunk in chunks(sound(TALK, 42)):
        told = max([told, *(event.end for event in stage.feed([chunk]))])
        assert told >= chunk.end - 3.0
    assert stage.latency <= 3.0


def test_final_stretches_follow_on_each_other_and_end_with_the_sound() -> None:
    finals = [event for event in hear(sound(TALK * 1, 70)) if event.final]
    assert finals[0].start == 0
    assert [event.start for event in finals[1:]] == [event.end for event in finals[:-1]]
    assert finals[-1].end == 70


def test_a_pause_keeps_the_clock_and_the_speakers() -> None:
    stage = EmbeddedDiarizer(FakeVoices)
    stage.open()
    book = TurnBook()
    late = 1000 * SPEECH_RATE
    parts = [*chunks(sound(TALK, 42)), *chunks(sound([(1, 6, 2)], 8), late)]
    for event in [e for chunk in parts for e in stage.feed([chunk])] + list(stage.flush()):
        book.apply(event)
    assert rounded(book.turns) == [*TALK, (1001, 1006, 2)]


@pytest.mark.parametrize("seconds", [0, 0.01, 1, 5])
def test_silence_has_no_speakers(seconds: float) -> None:
    samples = np.zeros(round(seconds * SPEECH_RATE), np.float32)
    assert whole(samples) == ()
    assert kept(hear(samples)) == ()


def test_a_second_of_speech_is_a_speaker() -> None:
    samples = sound([(0, 1, 0)], 1)
    assert [turn.speaker for turn in whole(samples)] == [0]
    assert [turn.speaker for turn in kept(hear(samples))] == [0]


def test_one_voice_only() -> None:
    lines: list[Line] = [(start, start + 4, 3) for start in range(1, 80, 6)]
    samples = sound(lines, 90)
    assert {turn.speaker for turn in whole(samples)} == {0}
    assert {turn.speaker for turn in kept(hear(samples))} == {0}


def test_the_number_of_speakers_can_be_bounded() -> None:
    samples = sound(TALK, 42)
    assert len({turn.speaker for turn in whole(samples, SpeakerRange(0, 2))}) == 2
    assert len({turn.speaker for turn in kept(hear(samples, SpeakerRange(0, 2)))}) == 2


def test_nothing_grows_with_the_meeting() -> None:
    stage = EmbeddedDiarizer(FakeVoices)
    stage.open()
    lines: list[Line] = [(start, start + 4, start // 6 % 4) for start in range(1, 170, 6)]
    sizes = []
    for chunk in chunks(sound(lines, 180)):
        list(stage.feed([chunk]))
        held = sum(len(w.pieces) for w in [*stage._windows, *stage._crowd._windows])
        sizes.append((len(stage._sound), len(stage._windows), held, len(stage._told)))
    middle, end = sizes[: len(sizes) // 2], sizes[len(sizes) // 2 :]
    for before, after in zip(zip(*middle, strict=True), zip(*end, strict=True), strict=True):
        assert max(after) <= 1.2 * max(before)


def test_cancelling_ends_the_pass_without_turns() -> None:
    shares: list[float] = []
    diarizer = WholeDiarizer(FakeVoices)
    assert diarizer.diarize(sound(TALK, 42), shares.append, lambda: len(shares) > 2) == ()
    assert len(shares) == 3


def test_progress_rises_to_one() -> None:
    shares: list[float] = []
    WholeDiarizer(FakeVoices).diarize(sound(TALK, 42), shares.append, lambda: False)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_file_that_is_no_model_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelCorruptError, match=r"segmentation-3\.0\.onnx") as caught:
        load_voices(tmp_path)
    assert caught.value.hint


@pytest.mark.model
def test_real_voices_are_told_apart() -> None:
    """The bundled clip is one voice; lowered by a third it passes for another."""
    voices = load_voices(starter_model("voices"))
    recording = Recording(resource("selftest.flac"), "", "")
    one = load_samples(recording)
    grid = np.arange(0, len(one) - 1, 0.67)
    other = np.interp(grid, np.arange(len(one)), one).astype(np.float32)
    talk = np.concatenate([one, other, one, other])
    stage = EmbeddedDiarizer(lambda: voices)
    stage.open()
    live = [e for chunk in chunks(talk) for e in stage.feed([chunk])] + list(stage.flush())
    found = WholeDiarizer(lambda: voices).diarize(talk, lambda _share: None, lambda: False)
    for turns in (found, kept(live)):
        assert {turn.speaker for turn in turns} == {0, 1}
    alone = WholeDiarizer(lambda: voices).diarize(one, lambda _share: None, lambda: False)
    assert {turn.speaker for turn in alone} == {0}
