"""What a running meeting survives."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app import captioning, live
from app.core.errors import (
    DeviceLostError,
    DiskFullError,
)
from app.core.events import (
    CaptureEnded,
    Event,
    FinalCaption,
    RecognitionSkipped,
    StageChanged,
    StageState,
    WordsCommitted,
)
from app.session.session import Session
from app.session.store import MeetingState, SessionStore
from app.session.writer import TrackWriter
from tests.live_scene import PATIENCE, TALK, Scene, failed, pcm
from tests.live_scene import scene as scene


class TestWhenSomethingGoesWrong:
    def test_a_missing_model_is_told_and_the_recording_is_complete(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        monkeypatch.setenv("CAPTIONIST_DATA", str(scene.paths.data))
        monkeypatch.setattr(live, "source_for", scene.source_for)
        meeting = scene.meeting()
        meeting.start()
        told = scene.heard.wait_for(failed("transcribe"))
        assert isinstance(told, StageChanged)
        assert "tiny.en" in told.error
        assert "captionist models pull tiny.en" in told.hint
        scene.source.play(TALK.samples)
        meeting.stop()
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))
        (skipped,) = scene.heard.of(RecognitionSkipped)
        assert skipped.end == pytest.approx(TALK.seconds, abs=0.01)

    def test_a_model_that_breaks_leaves_the_recording_alone(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def broken(*_arguments: object) -> list[int]:
            raise RuntimeError("the model broke")

        monkeypatch.setattr(scene.model, "continue_text", broken)
        meeting = scene.meeting()
        meeting.start()
        half = len(TALK.samples) // 2
        scene.source.play(TALK.samples[:half])
        scene.heard.wait_for(failed("transcribe"))
        scene.source.play(TALK.samples[half:])
        meeting.stop()
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))
        assert "the model broke" in caplog.text
        assert scene.heard.of(RecognitionSkipped)

    def test_a_full_disk_is_told_once_and_captions_go_on(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_session: Session, event: Event) -> None:
            if isinstance(event, WordsCommitted | FinalCaption):
                raise DiskFullError("There is no room left")

        monkeypatch.setattr(Session, "record", full)
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        told = [e for e in scene.heard.of(StageChanged) if e.stage == "session"]
        assert [(e.state, e.error) for e in told] == [(StageState.FAILED, "There is no room left")]
        assert "room" in told[0].hint or "space" in told[0].hint
        assert scene.heard.of(FinalCaption)

    def test_a_device_that_goes_away_is_told_with_its_hint(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        scene.source.end(DeviceLostError("The microphone is gone"))
        (ended,) = scene.heard.of(CaptureEnded)
        assert ended == CaptureEnded("mic", "The microphone is gone", DeviceLostError.default_hint)
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]

    def test_a_source_that_ends_by_itself_is_no_failure(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.end()
        meeting.stop()
        assert scene.heard.of(CaptureEnded) == [CaptureEnded("mic")]

    def test_stopping_while_the_model_still_loads_saves_the_recording_in_time(
        self, scene: Scene
    ) -> None:
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        assert scene.loading.wait(PATIENCE)
        scene.source.play(TALK.samples)
        meeting.stop(timeout=0.1)
        (summary,) = SessionStore(scene.paths.meetings).list()
        assert summary.state is MeetingState.COMPLETE
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))
        scene.may_load.set()

    def test_a_model_that_is_loaded_in_time_finishes_what_was_said(self, scene: Scene) -> None:
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        assert scene.loading.wait(PATIENCE)
        scene.source.play(TALK.samples)
        threading.Timer(0.05, scene.may_load.set).start()
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]

    def test_what_recognition_cannot_take_is_told_and_recorded(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(captioning, "_SPEECH_BACKLOG", 1.0)
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        scene.wait_until_recorded(TALK.seconds)
        scene.may_load.set()
        meeting.stop()
        skipped = scene.heard.of(RecognitionSkipped)
        assert skipped
        assert skipped[0].start == pytest.approx(1.0, abs=0.1)
        assert skipped[-1].end <= TALK.seconds
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))

    def test_when_nothing_is_recorded_any_more_the_meeting_is_over(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(_writer: TrackWriter, _pcm: bytes) -> None:
            raise DiskFullError("The recording cannot be written: the disk is full")

        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples[:1000])
        monkeypatch.setattr(TrackWriter, "write", full)
        scene.source.play(TALK.samples[1000:2000])
        ended = scene.heard.wait_for(lambda event: isinstance(event, CaptureEnded))
        assert isinstance(ended, CaptureEnded)
        assert "full" in ended.error
        assert ended.hint
        meeting.stop()
        assert SessionStore(scene.paths.meetings).list()[0].state is MeetingState.COMPLETE
