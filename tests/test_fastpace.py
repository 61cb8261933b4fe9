"""The virtual clock: work delays what follows, and revisions have a clock of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from app.capture.resample import SpeechResampler
from app.core.audio import SPEECH_RATE, AudioBlock, AudioChunk, AudioFormat
from app.core.errors import ModelCorruptError
from app.core.events import (
    Event,
    FinalCaption,
    PreviewChanged,
    StageChanged,
    StageState,
    Translation,
    TurnsFound,
    WordsCommitted,
)
from app.fastpace import BLOCK_SECONDS, FastPace
from app.meeting import Recognition
from app.pipeline.chain import Chain
from app.speech.transcribe.revise import ReviseStage
from app.speech.transcribe.stage import Recognised, TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, ramble

FORM = AudioFormat(SPEECH_RATE, 1)
FRAMES = round(BLOCK_SECONDS * SPEECH_RATE)


def blocks(seconds: float) -> Iterator[AudioBlock]:
    for first in range(0, round(seconds * SPEECH_RATE), FRAMES):
        yield AudioBlock(first, np.zeros((FRAMES, 1), np.int16), FORM)


@dataclass
class Cpu:
    """CPU time that passes when it is told to."""

    seconds: float = 0.0

    def now(self) -> float:
        return self.seconds

    def burn(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class FakeLive:
    """Tells a preview for each feed; what a feed costs is up to `work`."""

    work: Callable[[int], object] = lambda _feed: None
    end: Callable[[], object] = lambda: None
    name: str = "transcribe"
    feeds: list[float] = field(default_factory=list)
    is_open: bool = False
    said: dict[int, HeardUtterance | SpeechRested] = field(default_factory=dict)

    def open(self) -> None:
        self.is_open = True

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[Recognised]:
        self.feeds.append(len(items))
        number = len(self.feeds)
        self.work(number)
        yield PreviewChanged(0, str(number))
        if number in self.said:
            yield self.said[number]

    def flush(self) -> Iterator[Recognised]:
        self.end()
        yield PreviewChanged(0, "flush")

    def close(self) -> None:
        self.is_open = False


class FakeRevision(ReviseStage):
    """Revises every utterance at once, at the price of `cost`."""

    def __init__(self, cost: Callable[[], object]) -> None:
        super().__init__(FakeWhisper)
        self._cost = cost
        self.is_open = False

    def open(self) -> None:
        self.is_open = True

    def feed(self, items: Sequence[HeardUtterance | SpeechRested], /) -> Iterator[FinalCaption]:
        for item in items:
            if isinstance(item, HeardUtterance):
                self._cost()
                yield _caption(item.caption.utterance, 1)

    def flush(self) -> Iterator[FinalCaption]:
        self._cost()
        yield _caption(99, 1)

    def close(self) -> None:
        self.is_open = False


def _caption(utterance: int, revision: int) -> FinalCaption:
    return FinalCaption(utterance, revision, 0.0, 1.0, "x", "en", ())


def _heard(number: int) -> HeardUtterance:
    return HeardUtterance(_caption(number, 0), AudioChunk(0, np.zeros(160, np.float32)))


@dataclass
class Played:
    live: FakeLive
    revision: FakeRevision
    told: list[tuple[Event, float]]
    audio: float

    def previews(self) -> dict[str, float]:
        return {e.text: at for e, at in self.told if isinstance(e, PreviewChanged)}

    def finals(self) -> list[tuple[int, int, float]]:
        return [(e.utterance, e.revision, at) for e, at in self.told if isinstance(e, FinalCaption)]


def play(seconds: float, cpu: Cpu, live: FakeLive, revision_cost: float = 0.0) -> Played:
    revision = FakeRevision(lambda: cpu.burn(revision_cost))
    told: list[tuple[Event, float]] = []
    pace = FastPace(Recognition(live, revision), lambda e, at: told.append((e, at)), cpu.now)
    pace.run(blocks(seconds))
    return Played(live, revision, told, pace.audio_seconds)


def test_without_work_every_block_is_heard_when_it_ends() -> None:
    played = play(0.4, Cpu(), FakeLive())
    assert played.live.feeds == [1] * 10
    assert played.audio == pytest.approx(0.4)
    expected = {str(n): n * BLOCK_SECONDS for n in range(1, 11)} | {"flush": 0.4}
    assert played.previews() == pytest.approx(expected)


def test_work_delays_what_it_finds() -> None:
    cpu = Cpu()
    played = play(0.4, cpu, FakeLive(work=lambda n: cpu.burn(0.03)))
    assert played.live.feeds == [1] * 10
    assert played.previews()["1"] == pytest.approx(0.04 + 0.03)
    assert played.previews()["10"] == pytest.approx(0.4 + 0.03)


def test_sound_that_arrives_during_a_step_waits_and_is_fed_at_once() -> None:
    cpu = Cpu()
    played = play(1.0, cpu, FakeLive(work=lambda n: cpu.burn(0.2 if n == 2 else 0.0)))
    assert played.live.feeds == [1, 1, 5, *[1] * 18]
    assert played.previews()["2"] == pytest.approx(0.08 + 0.2)
    assert played.previews()["3"] == pytest.approx(0.28)
    assert played.previews()["4"] == pytest.approx(0.32)


def test_a_worker_that_is_too_slow_falls_behind_and_loses_nothing() -> None:
    cpu = Cpu()
    played = play(1.0, cpu, FakeLive(work=lambda n: cpu.burn(0.5)))
    assert sum(played.live.feeds) == 25
    assert played.live.feeds[0] == 1
    assert played.previews()["flush"] == pytest.approx(0.04 + 0.5 * len(played.live.feeds))


def test_the_cost_of_the_end_counts() -> None:
    cpu = Cpu()
    played = play(0.4, cpu, FakeLive(end=lambda: cpu.burn(0.7)))
    assert played.previews()["flush"] == pytest.approx(1.1)


def test_what_it_costs_to_read_the_file_or_to_show_a_caption_does_not_count() -> None:
    cpu = Cpu()
    told: list[float] = []

    def costly_blocks() -> Iterator[AudioBlock]:
        for block in blocks(0.4):
            cpu.burn(1.0)
            yield block

    def costly_emit(_event: Event, at: float) -> None:
        cpu.burn(1.0)
        told.append(at)

    FastPace(Recognition(FakeLive(), FakeRevision(lambda: None)), costly_emit, cpu.now).run(
        costly_blocks()
    )
    assert max(told) == pytest.approx(0.4)


def test_a_revision_does_not_hold_up_live_captions() -> None:
    cpu = Cpu()
    played = play(1.0, cpu, FakeLive(said={5: _heard(0)}), revision_cost=0.3)
    assert played.previews()["6"] == pytest.approx(0.24)
    assert [(n, revision) for n, revision, _ in played.finals()[:2]] == [(0, 0), (0, 1)]
    assert [at for _, _, at in played.finals()[:2]] == pytest.approx([0.2, 0.2 + 0.3])


def test_revisions_wait_for_each_other() -> None:
    cpu = Cpu()
    live = FakeLive(said={5: _heard(0), 6: _heard(1)})
    played = play(2.0, cpu, live, revision_cost=0.5)
    revised = [(n, at) for n, revision, at in played.finals() if revision]
    assert [n for n, _ in revised] == [0, 1, 99]
    assert [at for _, at in revised] == pytest.approx([0.7, 1.2, 2.5])


def test_what_is_told_never_runs_backwards() -> None:
    cpu = Cpu()
    random = np.random.default_rng(3)
    live = FakeLive(
        work=lambda n: cpu.burn(float(random.choice([0.0, 0.01, 0.3]))),
        said={n: _heard(n) for n in range(3, 60, 7)},
    )
    played = play(6.0, cpu, live, revision_cost=0.17)
    moments = [at for _, at in played.told]
    assert moments == sorted(moments)
    finals = played.finals()
    assert sorted(n for n, r, _ in finals if r == 0) == sorted(
        n for n, r, _ in finals if r and n < 99
    )


def test_the_stages_are_closed_after_a_failure() -> None:
    def fail(_feed: int) -> None:
        raise OSError("broken")

    live, revision = FakeLive(work=fail), FakeRevision(lambda: None)
    pace = FastPace(Recognition(live, revision), lambda _e, _at: None)
    with pytest.raises(OSError, match="broken"):
        pace.run(blocks(0.4))
    assert not live.is_open
    assert not revision.is_open


@dataclass
class BrokenDiarizer:
    """Fails when it is opened, or with its third block."""

    at_once: bool
    name: str = "diarize"
    blocks: int = 0
    closed: bool = False

    def open(self) -> None:
        if self.at_once:
            raise ModelCorruptError("The model is damaged", hint="Pull it again.")

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[TurnsFound]:
        self.blocks += len(items)
        if self.blocks == 3:
            raise ModelCorruptError("The model is damaged", hint="Pull it again.")
        yield from ()

    def flush(self) -> Iterator[TurnsFound]:
        yield from ()

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("at_once", [True, False])
def test_captions_go_on_without_a_diarizer_that_fails(*, at_once: bool) -> None:
    told: list[Event] = []
    voices = BrokenDiarizer(at_once)
    recognition = Recognition(FakeLive(), FakeRevision(lambda: None))
    FastPace(recognition, lambda e, _at: told.append(e), Cpu().now, voices).run(blocks(0.4))
    failed = StageChanged("diarize", StageState.FAILED, "The model is damaged", "Pull it again.")
    assert told.count(failed) == 1
    assert sum(isinstance(e, PreviewChanged) for e in told) == 11
    assert voices.closed


def test_no_sound_is_no_step() -> None:
    played = play(0.0, Cpu(), FakeLive())
    assert played.live.feeds == []
    assert list(played.previews()) == ["flush"]


def test_with_real_stages_the_words_come_soon_and_the_revision_counts_last() -> None:
    speaker = Speaker().rest(1).say(*ramble(12), "end").rest(2).say("one", "two", "end").rest(7)
    model = FakeWhisper()
    live = Chain(
        SpeechResampler(),
        Chain(VadStage(detector=LoudnessDetector), TranscribeStage(lambda: model, "en")),
    )
    told: list[tuple[Event, float]] = []
    pace = FastPace(
        Recognition(live, ReviseStage(lambda: model)), lambda e, at: told.append((e, at)), Cpu().now
    )
    pcm = (speaker.samples * 32767).astype(np.int16)[:, None]
    pace.run(AudioBlock(at, pcm[at : at + FRAMES], FORM) for at in range(0, len(pcm), FRAMES))
    late = [at - w.end for e, at in told if isinstance(e, WordsCommitted) for w in e.words]
    assert max(late) < 1.2
    finals = [(e.utterance, e.revision, at) for e, at in told if isinstance(e, FinalCaption)]
    assert [(u, r) for u, r, _ in finals] == [(0, 0), (1, 0), (0, 1), (1, 1)]
    assert pace.audio_seconds == pytest.approx(speaker.seconds, abs=0.05)


@dataclass
class FakeTranslation:
    """Translates final captions, at a price of `cost`; or fails when it is opened."""

    cost: Callable[[], object] = lambda: None
    problem: Exception | None = None
    name: str = "translate"
    batches: list[int] = field(default_factory=list)
    is_open: bool = False

    def open(self) -> None:
        if self.problem is not None:
            raise self.problem
        self.is_open = True

    def feed(self, items: Sequence[object], /) -> Iterator[Event]:
        captions = [item for item in items if isinstance(item, FinalCaption)]
        self.batches.append(len(captions))
        for caption in captions:
            self.cost()
            yield Translation(caption.utterance, "en", caption.text, final=True)

    def flush(self) -> Iterator[Event]:
        yield from ()

    def close(self) -> None:
        self.is_open = False


def translated(stage: FakeTranslation, cpu: Cpu, live: FakeLive) -> list[tuple[Event, float]]:
    told: list[tuple[Event, float]] = []
    recognition = Recognition(live, FakeRevision(lambda: None))
    pace = FastPace(recognition, lambda e, at: told.append((e, at)), cpu.now, None, stage)
    pace.run(blocks(2.0))
    assert not stage.is_open
    return told


def test_translation_has_a_clock_of_its_own_and_delays_nothing() -> None:
    cpu = Cpu()
    live = FakeLive(said={5: _heard(0), 6: _heard(1), 7: _heard(2)})
    stage = FakeTranslation(lambda: cpu.burn(0.3))
    told = translated(stage, cpu, live)
    previews = {e.text: at for e, at in told if isinstance(e, PreviewChanged)}
    assert previews["20"] == pytest.approx(0.8)
    found = [(e.utterance, at) for e, at in told if isinstance(e, Translation)]
    assert found[0][0] == 0
    assert found[0][1] == pytest.approx(0.2 + 0.3)
    assert [at for _, at in told] == sorted(at for _, at in told)


def test_what_comes_while_translation_is_busy_waits_for_it_all_at_once() -> None:
    cpu = Cpu()
    live = FakeLive(said={5: _heard(0), 6: _heard(1), 7: _heard(2)})
    stage = FakeTranslation(lambda: cpu.burn(0.1))
    translated(stage, cpu, live)
    captions = 2 * 3 + 1  # each with its revision, and the last one of all
    assert sum(stage.batches) == captions
    assert max(stage.batches) > 1


def test_captions_go_on_without_a_translation_that_cannot_begin() -> None:
    stage = FakeTranslation(problem=ModelCorruptError("It is damaged", hint="Pull it."))
    told = translated(stage, Cpu(), FakeLive(said={5: _heard(0)}))
    assert told[0][0] == StageChanged("translate", StageState.FAILED, "It is damaged", "Pull it.")
    assert any(isinstance(event, FinalCaption) for event, _ in told)
