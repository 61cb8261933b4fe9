"""A meeting from start to stop: what it keeps, what it tells, and what it survives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from app import live, meeting
from app.capture.resample import SpeechResampler
from app.core.audio import AudioBlock
from app.core.errors import (
    CaptureError,
    DataFolderError,
    DeviceLostError,
    DiskFullError,
    MediaError,
    ModelMissingError,
    StorageError,
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
    RecognitionSkipped,
    StageChanged,
    StageState,
    TurnsFound,
    WordsCommitted,
)
from app.core.paths import Paths, default_paths
from app.diarization import SpeakerWish
from app.live import LiveMeeting, MeetingRequest, Recognition, new_meeting
from app.pipeline.chain import Chain
from app.pipeline.runner import PlainThreadHost
from app.session.session import Session
from app.session.store import MeetingState, SessionStore
from app.speech.transcribe.revise import ReviseStage
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.stage import VadStage
from app.vocabulary.terms import FILE, load_vocabulary
from tests.fakes.sources import FakeSource
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker
from tests.fakes.voices import FakeDiarizer

PATIENCE = 10.0
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

    def __post_init__(self) -> None:
        self.may_load.set()

    def meeting(self, **choices: Any) -> LiveMeeting:
        request = MeetingRequest("mic", **{"model": "tiny.en", "language": "en", **choices})
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
        count = int(seconds / 0.08)
        self.heard.wait_for(lambda _event: len(self.heard.of(LevelMeasured)) >= count)

    def stored(self) -> list[str]:
        """The lines of the only meeting on disk."""
        store = SessionStore(self.paths.meetings)
        (info,) = store.list()
        return [line.text for line in store.read(info.id).transcript.lines]

    def recorded(self) -> np.ndarray[Any, Any]:
        """All the sound on disk."""
        files = sorted(self.paths.meetings.glob("*/audio/*.wav"))
        return np.concatenate([soundfile.read(file, dtype="int16")[0] for file in files])


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    made = Scene(default_paths())
    monkeypatch.setattr(live, "open_source_for", lambda _source, _device: made.source)
    monkeypatch.setattr(live, "recognition_for", made.recognition)
    monkeypatch.setattr(
        live, "diarize_stage", lambda _wish, _paths: Chain(SpeechResampler(), made.voices)
    )
    monkeypatch.setattr(live, "whole_stage", made.whole_stage, raising=False)
    yield made
    made.end()


def pcm(samples: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return (samples * 32767).astype(np.int16)


def failed(stage: str) -> Callable[[Event], bool]:
    return lambda e: (
        isinstance(e, StageChanged) and (e.stage, e.state) == (stage, StageState.FAILED)
    )


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


class TestWhenSomethingGoesWrong:
    def test_a_missing_model_is_told_and_the_recording_is_complete(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.undo()
        monkeypatch.setenv("CAPTIONIST_DATA", str(scene.paths.data))
        monkeypatch.setattr(live, "open_source_for", lambda _source, _device: scene.source)
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
        monkeypatch.setattr(live, "_SPEECH_BACKLOG", 1.0)
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
    from app.capture.factory import open_source_for

    monkeypatch.setattr(live, "open_source_for", open_source_for)
    request = MeetingRequest(str(short_file), model="tiny.en", language="en")
    meeting = LiveMeeting(request, scene.paths, PlainThreadHost(), scene.heard)
    meeting.start()
    scene.heard.wait_for(lambda e: e == CaptureEnded("talk"))
    meeting.stop()
    assert scene.stored() == ["one end."]
    assert meeting.seconds == pytest.approx(0.8, abs=0.01)
    assert meeting.stream_time >= 0.7
    np.testing.assert_array_equal(scene.recorded(), soundfile.read(short_file, dtype="int16")[0])


class TestWording:
    def test_captions_are_corrected_and_keep_what_was_heard(self, scene: Scene) -> None:
        scene.paths.data.mkdir(parents=True)
        scene.paths.corrections.write_text("one two\tTwelve\n", encoding="utf-8")
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert scene.stored() == ["Twelve end.", "three end."]
        originals = [e.original for e in scene.heard.of(FinalCaption) if e.utterance == 0]
        assert originals == ["one two end."] * 2
        (journal,) = scene.paths.meetings.glob("*/journal.jsonl")
        assert '"original":' in journal.read_text(encoding="utf-8")

    def test_a_meeting_keeps_its_own_terms(self, scene: Scene) -> None:
        meeting = scene.meeting(vocabulary=("Okafor", "김민수"))
        meeting.start()
        meeting.stop()
        (file,) = scene.paths.meetings.glob("*/vocabulary.txt")
        assert file.read_text(encoding="utf-8") == "Okafor\n김민수\n"

    def test_lists_that_cannot_be_read_keep_no_meeting_from_being_recorded(
        self, scene: Scene
    ) -> None:
        scene.paths.data.mkdir(parents=True)
        scene.paths.corrections.write_text("no pair\n", encoding="utf-8")
        scene.paths.vocabulary.write_bytes(b"\xff\xfe\x00")
        meeting = scene.meeting()
        meeting.start()
        scene.source.play(TALK.samples)
        meeting.stop()
        assert scene.stored() == ["one two end.", "three end."]


def test_a_meeting_keeps_its_task_and_its_own_terms() -> None:
    wish = MeetingRequest("mic", translate=True, vocabulary=("Ada", "Grace Hopper"))
    with new_meeting(wish, default_paths()) as session:
        assert session.info.translated
        assert load_vocabulary(session.folder / FILE).terms == wish.vocabulary
    with new_meeting(MeetingRequest("mic"), default_paths()) as session:
        assert not session.info.translated
        assert not (session.folder / FILE).exists()


def test_a_meeting_whose_terms_cannot_be_kept_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path, _text: str) -> None:
        raise StorageError("The disk is full")

    monkeypatch.setattr(meeting, "write_list", refuse)
    with pytest.raises(StorageError):
        new_meeting(MeetingRequest("mic", vocabulary=("Ada",)), default_paths())
    assert SessionStore(default_paths().meetings).list() == []


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
