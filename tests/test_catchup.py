"""What was skipped is recognised from the recording, at its place in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app import captioning, live
from app.capture.resample import SpeechResampler
from app.catchup import CatchUpStage, StretchRecogniser, recorded_blocks
from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat
from app.core.events import (
    LATE_UTTERANCES,
    Event,
    FinalCaption,
    LanguageDetected,
    RecognitionCaughtUp,
    RecognitionSkipped,
    Word,
)
from app.core.paths import default_paths
from app.live import LiveMeeting
from app.meeting import MeetingRequest
from app.pipeline.chain import Chain
from app.pipeline.protocol import Stage
from app.pipeline.runner import PlainThreadHost
from app.session.audio import AudioReader
from app.session.recorder import RecorderStage
from app.session.store import SessionStore
from app.speech.transcribe.utterance import SpeechRested
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker, ramble

FORM = AudioFormat(SPEECH_RATE, 1)


def spoken() -> Speaker:
    """Three lines of words, each after two seconds of silence."""
    speaker = Speaker().rest(2)
    for line in (("one", "two", "end"), ("three", "four", "end"), ("five", "six", "end")):
        speaker.say(*line).rest(6)
    return speaker


def blocks(speaker: Speaker) -> list[AudioBlock]:
    pcm = np.rint(speaker.samples * 32767).astype(np.int16)[:, None]
    return [AudioBlock(at, pcm[at : at + 640], FORM) for at in range(0, len(pcm), 640)]


def recorded(folder: Path, speaker: Speaker) -> AudioReader:
    recorder = RecorderStage(folder, "mic")
    recorder.open()
    list(recorder.feed(blocks(speaker)))
    recorder.close()
    return AudioReader(folder)


def whole() -> Stage[AudioBlock, FinalCaption | LanguageDetected]:
    """Resampling, a detector of loudness and a model that hears tones."""
    hearing = Chain(VadStage(detector=LoudnessDetector), WholeStage(FakeWhisper, "en"))
    return Chain(SpeechResampler(), hearing)


def recogniser(reader: AudioReader, cancelled: Callable[[], bool] = lambda: False) -> CatchUpStage:
    return CatchUpStage(StretchRecogniser(reader, whole, cancelled=cancelled))


def test_the_blocks_of_a_recording_are_what_was_recorded(tmp_path: Path) -> None:
    speaker = spoken()
    reader = recorded(tmp_path, speaker)
    found = list(recorded_blocks(reader, 1.0, 4.0, seconds=0.7))
    whole_sound = np.concatenate([block.samples for block in blocks(speaker)])
    assert found[0].first_frame == SPEECH_RATE
    assert found[-1].end_frame == 4 * SPEECH_RATE
    heard = np.concatenate([block.samples for block in found])
    assert np.array_equal(heard, whole_sound[SPEECH_RATE : 4 * SPEECH_RATE])


def test_no_recording_gives_no_blocks(tmp_path: Path) -> None:
    assert not list(recorded_blocks(AudioReader(tmp_path), 0.0, 5.0))


def test_a_stretch_becomes_captions_at_their_places(tmp_path: Path) -> None:
    speaker = spoken()
    stage = recogniser(recorded(tmp_path, speaker))
    start, end = speaker.said[3].start - 1, speaker.said[5].end + 1
    *captions, done = [*stage.feed([RecognitionSkipped(start, end)]), *stage.flush()]
    assert done == RecognitionCaughtUp(start, end)
    (caption,) = captions
    assert isinstance(caption, FinalCaption)
    assert (caption.utterance, caption.revision) == (LATE_UTTERANCES, 0)
    assert caption.text == "three four end."
    assert caption.start == pytest.approx(speaker.said[3].start, abs=0.06)
    assert caption.end == pytest.approx(speaker.said[5].end, abs=0.06)


def caught_up(recogniser: StretchRecogniser, start: float, end: float) -> list[Word]:
    told = recogniser.recognise(start, end)
    return [word for event in told if isinstance(event, FinalCaption) for word in event.words]


def test_words_at_the_edges_are_heard_whole_and_belong_to_one_side(tmp_path: Path) -> None:
    said = (speaker := Speaker().say(*ramble(20))).said
    recogniser = StretchRecogniser(recorded(tmp_path, speaker), whole)
    start, end = said[5].start + 0.25, said[14].start + 0.15
    found = caught_up(recogniser, start, end)
    assert [word.text.strip() for word in found] == [word.text for word in said[6:14]]
    start, end = said[5].start + 0.1, said[14].start + 0.25
    found = caught_up(recogniser, start, end)
    assert [word.text.strip() for word in found] == [word.text for word in said[5:15]]
    assert found[0].start == pytest.approx(said[5].start, abs=0.06)
    assert said[14].end <= found[-1].end <= said[15].start, "to the end, not to the edge"


def test_no_word_is_lost_or_said_twice_beside_those_that_stand(tmp_path: Path) -> None:
    """Where the words that stand end and begin is known only roughly."""
    said = (speaker := Speaker().say(*ramble(20))).said
    standing = [Word(f" {word.text}", word.start, word.end, 0.9) for word in said]
    for off in (-0.2, 0.2):
        recogniser = StretchRecogniser(
            recorded(tmp_path / str(off), speaker),
            whole,
            standing=lambda _start, _end: [*standing[:6], *standing[14:]],
        )
        found = caught_up(recogniser, said[5].end + off, said[14].start + off)
        assert [word.text.strip() for word in found] == [word.text for word in said[6:14]]


def test_stretches_that_touch_are_caught_up_as_one(tmp_path: Path) -> None:
    said = (speaker := Speaker().say(*ramble(20)).rest(6)).said
    stage = recogniser(recorded(tmp_path, speaker))
    edge = said[10].start + 0.15
    skipped = [RecognitionSkipped(0.0, edge), RecognitionSkipped(edge, speaker.seconds)]
    told = [*stage.feed([skipped[0]]), *stage.feed([skipped[1]]), *stage.flush()]
    assert told[-1] == RecognitionCaughtUp(0.0, speaker.seconds)
    heard = " ".join(event.text for event in told if isinstance(event, FinalCaption))
    assert heard == " ".join(word.text for word in said)


def test_a_lull_is_time_for_one_stretch(tmp_path: Path) -> None:
    speaker = spoken()
    stage = recogniser(recorded(tmp_path, speaker))
    first, second = RecognitionSkipped(0.0, 6.0), RecognitionSkipped(7.0, speaker.seconds)
    assert not list(stage.feed([first, second]))
    in_lull = list(stage.feed([SpeechRested(20.0)]))
    assert in_lull[-1] == RecognitionCaughtUp(0.0, 6.0)
    rest = [e for e in stage.flush() if isinstance(e, FinalCaption)]
    numbers = [e.utterance for e in [*in_lull, *rest] if isinstance(e, FinalCaption)]
    assert numbers == [LATE_UTTERANCES, LATE_UTTERANCES + 1, LATE_UTTERANCES + 2]
    assert [e.text for e in rest] == ["three four end.", "five six end."]


def test_a_cancelled_stretch_leaves_nothing_half_done(tmp_path: Path) -> None:
    stage = recogniser(recorded(tmp_path, spoken()), cancelled=lambda: True)
    assert not list(stage.feed([RecognitionSkipped(0.0, 9.0), SpeechRested(10.0)]))


class Burst:
    """A source that delivers everything at once, then ends."""

    name = "burst"
    failure = None

    def __init__(self, speaker: Speaker) -> None:
        self._blocks = blocks(speaker)
        self.delivered = threading.Event()

    def open(self) -> AudioFormat:
        return FORM

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        for block in self._blocks:
            deliver(block)
        self.delivered.set()
        ended()

    def stop(self) -> None: ...

    def close(self) -> None: ...


@pytest.fixture
def burst(monkeypatch: pytest.MonkeyPatch) -> Burst:
    """A meeting of which recognition takes three seconds in: its model comes after the sound."""
    source = Burst(spoken())
    ready = threading.Event()

    def load() -> FakeWhisper:
        ready.wait(5)
        return FakeWhisper()

    class Model:
        preset = "balanced"

        def __call__(self) -> FakeWhisper:
            return load()

    report = LiveMeeting._after_recording

    def counted(meeting: LiveMeeting, name: str, item: AudioBlock) -> None:
        report(meeting, name, item)
        if item.end >= source._blocks[-1].end:
            ready.set()

    monkeypatch.setattr(LiveMeeting, "_after_recording", counted)
    monkeypatch.setattr(captioning, "_SPEECH_BACKLOG", 3.0)
    monkeypatch.setattr(live, "source_for", lambda *_: source)
    monkeypatch.setattr(live, "model_for", lambda *_: Model())
    monkeypatch.setattr(VadStage.__init__, "__defaults__", (None, LoudnessDetector))
    return source


def held(save: bool) -> list[Event]:
    told: list[Event] = []
    request = MeetingRequest("mic", model="toy", language="en", save=save)
    meeting = LiveMeeting(request, default_paths(), PlainThreadHost(), told.append)
    meeting.start()
    meeting.stop()
    return told


@pytest.mark.usefixtures("burst")
def test_a_meeting_catches_up_with_what_it_skipped() -> None:
    told = held(save=True)
    (skipped,) = [e for e in told if isinstance(e, RecognitionSkipped)]
    assert skipped.end - skipped.start > 10
    assert [e for e in told if isinstance(e, RecognitionCaughtUp)] == [
        RecognitionCaughtUp(skipped.start, skipped.end)
    ]
    store = SessionStore(default_paths().meetings)
    meeting = store.read(store.list()[0].id)
    assert not meeting.transcript.gaps
    text = " ".join(line.text for line in meeting.transcript.lines)
    assert text.endswith("three four end. five six end.")


@pytest.mark.usefixtures("burst")
def test_without_a_recording_the_skipped_part_is_reported() -> None:
    told = held(save=False)
    assert [type(e) for e in told if isinstance(e, RecognitionSkipped | RecognitionCaughtUp)] == [
        RecognitionSkipped
    ]
