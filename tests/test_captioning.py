"""What recognition takes of a meeting, and what becomes of what it could not take."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from app import captioning, catchup
from app.captioning import Captioning
from app.core.audio import SPEECH_RATE, AudioBlock, AudioChunk, AudioFormat
from app.core.events import (
    Event,
    FinalCaption,
    RecognitionCaughtUp,
    RecognitionSkipped,
    StageChanged,
    StageState,
)
from app.core.paths import default_paths
from app.intake import Nowhere
from app.meeting import MeetingRequest, Recognition
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import PlainThreadHost
from app.session.store import SessionStore
from app.speech.transcribe.loading import SharedModel
from app.speech.transcribe.utterance import HeardUtterance
from tests.test_catchup import blocks, recorded, spoken, whole

CAPTION = FinalCaption(0, 0, 0.0, 1.0, "one", "en", ())
REQUEST = MeetingRequest("mic", model="toy", language="en")


class Slow(Nowhere):
    """Recognition that begins when it may, and hears one utterance."""

    name = "transcribe"

    def __init__(self) -> None:
        self.may_begin = threading.Event()
        self.taken: list[AudioBlock] = []

    def open(self) -> None:
        assert self.may_begin.wait(10)

    def feed(self, items: Sequence[AudioBlock], /) -> tuple[Any, ...]:
        self.taken.extend(items)
        return ()

    def flush(self) -> tuple[Any, ...]:
        return (HeardUtterance(CAPTION, AudioChunk(0, np.zeros(4, np.float32))),)


class Scene:
    """Captioning in a pipeline of its own; `kept` and `heard` say in which order things came."""

    def __init__(self) -> None:
        self.live = Slow()
        self.kept: list[Event] = []
        self.heard: list[object] = []
        self.pipeline = Pipeline(PlainThreadHost(), self.note)
        self.captioning = Captioning(self.kept.append, self.hear)

    def note(self, event: StageChanged) -> None:
        self.captioning.note(event)

    def hear(self, utterance: HeardUtterance) -> None:
        assert utterance.caption in self.kept, "the caption is kept before its sound is heard"
        self.heard.append(utterance)

    def stop(self) -> None:
        self.live.may_begin.set()
        self.pipeline.stop(10)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(captioning, "_SPEECH_BACKLOG", 1.0)
    monkeypatch.setattr(catchup, "whole_stage", lambda *_: whole())
    made = Scene()
    monkeypatch.setattr(captioning, "recognition_for", lambda *_: Recognition(made.live, Nowhere()))
    yield made
    made.stop()


def model() -> SharedModel:
    return SharedModel(lambda: default_paths().models)


def second(number: int) -> AudioBlock:
    pcm = np.zeros((SPEECH_RATE, 1), np.int16)
    return AudioBlock(number * SPEECH_RATE, pcm, AudioFormat(SPEECH_RATE, 1))


def test_what_there_is_no_room_for_is_told_as_one_stretch(scene: Scene) -> None:
    for number in range(4):
        scene.captioning.take(second(number))
    assert scene.kept == []
    scene.captioning.end()
    scene.captioning.end()
    assert scene.kept == [RecognitionSkipped(1.0, 4.0)]


def test_sound_of_an_utterance_is_heard_once_its_caption_is_kept(scene: Scene) -> None:
    scene.captioning.add_to(scene.pipeline, REQUEST, model(), (), None)
    scene.pipeline.start()
    scene.captioning.take(second(0))
    scene.stop()
    assert [block.first_frame for block in scene.live.taken] == [0]
    assert scene.kept == [CAPTION]
    assert [type(item) for item in scene.heard] == [HeardUtterance]


@pytest.mark.parametrize("loaded", [True, False])
def test_only_with_a_model_is_there_something_to_catch_up_with(scene: Scene, loaded: bool) -> None:
    said = spoken()
    state = StageState.RUNNING if loaded else StageState.FAILED
    with SessionStore(default_paths().meetings).create("", "mic", "toy", "en") as session:
        recorded(session.audio_folder, said)
        scene.captioning.add_to(scene.pipeline, REQUEST, model(), (), session)
        scene.captioning.note(StageChanged("transcribe", state))
        for block in blocks(said):
            scene.captioning.take(block)
        scene.captioning.end()
        scene.pipeline.start()
        scene.stop()
    (skipped,) = [event for event in scene.kept if isinstance(event, RecognitionSkipped)]
    assert skipped.end == pytest.approx(said.seconds)
    late = [event for event in scene.kept if isinstance(event, RecognitionCaughtUp)]
    assert late == ([RecognitionCaughtUp(skipped.start, skipped.end)] if loaded else [])
