"""Less is done when recognition falls behind, more again after a while of calm; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat
from app.core.events import (
    Event,
    LoadChanged,
    LoadLevel,
    PreviewChanged,
    RecognitionSkipped,
    WordsCommitted,
)
from app.fastpace import FastPace
from app.live import Recognition
from app.pipeline.chain import Chain
from app.speech.transcribe.load import GovernedStage, LoadGovernor, LoadOptions
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, ramble

FORM = AudioFormat(SPEECH_RATE, 1)
BLOCK = SPEECH_RATE // 25


class Levels:
    """A governor fed with what waits, a second of sound at a time."""

    def __init__(self) -> None:
        self.governor = LoadGovernor(LoadOptions())
        self.now = 0.0
        self.changes: list[LoadLevel] = []

    def behind(self, seconds: float, times: int = 1) -> LoadLevel:
        for _ in range(times):
            self.now += 1.0
            changed = self.governor.note(seconds, self.now)
            if changed:
                assert (changed.behind, changed.at) == (seconds, self.now)
                self.changes.append(changed.level)
        return self.governor.level


@pytest.mark.parametrize(
    ("behind", "level"),
    [
        (0.5, LoadLevel.NORMAL),
        (3.0, LoadLevel.LONGER_STEPS),
        (8.0, LoadLevel.NO_PREVIEW),
        (20.0, LoadLevel.PAUSED),
        (900.0, LoadLevel.PAUSED),
    ],
)
def test_the_further_behind_the_less_is_done(behind: float, level: LoadLevel) -> None:
    assert Levels().behind(behind) is level


def test_more_is_done_again_one_level_at_a_time() -> None:
    levels = Levels()
    levels.behind(25.0)
    levels.behind(0.1, times=60)
    assert levels.changes == [
        LoadLevel.PAUSED,
        LoadLevel.NO_PREVIEW,
        LoadLevel.LONGER_STEPS,
        LoadLevel.NORMAL,
    ]


def test_calm_must_last() -> None:
    levels = Levels()
    levels.behind(9.0)
    for _ in range(10):
        levels.behind(0.1, times=8)
        levels.behind(2.0)
    assert levels.changes == [LoadLevel.NO_PREVIEW]


def test_just_below_a_threshold_nothing_flutters() -> None:
    levels = Levels()
    for _ in range(50):
        levels.behind(3.1)
        levels.behind(2.9)
    assert levels.changes == [LoadLevel.LONGER_STEPS]


@dataclass
class Slow:
    """A recogniser that takes `cost(start, seconds)` CPU seconds for what it is fed at once."""

    cost: Callable[[float, float], float]
    name: str = "transcribe"
    cpu: float = 0.0
    heard: list[tuple[float, float]] = field(default_factory=list)
    levels: list[LoadLevel] = field(default_factory=list)

    def ease(self, level: LoadLevel) -> None:
        self.levels.append(level)

    def open(self) -> None: ...

    def close(self) -> None: ...

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[PreviewChanged]:
        start, end = items[0].start, items[-1].end
        self.heard.append((start, end))
        self.cpu += self.cost(start, end - start)
        yield PreviewChanged(0, f"{end}")

    def flush(self) -> Iterator[PreviewChanged]:
        return iter(())


class NoRevision:
    name = "revise"

    def open(self) -> None: ...

    def close(self) -> None: ...

    def feed(self, items: Sequence[HeardUtterance | SpeechRested], /) -> Iterator[object]:
        return iter(())

    def flush(self) -> Iterator[object]:
        return iter(())


def played(slow: Slow, seconds: float) -> list[tuple[Event, float]]:
    told: list[tuple[Event, float]] = []
    recognition = Recognition(GovernedStage(slow, slow), NoRevision())  # type: ignore[arg-type]
    silence = np.zeros((BLOCK, 1), np.int16)
    starts = range(0, round(seconds * SPEECH_RATE), BLOCK)
    pace = FastPace(recognition, lambda e, at: told.append((e, at)), lambda: slow.cpu)
    pace.run(AudioBlock(at, silence, FORM) for at in starts)
    return told


def slow_until(moment: float, factor: float) -> Callable[[float, float], float]:
    return lambda start, seconds: seconds * (factor if start < moment else 0.1)


def test_a_decoder_that_is_slow_for_a_while_recovers_and_nothing_is_lost() -> None:
    slow = Slow(slow_until(60.0, 1.6))
    told = played(slow, 240.0)
    skipped = [(e.start, e.end) for e, _ in told if isinstance(e, RecognitionSkipped)]
    pieces = sorted(slow.heard + skipped)
    assert skipped
    assert pieces[0][0] == 0.0
    assert pieces[-1][1] == pytest.approx(240.0)
    for (_, end), (start, _) in pairwise(pieces):
        assert start == pytest.approx(end)
    late = [at - float(e.text) for e, at in told if isinstance(e, PreviewChanged)]
    assert max(late) < 45.0
    assert max(late[-50:]) < 0.2
    assert slow.levels[-1] is LoadLevel.NORMAL


def test_each_change_is_told_once_and_in_order() -> None:
    slow = Slow(slow_until(60.0, 1.6))
    told = [e for e, _ in played(slow, 240.0)]
    levels = [e.level for e in told if isinstance(e, LoadChanged)]
    assert levels == slow.levels
    assert levels[:2] == [LoadLevel.LONGER_STEPS, LoadLevel.NO_PREVIEW]
    assert levels[-2:] == [LoadLevel.LONGER_STEPS, LoadLevel.NORMAL]
    for event, after in pairwise(told):
        if isinstance(event, LoadChanged) and event.level is LoadLevel.PAUSED:
            assert isinstance(after, RecognitionSkipped)
            assert after.end - after.start == pytest.approx(event.behind, abs=0.01)


def test_a_decoder_that_keeps_up_is_left_alone() -> None:
    told = played(Slow(lambda _start, seconds: 0.05 + 0.4 * seconds), 60.0)
    assert not any(isinstance(e, LoadChanged | RecognitionSkipped) for e, _ in told)


def test_what_waited_for_the_model_to_load_is_not_skipped() -> None:
    slow = Slow(lambda _start, _seconds: 0.0)
    stage = GovernedStage(slow, slow)
    stage.open()
    block = AudioBlock(0, np.zeros((SPEECH_RATE * 50, 1), np.int16), FORM)
    assert [type(e) for e in stage.feed([block])] == [PreviewChanged]


def recognised(level: LoadLevel) -> tuple[FakeWhisper, str, int]:
    model = FakeWhisper()
    stage = TranscribeStage(lambda: model, "en")
    chain = Chain(VadStage(detector=LoudnessDetector), stage)
    chain.open()
    stage.ease(level)
    committed, previews = "", 0
    for chunk in Speaker().say(*ramble(40)).rest(1.5).chunks():
        for event in chain.feed([chunk]):
            previews += isinstance(event, PreviewChanged)
            if isinstance(event, WordsCommitted):
                committed += "".join(word.text for word in event.words)
    chain.close()
    return model, committed.strip(), previews


def test_less_work_gives_the_same_words() -> None:
    normal, text, previews = recognised(LoadLevel.NORMAL)
    longer, longer_text, _ = recognised(LoadLevel.LONGER_STEPS)
    bare, bare_text, no_previews = recognised(LoadLevel.NO_PREVIEW)
    assert text == longer_text == bare_text == " ".join(ramble(40))
    assert normal.encoded > 2 * longer.encoded > 3 * bare.encoded
    assert previews
    assert not no_previews
