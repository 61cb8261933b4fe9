"""A meeting from start to stop: what it keeps and what it tells."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app import live
from app.core.errors import (
    CaptureError,
    DataFolderError,
    MediaError,
)
from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptureEnded,
    Event,
    FinalCaption,
    LevelMeasured,
    MeetingPaused,
    MeetingResumed,
    StageChanged,
    StageState,
    WordsCommitted,
)
from app.core.paths import default_paths
from app.hearing import source_for
from app.live import LiveMeeting
from app.meeting import MeetingRequest
from app.pipeline.runner import PlainThreadHost
from app.session.store import MeetingState, SessionStore
from tests.fakes.speech import Speaker
from tests.live_scene import TALK, Scene, pcm
from tests.live_scene import scene as scene


class TestAMeeting:
    def test_it_is_recorded_captioned_and_stored(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))
        finals = [(e.utterance, e.revision) for e in scene.heard.of(FinalCaption)]
        assert sorted(finals) == [(0, 0), (0, 1), (1, 0), (1, 1)]
        (summary,) = SessionStore(scene.paths.meetings).list()
        assert summary.duration_s == pytest.approx(TALK.seconds, abs=0.01)
        assert summary.state is MeetingState.COMPLETE

    def test_events_come_after_the_session_has_kept_them(self, scene: Scene) -> None:
        meeting = scene.meeting()
        texts: list[str] = []

        def look(event: Event) -> None:
            if isinstance(event, FinalCaption):
                line = meeting.session.transcript.line(event.utterance)
                texts.append("" if line is None else line.text)

        scene.heard = look  # type: ignore[assignment]
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert texts
        assert all(texts)

    def test_without_saving_there_are_captions_and_nothing_on_disk(self, scene: Scene) -> None:
        meeting = scene.meeting(save=False)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert scene.heard.of(WordsCommitted)
        assert not scene.heard.of(AudioSaved)
        assert not scene.paths.data.exists()

    def test_without_a_model_it_is_recorded(self, scene: Scene) -> None:
        meeting = scene.meeting(model="")
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))
        assert {e.stage for e in scene.heard.of(StageChanged)} == {"recorder"}
        assert scene.heard.of(LevelMeasured)

    def test_sound_that_the_source_lost_is_told_and_captions_keep_their_times(
        self, scene: Scene
    ) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(Speaker().rest(0.5).say("one").samples)
        scene.source.skip(10.0)
        scene.source.play(Speaker().say("two").rest(1.0).samples)
        meeting.stop()
        (gap,) = scene.heard.of(AudioGap)
        assert (gap.start, gap.end) == (pytest.approx(0.9), pytest.approx(10.9))
        last = scene.heard.of(FinalCaption)[-1]
        assert (last.text, last.start) == ("two", pytest.approx(10.9, abs=0.1))

    def test_the_source_is_stopped_before_anything_is_waited_for(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        meeting.stop()
        assert scene.source.diary == ["open", "start", "stop", "close"]
        stopped = [e.stage for e in scene.heard.of(StageChanged) if e.state is StageState.STOPPED]
        assert [s for s in stopped if s != "catch-up"] == ["recorder", "transcribe", "revise"]


class TestAStartThatFails:
    def _assert_nothing_is_left(self, scene: Scene, threads: set[threading.Thread]) -> None:
        assert scene.source.diary[-1] in ("open", "close")
        assert set(threading.enumerate()) == threads
        assert not SessionStore(scene.paths.meetings).list()

    def test_a_source_that_cannot_be_opened(self, scene: Scene) -> None:
        threads = set(threading.enumerate())
        scene.source.refuse_open = CaptureError("It is in use")
        with pytest.raises(CaptureError, match="in use"):
            scene.meeting().start()
        self._assert_nothing_is_left(scene, threads)

    def test_a_source_that_cannot_be_started(self, scene: Scene) -> None:
        threads = set(threading.enumerate())
        scene.source.refuse_start = CaptureError("It is in use")
        with pytest.raises(CaptureError, match="in use"):
            scene.meeting().start()
        self._assert_nothing_is_left(scene, threads)
        assert scene.source.diary[-1] == "close"

    def test_a_data_folder_that_cannot_be_written(self, scene: Scene) -> None:
        threads = set(threading.enumerate())
        scene.paths.data.parent.mkdir(parents=True, exist_ok=True)
        scene.paths.data.write_text("in the way", encoding="utf-8")
        with pytest.raises(DataFolderError):
            scene.meeting().start()
        assert scene.source.diary == ["open", "close"]
        assert set(threading.enumerate()) == threads

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        request = MeetingRequest(str(tmp_path / "nowhere.wav"))
        paths = default_paths()
        with pytest.raises(MediaError, match=r"nowhere\.wav"):
            LiveMeeting(request, paths, PlainThreadHost(), lambda _event: None).start()
        assert not paths.meetings.exists()


class TestPause:
    def test_the_clock_stands_still(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(Speaker().rest(0.5).say("one", "end").rest(1.1).samples)
        at = meeting.seconds
        meeting.pause()
        scene.source.play(Speaker().say("seven", "seven").rest(5).samples)
        assert meeting.seconds == at
        meeting.resume()
        after = Speaker().rest(0.5).say("two", "end").rest(1.0)
        scene.source.play(after.samples)
        meeting.stop()
        assert scene.heard.of(MeetingPaused) == [MeetingPaused(at)]
        assert scene.heard.of(MeetingResumed) == [MeetingResumed(at)]
        assert not scene.heard.of(AudioGap)
        assert scene.stored() == ["one end.", "two end."]
        starts = {e.text: e.start for e in scene.heard.of(FinalCaption)}
        assert starts["two end."] == pytest.approx(at + 0.5, abs=0.06)
        assert len(scene.recorded()) / 16_000 == pytest.approx(at + after.seconds)

    def test_twice_is_once(self, scene: Scene) -> None:
        meeting = scene.meeting(model="")
        meeting.start()
        for _ in range(2):
            meeting.pause()
        for _ in range(2):
            meeting.resume()
        meeting.stop()
        assert scene.heard.of(MeetingPaused) == [MeetingPaused(0.0)]
        assert scene.heard.of(MeetingResumed) == [MeetingResumed(0.0)]

    def test_a_paused_meeting_can_be_stopped(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.pause()
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]


@pytest.fixture
def short_file(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, Speaker().say("one", "end").samples, 16_000, subtype="PCM_16")
    return path


def test_a_file_plays_at_real_time_to_its_end(
    short_file: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "source_for", source_for)
    request = MeetingRequest(str(short_file), model="tiny.en", language="en")
    meeting = LiveMeeting(request, scene.paths, PlainThreadHost(), scene.heard)
    meeting.start()
    scene.heard.wait_for(lambda e: e == CaptureEnded("talk"))
    meeting.stop()
    assert scene.stored() == ["one end."]
    assert meeting.seconds == pytest.approx(0.8, abs=0.01)
    assert meeting.stream_time >= 0.7
    np.testing.assert_array_equal(scene.recorded(), soundfile.read(short_file, dtype="int16")[0])
