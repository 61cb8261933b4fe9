"""The real services: what the window asks for, from a real folder."""

from __future__ import annotations

import json
import wave
from typing import TYPE_CHECKING, Any

import pytest

from app import catchup, diarization, live
from app.core.audio import AudioBlock
from app.core.errors import MeetingMissingError
from app.core.events import (
    AudioGap,
    DeviceChanged,
    FinalCaption,
    LoadChanged,
    LoadLevel,
    RecognitionCaughtUp,
    RecognitionSkipped,
    SpeakerNamed,
    SpeakerTurn,
    Word,
)
from app.core.paths import Paths
from app.gui.adapters import RealServices
from app.gui.rows import MarkKind, MeetingState, SavedMark, Shrunk, TrackRow, Wish
from app.gui.services import Meetings, Models, Services
from app.meeting import MeetingRequest
from app.modelstore.store import ModelStore
from app.pipeline.protocol import Stage
from app.pipeline.runner import PlainThreadHost
from app.session.store import SessionStore
from app.speech.transcribe.decoding import Decoding
from app.speech.transcribe.guidance import Guidance
from app.translation import TranslationWish
from tests.fakes.voices import FakeWholeDiarizer
from tests.test_catchup import recorded, spoken, whole

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.events import Event


@pytest.fixture
def services(tmp_path: Path) -> RealServices:
    return RealServices(Paths(tmp_path / "data", tmp_path / "models"), PlainThreadHost())


@pytest.fixture
def meeting(services: RealServices) -> str:
    """A finished meeting with one line."""
    store = SessionStore(services.paths.meetings)
    with store.create("Talk", "mic", "base", "auto") as session:
        session.record(FinalCaption(0, 0, 0.5, 2.0, "Good mourning", "en", ()))
        session.finish(3.0)
        return session.id


def test_they_are_what_the_window_needs(services: RealServices) -> None:
    whole: Services = services
    meetings: Meetings = whole.meetings
    models: Models = whole.models
    assert meetings.rows() == []
    assert {row.name for row in models.rows()} >= {"base", "tiny.en"}


def test_a_meeting_is_listed_read_and_changed(services: RealServices, meeting: str) -> None:
    meetings = services.meetings
    meetings.edit(meeting, 0, "Good morning")
    meetings.rename(meeting, "Talk about mornings")
    meetings.save_notes(meeting, "*Notes*")
    (row,) = meetings.rows()
    assert (row.id, row.title, row.state) == (meeting, "Talk about mornings", MeetingState.COMPLETE)
    opened = meetings.read(meeting)
    assert [(line.text, line.edited) for line in opened.lines] == [("Good morning", True)]
    assert opened.notes == "*Notes*"
    assert opened.folder == meetings.folder(meeting)


def test_what_happened_to_recognition_comes_back(services: RealServices) -> None:
    store = SessionStore(services.paths.meetings)
    with store.create("Busy", "mic", "base", "auto") as session:
        for event in (
            LoadChanged(LoadLevel.PAUSED, 21.0, 25.0),
            RecognitionSkipped(4.0, 25.0),
            LoadChanged(LoadLevel.NO_PREVIEW, 0.0, 26.0),
            AudioGap(30.0, 31.0, "lost"),
            RecognitionSkipped(40.0, 60.0),
            FinalCaption(9, 0, 5.0, 6.0, "Later", "en", ()),
            RecognitionCaughtUp(4.0, 25.0),
        ):
            session.record(event)
        session.finish(70.0)
    opened = services.meetings.read(session.id)
    assert opened.falls == 1
    assert set(opened.marks) == {
        SavedMark(MarkKind.CAUGHT_UP, 4.0, 25.0),
        SavedMark(MarkKind.LOST, 30.0, 31.0, "lost"),
        SavedMark(MarkKind.SKIPPED, 40.0, 60.0),
    }


@pytest.mark.parametrize("name", ["json", "srt", "vtt", "txt"])
def test_every_format_is_exported(
    services: RealServices, meeting: str, tmp_path: Path, name: str
) -> None:
    (found,) = [f for f in services.formats() if f.name == name]
    path = tmp_path / f"talk{found.suffix}"
    services.meetings.export(meeting, name, path)
    text = path.read_text(encoding="utf-8")
    assert "Good mourning" in text
    assert name != "json" or json.loads(text)["lines"]


def test_a_meeting_is_deleted(services: RealServices, meeting: str) -> None:
    services.meetings.delete(meeting)
    assert services.meetings.rows() == []
    with pytest.raises(MeetingMissingError):
        services.meetings.read(meeting)


def test_what_is_missing_is_recognised_as_the_meeting_wants_it(
    services: RealServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Guidance] = []

    def stage(_model: object, _language: str, guidance: Guidance) -> Stage[AudioBlock, Any]:
        asked.append(guidance)
        return whole()

    monkeypatch.setattr(catchup, "whole_stage", stage)
    monkeypatch.setattr(ModelStore, "locate", lambda _store, name: name)
    store = SessionStore(services.paths.meetings)
    with store.create("Silent", "mic", "", "en", "translate") as session:
        (session.folder / "vocabulary.txt").write_text("Ada\n", encoding="utf-8")
        recorded(session.audio_folder, spoken())
        session.finish(spoken().seconds)
    services.meetings.transcribe(session.id, "toy", lambda: True)
    assert services.meetings.read(session.id).lines == (), "it was cancelled"
    assert services.meetings.transcribe(session.id, "toy", lambda: False)
    assert len(services.meetings.read(session.id).lines) == 3
    assert set(asked) == {Guidance(translate=True, terms=("Ada",))}
    assert not services.meetings.transcribe(session.id, "toy", lambda: False)


def test_a_wish_becomes_a_request(services: RealServices, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[MeetingRequest] = []
    monkeypatch.setattr(live, "LiveMeeting", lambda request, *_others: made.append(request))
    wish = Wish(
        "mic", "", "base", "ko,en", "Talk", 2, "accurate", "offline",
        translate=True, vocabulary=("Ada",),
    )  # fmt: skip
    services.live(wish, lambda _event: None)
    assert made == [
        MeetingRequest(
            "mic",
            model="base",
            language="ko,en",
            title="Talk",
            threads=2,
            policy="offline",
            decoding=Decoding(preset="accurate"),
            translate=True,
            vocabulary=("Ada",),
            translation=TranslationWish(),
        )
    ]


def test_the_processor_is_named_with_the_reason(services: RealServices) -> None:
    named = services.processor("base")
    assert "the graphics card (" in named or "the CPU (int8), because" in named


def test_interrupted_meetings_are_recovered(services: RealServices) -> None:
    store = SessionStore(services.paths.meetings)
    session = store.create("Cut short", "mic", "", "auto")
    assert services.meetings.rows()[0].state is MeetingState.RECORDING
    session.close()
    assert services.meetings.rows()[0].state is MeetingState.INTERRUPTED
    assert [row.title for row in services.meetings.recover()] == ["Cut short"]
    assert services.meetings.rows()[0].state is MeetingState.COMPLETE


def test_models_are_described_before_they_are_fetched(services: RealServices) -> None:
    rows = {row.name: row for row in services.models.rows()}
    assert rows["base"].languages == ()
    assert rows["tiny.en"].languages == ("en",)
    assert 100 < rows["base"].size_mb < 200
    assert all(row.licence and not row.installed for row in rows.values())


def test_speakers_are_found_named_and_read(
    services: RealServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = (SpeakerTurn(0.0, 1.2, 0), SpeakerTurn(1.2, 3.0, 1))
    monkeypatch.setattr(diarization, "locate_engine", lambda *_: services.paths.models)
    monkeypatch.setattr(diarization, "offline_diarizer_for", lambda *_: FakeWholeDiarizer(turns))
    words = tuple(
        Word(f" {text}", 0.4 * n, 0.4 * (n + 1), 0.9)
        for n, text in enumerate(["How", "are", "you?", "I", "am", "fine."])
    )
    with SessionStore(services.paths.meetings).create("Talk", "mic", "base", "en") as session:
        session.record(FinalCaption(0, 0, 0.0, 2.4, "How are you? I am fine.", "en", words))
        session.finish(3.0)
    meetings, shares = services.meetings, list[float]()
    assert not meetings.find_speakers(session.id, "embedded", shares.append, lambda: True)
    assert meetings.read(session.id).lines[0].speakers == ()
    assert meetings.find_speakers(session.id, "embedded", shares.append, lambda: False)
    meetings.tell(session.id, SpeakerNamed(1, "Anna"))
    opened = meetings.read(session.id)
    assert [(line.text, line.speakers, line.part) for line in opened.lines] == [
        ("How are you?", (0,), 0), ("I am fine.", (1,), 1)
    ]  # fmt: skip
    assert opened.lines[1].span == (words[3].start, words[-1].end)
    assert opened.names == {1: "Anna"}
    assert shares == [0.5]


def test_the_model_for_speakers_is_not_one_for_words(services: RealServices) -> None:
    row = services.models.voices()
    assert (row.name, row.installed) == ("voices", False)
    assert row.size_mb > 20
    assert row.name not in {found.name for found in services.models.rows()}


def recorded_meeting(services: RealServices, *events: Event) -> str:
    """A finished meeting with two seconds of sound and two lines."""
    store = SessionStore(services.paths.meetings)
    with store.create("Talk", "mic", "base", "auto") as session:
        write_wav(session.audio_folder / "mic-0001.wav", seconds=8.0)
        for n, (start, text) in enumerate(((1.0, "secret"), (5.0, "plan"))):
            word = Word(f" {text}", start, start + 1.0, 0.9)
            session.record(FinalCaption(n, 0, start, start + 1.0, text, "en", (word,)))
        for event in events:
            session.record(event)
        session.finish(8.0)
        return session.id


def write_wav(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(b"\x10\x20" * round(16_000 * seconds))


def test_lines_and_their_sound_are_forgotten(services: RealServices) -> None:
    meeting = recorded_meeting(services)
    services.meetings.forget(meeting, 1.0, 2.0)
    opened = services.meetings.read(meeting)
    assert [(line.text, line.end) for line in opened.lines] == [("plan", 6.0)]
    assert opened.marks == (SavedMark(MarkKind.FORGOTTEN, 1.0, 2.0),)
    for path in opened.folder.rglob("*"):
        assert path.is_dir() or b"secret" not in path.read_bytes()
    sound = SessionStore(services.paths.meetings).read(meeting).audio.read("mic", 1.0, 2.0)
    assert not sound.samples.any()


def test_a_new_device_is_marked(services: RealServices) -> None:
    changed = DeviceChanged("mic", "USB Headset", 3.0, "the default device has changed")
    meeting = recorded_meeting(services, changed)
    marks = services.meetings.read(meeting).marks
    assert marks == (SavedMark(MarkKind.DEVICE, 3.0, 3.0, "USB Headset"),)


def test_a_recording_becomes_smaller_and_can_still_be_changed(services: RealServices) -> None:
    meeting = recorded_meeting(services)
    assert services.meetings.large() == [meeting]
    shares: list[float] = []
    done = services.meetings.shrink(meeting, "flac", shares.append, lambda: False)
    assert (done, shares) == (Shrunk.DONE, [1.0])
    assert services.meetings.large() == []
    audio = services.meetings.folder(meeting) / "audio"
    assert [path.name for path in audio.iterdir()] == ["mic-0001.flac"]
    services.meetings.rename(meeting, "Smaller")
    again = services.meetings.shrink(meeting, "flac", shares.append, lambda: False)
    assert again is Shrunk.NOTHING


def test_a_conversion_that_is_cancelled_leaves_the_original(services: RealServices) -> None:
    meeting = recorded_meeting(services)
    done = services.meetings.shrink(meeting, "flac", lambda _share: None, lambda: True)
    assert done is Shrunk.LATER
    audio = services.meetings.folder(meeting) / "audio"
    assert [path.name for path in audio.iterdir()] == ["mic-0001.wav"]


def test_what_came_back_is_told_with_its_tracks(services: RealServices) -> None:
    store = SessionStore(services.paths.meetings)
    session = store.create("Cut short", "mic", "", "auto")
    write_wav(session.audio_folder / "mic-0001.wav", seconds=2.0)
    session.record(FinalCaption(0, 0, 0.5, 1.5, "Hello", "en", ()))
    session.close()
    (row,) = services.meetings.recover()
    assert (row.id, row.title, row.lines) == (session.id, "Cut short", 1)
    assert row.tracks == (TrackRow("mic", 2.0),)
    assert services.meetings.recover() == []


def test_free_space_is_known_before_there_is_a_folder(services: RealServices) -> None:
    assert not services.paths.meetings.exists()
    assert services.meetings.free_bytes() > 0


def test_a_wish_for_both_sources_becomes_a_request(
    services: RealServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[MeetingRequest] = []

    def remember(request: MeetingRequest, *_rest: object) -> None:
        requests.append(request)

    monkeypatch.setattr(live, "LiveMeeting", remember)
    wish = Wish("both", "usb", "", "auto", "Talk", system_device="hdmi", resume="m1")
    services.live(wish, lambda _event: None)
    (request,) = requests
    assert request.sources == (("mic", "usb"), ("system", "hdmi"))
    assert (request.resume, request.own_voice) == ("m1", True)
