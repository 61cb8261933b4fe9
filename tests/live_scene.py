"""A meeting of which a test plays the sources, with a model that hears tones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import soundfile

from app import captioning, catchup, hearing, live
from app.capture.doubts import SoundDoubts
from app.capture.resample import SpeechResampler
from app.core.audio import AudioBlock
from app.core.events import (
    Event,
    LevelMeasured,
    StageChanged,
    StageState,
)
from app.core.paths import Paths, default_paths
from app.live import LiveMeeting
from app.meeting import MeetingRequest, Recognition
from app.pipeline.chain import Chain
from app.pipeline.runner import PlainThreadHost
from app.session.store import SessionStore
from app.speech.transcribe.revise import ReviseStage
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.stage import VadStage
from tests.fakes.sources import FakeSource
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker
from tests.fakes.voices import FakeDiarizer

PATIENCE = 10.0
_LEVEL_S = 0.08
_TURN = 3_840  # samples: three measurements of the level
TALK = Speaker().rest(0.5).say("one", "two", "end").rest(1.5).say("three", "end").rest(1.5)


@dataclass
class Heard:
    """What a meeting published. `wait_for` returns the first event that pleases."""

    events: list[Event] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __call__(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait_for(self, pleases: Callable[[Event], bool]) -> Event:
        with self.changed:
            came = self.changed.wait_for(lambda: any(map(pleases, self.events)), PATIENCE)
            assert came, f"not published: {self.events}"
            return next(filter(pleases, self.events))

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


@dataclass
class Scene:
    """A meeting with a source that the test plays, and a model that hears tones."""

    paths: Paths
    source: FakeSource = field(default_factory=FakeSource)
    heard: Heard = field(default_factory=Heard)
    model: FakeWhisper = field(default_factory=FakeWhisper)
    voices: FakeDiarizer = field(default_factory=FakeDiarizer)
    loading: threading.Event = field(default_factory=threading.Event)
    may_load: threading.Event = field(default_factory=threading.Event)
    made: list[LiveMeeting] = field(default_factory=list)
    system: FakeSource = field(default_factory=lambda: FakeSource(name="system"))

    def __post_init__(self) -> None:
        self.may_load.set()

    def source_for(self, name: str, *_others: object) -> FakeSource:
        return self.system if name == "system" else self.source

    def meeting(self, source: str = "mic", **choices: Any) -> LiveMeeting:
        request = MeetingRequest(source, **{"model": "tiny.en", "language": "en", **choices})
        self.made.append(LiveMeeting(request, self.paths, PlainThreadHost(), self.heard))
        return self.made[-1]

    def load(self) -> FakeWhisper:
        self.loading.set()
        self.may_load.wait(PATIENCE)
        return self.model

    def end(self) -> None:
        """Leave no thread behind, whatever the test found."""
        self.may_load.set()
        for meeting in self.made:
            meeting._hearing.stop()
            meeting._pipeline.stop(PATIENCE)

    def recognition(self, *_arguments: object) -> Recognition:
        transcribe = TranscribeStage(self.load, "en")
        vad = VadStage(detector=LoudnessDetector)
        return Recognition(Chain(SpeechResampler(), Chain(vad, transcribe)), ReviseStage(self.load))

    def whole_stage(self, *_arguments: object) -> Chain[AudioBlock, Any, Any]:
        whole = WholeStage(self.load, "en")
        return Chain(SpeechResampler(), Chain(VadStage(detector=LoudnessDetector), whole))

    def wait_until_recorded(self, seconds: float) -> None:
        """The level is measured every second block of 40 ms, and told after it is recorded."""
        count = int(seconds / _LEVEL_S)
        self.heard.wait_for(lambda _event: len(self.heard.of(LevelMeasured)) >= count)

    def stored(self) -> list[str]:
        """The lines of the only meeting on disk."""
        store = SessionStore(self.paths.meetings)
        (info,) = store.list()
        return [line.text for line in store.read(info.id).transcript.lines]

    def play_both(self, mic: np.ndarray[Any, Any], system: np.ndarray[Any, Any]) -> None:
        """A little of each in turn, as recorders take it: neither is late for the mixer."""
        before = len(self.heard.of(LevelMeasured)) * _LEVEL_S
        for at in range(0, len(mic), _TURN):
            self.source.play(mic[at : at + _TURN])
            self.system.play(system[at : at + _TURN])
            seconds = min(at + _TURN, len(mic)) / 16_000
            self.wait_until_recorded(before + 2 * (seconds - _LEVEL_S))

    def recorded(self, track: str = "*") -> np.ndarray[Any, Any]:
        """All the sound on disk, of one track if there are two."""
        files = sorted(self.paths.meetings.glob(f"*/audio/{track}-*.wav"))
        return np.concatenate([soundfile.read(file, dtype="int16")[0] for file in files])


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = Scene(default_paths())
    monkeypatch.setattr(live, "source_for", made.source_for)
    # a test plays faster than any clock, and asks no sound server what it hears
    monkeypatch.setattr(hearing, "AlignedSource", lambda source, _origin: source)
    monkeypatch.setattr(hearing, "sound_doubts_for", SoundDoubts)
    monkeypatch.setattr(captioning, "recognition_for", made.recognition)
    monkeypatch.setattr(
        live, "diarize_stage", lambda _wish, _paths: Chain(SpeechResampler(), made.voices)
    )
    monkeypatch.setattr(catchup, "whole_stage", made.whole_stage)
    yield made
    made.end()


def pcm(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (samples * 32767).astype(np.int16)


def failed(stage: str) -> Callable[[Event], bool]:
    return lambda e: (
        isinstance(e, StageChanged) and (e.stage, e.state) == (stage, StageState.FAILED)
    )
