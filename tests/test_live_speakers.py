"""Speakers are told apart beside recognition."""

from __future__ import annotations

import threading

import pytest

from app import live
from app.core.errors import (
    ModelMissingError,
)
from app.core.events import (
    AudioGap,
    FinalCaption,
    StageChanged,
    TurnsFound,
)
from app.diarization import SpeakerWish
from app.session.store import SessionStore
from tests.live_scene import PATIENCE, TALK, Scene, failed
from tests.live_scene import scene as scene


class TestSpeakers:
    WISH = SpeakerWish("embedded")

    def test_lines_have_the_speakers_that_a_stage_beside_recognition_found(
        self, scene: Scene
    ) -> None:
        meeting = scene.meeting(speakers=self.WISH)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        store = SessionStore(scene.paths.meetings)
        (info,) = store.list()
        transcript = store.read(info.id).transcript
        assert [(line.text, line.speakers) for line in transcript.lines] == [
            ("one two end.", (0,)), ("three end.", (1,))
        ]  # fmt: skip
        assert len(scene.heard.of(TurnsFound)) >= TALK.seconds
        assert scene.voices.closed

    def test_speakers_need_no_model_of_words(self, scene: Scene) -> None:
        meeting = scene.meeting(model="", speakers=self.WISH)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert [turn.speaker for turn in meeting.session.transcript.turns] == [0, 1]

    def test_captions_never_wait_for_a_diarizer_that_stands_still(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "_VOICES_BACKLOG", 0.5)
        may_go_on = threading.Event()
        scene.voices.on_feed = lambda: may_go_on.wait(PATIENCE)
        meeting = scene.meeting(speakers=self.WISH)
        meeting.start()
        scene.source.play(TALK.samples)
        try:
            scene.heard.wait_for(lambda e: isinstance(e, FinalCaption) and e.utterance == 1)
        finally:
            may_go_on.set()
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]
        assert scene.heard.of(AudioGap) == []

    @pytest.mark.parametrize("when", ["on_open", "on_feed"])
    def test_captions_go_on_without_a_diarizer_that_fails(self, scene: Scene, when: str) -> None:
        def fail() -> None:
            raise ModelMissingError("The model voices is not installed", hint="Pull it.")

        setattr(scene.voices, when, fail)
        meeting = scene.meeting(speakers=self.WISH)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        failure = scene.heard.wait_for(failed("diarize"))
        assert isinstance(failure, StageChanged)
        assert failure.error == "The model voices is not installed"
        assert scene.stored() == ["one two end.", "three end."]
