"""Nothing of a meeting is lost: no room, a hanging model, going on later; and what is forgotten."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import CaptureError, MeetingMissingError
from app.core.events import (
    AudioGap,
    CaptureEnded,
    FinalCaption,
    MeetingForgot,
    MeetingStarted,
    RecognitionCaughtUp,
    RecognitionSkipped,
    SpaceMeasured,
    SpeakerTurn,
    StageChanged,
    StageState,
    WordsCommitted,
)
from app.diarization import SpeakerWish
from app.intake import later
from app.session import recorder
from app.session.store import MeetingState, SessionStore
from tests.fakes.speech import Speaker
from tests.fakes.voices import FakeDiarizer
from tests.live_scene import PATIENCE, TALK, Scene, pcm
from tests.live_scene import scene as scene

RATE = 16_000
LONG_S = 60.0


def meeting_of(scene: Scene) -> tuple[object, object]:
    (summary,) = SessionStore(scene.paths.meetings).list()
    return summary.state, summary.duration_s


class TestAModelThatHangs:
    def test_the_recording_never_waits_for_it(self, scene: Scene) -> None:
        """60 s of sound while the decoder stands still: no frame is dropped."""
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        assert scene.loading.wait(PATIENCE)
        sound = np.resize(TALK.samples, round(LONG_S * RATE))
        for at in range(0, len(sound), 10 * RATE):
            scene.source.play(sound[at : at + 10 * RATE])
            scene.wait_until_recorded(at / RATE + 9.0)
        np.testing.assert_array_equal(scene.recorded()[: 58 * RATE], pcm(sound)[: 58 * RATE])
        scene.may_load.set()
        meeting.stop()
        assert not scene.heard.of(AudioGap)
        np.testing.assert_array_equal(scene.recorded(), pcm(sound))

    def test_stop_finishes_the_meeting_and_names_what_hangs(self, scene: Scene) -> None:
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        assert scene.loading.wait(PATIENCE)
        scene.source.play(TALK.samples)
        meeting.stop(timeout=0.1)
        assert "transcribe" in meeting.late
        assert meeting_of(scene) == (MeetingState.COMPLETE, pytest.approx(TALK.seconds, abs=0.01))
        np.testing.assert_array_equal(scene.recorded(), pcm(TALK.samples))

    def test_stop_that_was_interrupted_can_be_called_again(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        meeting.stop(timeout=0.0)
        assert meeting.late == ()
        assert meeting_of(scene)[0] is MeetingState.COMPLETE


class TestSpace:
    def test_a_disk_that_fills_up_ends_the_meeting_in_order(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        free = [900_000_000]
        defaults = recorder.RecorderStage.__init__.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "free", lambda _folder: free[0])
        monkeypatch.setattr("app.session.space.CHECK_SECONDS", 0.0)
        meeting = scene.meeting("mic+system", model="")
        meeting.start()
        scene.play_both(TALK.samples, TALK.samples)
        scene.heard.wait_for(lambda e: e == SpaceMeasured(900_000_000, stopping=False))
        assert not scene.heard.of(CaptureEnded)
        free[0] = 150_000_000
        scene.source.play(TALK.samples[:RATE])
        ended = scene.heard.wait_for(lambda e: isinstance(e, CaptureEnded))
        assert isinstance(ended, CaptureEnded)
        assert "nearly full" in ended.error
        assert ended.hint
        scene.source.play(TALK.samples)
        meeting.stop()
        told = [event.stopping for event in scene.heard.of(SpaceMeasured)]
        assert told == [False, True]
        state, seconds = meeting_of(scene)
        assert state is MeetingState.COMPLETE
        assert isinstance(seconds, float)
        shut_meanwhile = 1.0  # s of the last sound, some of which may have come too late
        assert TALK.seconds - 0.01 <= seconds <= TALK.seconds + shut_meanwhile + 0.01


class TestForgetting:
    def test_the_last_of_it_goes_from_sound_and_text(self, scene: Scene) -> None:
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        scene.heard.wait_for(lambda e: isinstance(e, FinalCaption) and e.text == "three end.")
        told = meeting.forget(TALK.seconds - 2.0)
        after = Speaker().rest(0.5).say("four", "end").rest(1.5)
        scene.source.play(after.samples)
        meeting.stop()
        assert scene.heard.of(MeetingForgot) == [told]
        assert told.start == pytest.approx(2.0)
        assert told.end == pytest.approx(TALK.seconds)
        assert scene.stored() == ["one two end.", "four end."]
        sound = scene.recorded()
        assert not sound[2 * RATE : len(TALK.samples)].any()
        np.testing.assert_array_equal(sound[: 2 * RATE], pcm(TALK.samples)[: 2 * RATE])
        np.testing.assert_array_equal(sound[len(TALK.samples) :], pcm(after.samples))
        (journal,) = scene.paths.meetings.glob("*/journal.jsonl")
        text = journal.read_text(encoding="utf-8")
        assert "three" not in text
        assert '"forgot"' in text

    def test_what_is_recognised_later_is_not_told_either(self, scene: Scene) -> None:
        scene.may_load.clear()
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        scene.wait_until_recorded(TALK.seconds - 0.1)
        meeting.forget(TALK.seconds)
        scene.may_load.set()
        meeting.stop()
        assert scene.stored() == []
        assert not scene.heard.of(WordsCommitted)
        assert not scene.heard.of(FinalCaption)
        assert not scene.recorded().any()

    def test_both_tracks_forget(self, scene: Scene) -> None:
        meeting = scene.meeting("mic+system", model="")
        meeting.start()
        scene.play_both(TALK.samples, TALK.samples)
        meeting.forget(100.0)
        meeting.stop()
        assert not scene.recorded("mic").any()
        assert not scene.recorded("system").any()


class TestGoingOn:
    def first(self, scene: Scene, source: str = "mic", **choices: object) -> str:
        meeting = scene.meeting(source, **choices)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        scene.source.place = 0
        return meeting.session.id

    def test_sound_and_text_follow_what_was_there(self, scene: Scene) -> None:
        meeting_id = self.first(scene)
        meeting = scene.meeting(resume=meeting_id)
        meeting.start()
        assert meeting.begin == meeting.seconds == pytest.approx(TALK.seconds)
        after = Speaker().rest(0.5).say("four", "end").rest(1.5)
        scene.source.play(after.samples)
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end.", "four end."]
        last = meeting.session.transcript.lines[-1]
        assert last.start == pytest.approx(TALK.seconds + 0.5, abs=0.1)
        assert meeting_of(scene) == (
            MeetingState.COMPLETE, pytest.approx(TALK.seconds + after.seconds, abs=0.01)
        )  # fmt: skip
        together = np.concatenate([pcm(TALK.samples), pcm(after.samples)])
        np.testing.assert_array_equal(scene.recorded(), together)
        assert not scene.heard.of(AudioGap)
        assert len(scene.heard.of(MeetingStarted)) == 1

    def test_a_source_that_is_new_has_lost_nothing(self, scene: Scene) -> None:
        meeting_id = self.first(scene, model="")
        meeting = scene.meeting("mic+system", resume=meeting_id, model="")
        meeting.start()
        scene.play_both(TALK.samples, TALK.samples)
        meeting.stop()
        assert not scene.heard.of(AudioGap)
        system = scene.recorded("system")
        np.testing.assert_array_equal(system[-len(TALK.samples) :], pcm(TALK.samples))
        assert not system[: -len(TALK.samples)].any()

    def test_speakers_are_others_than_before(self, scene: Scene) -> None:
        wish = SpeakerWish("embedded")
        meeting_id = self.first(scene, speakers=wish)
        scene.voices = FakeDiarizer()
        before = SessionStore(scene.paths.meetings).read(meeting_id).transcript.turns
        meeting = scene.meeting(resume=meeting_id, speakers=wish)
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        moved = tuple(
            SpeakerTurn(t.start + meeting.begin, t.end + meeting.begin, t.speaker + 2)
            for t in before
        )
        assert meeting.session.transcript.turns == (*before, *moved)

    def test_what_is_caught_up_has_numbers_of_its_own(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("app.captioning._SPEECH_BACKLOG", 0.5)
        for _ in range(2):
            scene.may_load.clear()
            resume = SessionStore(scene.paths.meetings).list()
            meeting = scene.meeting(resume=resume[0].id if resume else "")
            meeting.start()
            scene.source.place = 0
            scene.source.play(TALK.samples)
            scene.wait_until_recorded(meeting.seconds - 0.2)
            scene.may_load.set()
            scene.heard.wait_for(lambda e: e == StageChanged("transcribe", StageState.RUNNING))
            meeting.stop()
        assert scene.heard.of(RecognitionSkipped)
        assert scene.heard.of(RecognitionCaughtUp)
        lines = scene.stored()
        assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]

    def test_a_start_that_fails_leaves_the_meeting_as_it_was(self, scene: Scene) -> None:
        meeting_id = self.first(scene)
        scene.source.refuse_start = CaptureError("It is in use")
        with pytest.raises(CaptureError):
            scene.meeting(resume=meeting_id).start()
        assert meeting_of(scene) == (MeetingState.COMPLETE, pytest.approx(TALK.seconds, abs=0.01))
        assert scene.stored() == ["one two end.", "three end."]

    def test_a_meeting_that_is_not_there(self, scene: Scene) -> None:
        threads = set(threading.enumerate())
        with pytest.raises(MeetingMissingError):
            scene.meeting(resume="20200101").start()
        assert scene.source.diary[-1] == "close"
        assert set(threading.enumerate()) == threads


def test_blocks_of_a_meeting_that_goes_on_lie_behind_it() -> None:
    block = AudioBlock(100, np.ones((10, 1), np.int16), AudioFormat(8_000, 1))
    assert later(block, 2.0).first_frame == 16_100
    assert later(later(block, 2.0), -2.0).first_frame == 100
