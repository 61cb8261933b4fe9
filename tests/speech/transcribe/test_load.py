"""Less is done when recognition falls behind, more again after a while of calm; nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pytest

from app.capture.resample import SpeechResampler
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
from app.meeting import Recognition
from app.pipeline.chain import Chain
from app.speech.transcribe.load import GovernedStage, LoadGovernor, LoadOptions
from app.speech.transcribe.pauses import from_a_pause
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, ramble
from tests.speech.transcribe.listening import behind_vad

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
            for changed in self.governor.note(seconds, self.now):
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
    assert levels.changes[-4:] == [
        LoadLevel.PAUSED,
        LoadLevel.NO_PREVIEW,
        LoadLevel.LONGER_STEPS,
        LoadLevel.NORMAL,
    ]


def test_a_stall_tells_every_level_that_it_passes() -> None:
    levels = Levels()
    assert levels.behind(30.0) is LoadLevel.PAUSED
    assert levels.changes == [LoadLevel.LONGER_STEPS, LoadLevel.NO_PREVIEW, LoadLevel.PAUSED]
    levels = Levels()
    levels.behind(4.0)
    levels.behind(22.0)
    assert levels.changes == [LoadLevel.LONGER_STEPS, LoadLevel.NO_PREVIEW, LoadLevel.PAUSED]


def test_calm_must_last() -> None:
    levels = Levels()
    levels.behind(9.0)
    for _ in range(10):
        levels.behind(0.1, times=8)
        levels.behind(2.0)
    assert levels.changes == [LoadLevel.LONGER_STEPS, LoadLevel.NO_PREVIEW]


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

    def leave_out(self, start: float, end: float) -> Iterator[RecognitionSkipped]:
        yield RecognitionSkipped(start, end)

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
            assert event.behind - 4.1 <= after.end - after.start <= event.behind


def test_a_decoder_that_keeps_up_is_left_alone() -> None:
    told = played(Slow(lambda _start, seconds: 0.05 + 0.4 * seconds), 60.0)
    assert not any(isinstance(e, LoadChanged | RecognitionSkipped) for e, _ in told)


def governed() -> tuple[GovernedStage[PreviewChanged], Slow]:
    """A stage that is open, and the recogniser in it, which takes no time."""
    slow = Slow(lambda _start, _seconds: 0.0)
    stage = GovernedStage(slow, slow)
    stage.open()
    return stage, slow


def test_what_waited_for_the_model_to_load_is_not_skipped() -> None:
    stage, _ = governed()
    block = AudioBlock(0, np.zeros((SPEECH_RATE * 50, 1), np.int16), FORM)
    assert [type(e) for e in stage.feed([block])] == [PreviewChanged]


def test_recognition_goes_on_at_the_last_pause() -> None:
    stage, slow = governed()
    speaker = Speaker().say(*ramble(70)).rest(0.3).say("one", "two", "three")
    pause = speaker.said[69].end, speaker.said[70].start
    *before, last = sound(speaker)
    list(stage.feed(before[:1]))
    told = list(stage.feed(before[1:]))
    (skipped,) = [event for event in told if isinstance(event, RecognitionSkipped)]
    assert skipped.start == before[1].start
    assert pause[0] < skipped.end < pause[1]
    list(stage.feed([last]))
    assert slow.heard[-1] == (skipped.end, last.end)


def test_a_pause_is_found_where_one_channel_is_the_other_upside_down() -> None:
    speaker = Speaker().say(*ramble(12)).rest(0.3).say("one", "two", "three")
    stereo = AudioFormat(SPEECH_RATE, 2)
    blocks = [
        AudioBlock(block.first_frame, np.hstack([block.samples, -block.samples]), stereo)
        for block in sound(speaker)
    ]
    kept = from_a_pause(blocks)
    assert speaker.said[11].end < kept[0].start < speaker.said[12].start


def test_a_few_seconds_between_two_losses_are_left_out_as_well() -> None:
    stage, slow = governed()
    before = sound(Speaker().say(*ramble(70)))
    later = AudioBlock(90 * SPEECH_RATE, np.zeros((BLOCK, 1), np.int16), FORM)
    list(stage.feed(before[:1]))
    told = [*stage.feed(before[1:]), *stage.feed([later])]
    first, second = [event for event in told if isinstance(event, RecognitionSkipped)]
    assert first.end == second.start
    assert second.end == before[-1].end
    assert slow.heard[-1] == (later.start, later.end)


def test_what_was_kept_is_heard_when_nothing_follows() -> None:
    stage, slow = governed()
    blocks = sound(Speaker().say(*ramble(70)))
    list(stage.feed(blocks[:1]))
    (skipped,) = [e for e in stage.feed(blocks[1:]) if isinstance(e, RecognitionSkipped)]
    list(stage.flush())
    assert slow.heard[-1] == (skipped.end, blocks[-1].end)


def sound(speaker: Speaker) -> list[AudioBlock]:
    pcm = np.rint(speaker.samples * 32767).astype(np.int16)[:, None]
    return [AudioBlock(at, pcm[at : at + BLOCK], FORM) for at in range(0, len(pcm), BLOCK)]


def test_what_is_left_out_begins_behind_the_last_word_that_stands() -> None:
    """Half a word before the gap would be taken for something else, and stored."""
    words = ramble(90)
    speaker = Speaker().say(*words)
    stage = TranscribeStage(FakeWhisper, "en")
    chain = Chain(SpeechResampler(), Chain(VadStage(detector=LoudnessDetector), stage))
    governed = GovernedStage(chain, stage)
    governed.open()
    blocks = sound(speaker)
    halfway = next(
        at for at, block in enumerate(blocks) if block.end > speaker.said[12].start + 0.1
    )
    told: list[object] = []
    for block in blocks[:halfway]:
        told.extend(governed.feed([block]))
    late = next(at for at, block in enumerate(blocks) if block.end > speaker.said[80].end)
    told.extend(governed.feed(blocks[halfway:late]))
    for block in blocks[late:]:
        told.extend(governed.feed([block]))
    told.extend(governed.flush())
    (skipped,) = [event for event in told if isinstance(event, RecognitionSkipped)]
    live = [w for e in told if isinstance(e, WordsCommitted) for w in e.words]
    early = [word for word in live if word.end < skipped.end]
    assert [word.text.strip() for word in early] == words[: len(early)]
    assert skipped.start == early[-1].end
    first = next(e for e in told if isinstance(e, HeardUtterance) and e.caption.words[-1] in early)
    assert first.audio.end == pytest.approx(skipped.start + 0.1, abs=0.01)
    missing = [w.text for w in speaker.said if skipped.start < (w.start + w.end) / 2 < skipped.end]
    after = [word.text.strip() for word in live if word.start > skipped.end - 0.1]
    assert [word.text.strip() for word in early] + missing + after == words


def recognised(level: LoadLevel) -> tuple[FakeWhisper, str, int]:
    model = FakeWhisper()
    stage = TranscribeStage(lambda: model, "en")
    chain = behind_vad(stage)
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
