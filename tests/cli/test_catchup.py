"""`captionist meetings transcribe`, and a saved fast run: captions for what has none yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app import catchup
from app.cli.live import _Keeper
from app.cli.meetings import meetings
from app.core.audio import AudioBlock
from app.core.errors import ModelMissingError
from app.core.events import (
    LATE_UTTERANCES,
    CaptionEdited,
    FinalCaption,
    RecognitionCaughtUp,
    RecognitionSkipped,
)
from app.core.paths import default_paths
from app.core.resources import resource
from app.meeting import MeetingRequest
from app.modelstore.store import ModelStore
from app.pipeline.protocol import Stage
from app.selftest import share_heard
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import SessionStore
from app.speech.transcribe.guidance import Guidance
from tests.fakes.speech import FakeWhisper
from tests.programs import run_captionist
from tests.test_catchup import blocks, spoken, whole

LINES = ["one two end.", "three four end.", "five six end."]


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> SessionStore:
    monkeypatch.setattr(catchup, "whole_stage", lambda *_: whole())
    monkeypatch.setattr(ModelStore, "locate", lambda _store, name: Path(name))
    return SessionStore(default_paths().meetings)


def recorded(store: SessionStore, model: str = "", task: str = "transcribe") -> Session:
    session = store.create("", "mic", model, "en", task)
    recorder = RecorderStage(session.audio_folder, "mic")
    recorder.open()
    list(recorder.feed(blocks(spoken())))
    recorder.close()
    return session


def run(*arguments: str) -> Result:
    return CliRunner().invoke(meetings, arguments, catch_exceptions=False, standalone_mode=False)


def texts(store: SessionStore, meeting_id: str) -> list[str]:
    return [line.text for line in store.read(meeting_id).transcript.lines]


def test_a_meeting_without_captions_gets_them(store: SessionStore) -> None:
    with recorded(store) as session:
        session.finish(spoken().seconds)
    done = run("transcribe", session.id, "--model", "toy", "--language", "en")
    assert [line[8:] for line in done.stdout.splitlines()] == LINES
    assert texts(store, session.id) == LINES
    meeting = store.read(session.id)
    assert (meeting.info.model, meeting.info.lines) == ("toy", 3)
    assert "already" in run("transcribe", session.id, "--model", "toy").stderr
    assert texts(store, session.id) == LINES


Asked = tuple[str, Guidance]


@pytest.fixture
def asked(store: SessionStore, monkeypatch: pytest.MonkeyPatch) -> list[Asked]:
    """Language and guidance of each recognition."""
    found: list[Asked] = []

    def stage(_model: object, language: str, guidance: Guidance) -> Stage[AudioBlock, Any]:
        found.append((language, guidance))
        return whole()

    monkeypatch.setattr(catchup, "whole_stage", stage)
    return found


def test_a_meeting_is_recognised_as_it_was_to_be_when_it_was_recorded(
    store: SessionStore, asked: list[Asked]
) -> None:
    default_paths().vocabulary.parent.mkdir(parents=True, exist_ok=True)
    default_paths().vocabulary.write_text("Grace\nada\n", encoding="utf-8")
    with recorded(store, task="translate") as session:
        (session.folder / "vocabulary.txt").write_text("# of this meeting\nAda\n")
        session.finish(spoken().seconds)
    run("transcribe", session.id, "--model", "toy")
    assert asked == [("en", Guidance(translate=True, terms=("Ada", "Grace")))]
    assert store.read(session.id).info.task == "translate"
    assert "Task      translated to English" in run("show", session.id).stdout


def test_what_is_said_on_the_command_line_goes_before_the_meeting(
    store: SessionStore, asked: list[Asked]
) -> None:
    with recorded(store) as session:
        session.finish(spoken().seconds)
    run("transcribe", session.id, "--model", "toy", "--language", "ko,en", "--task", "translate")
    assert asked == [("ko,en", Guidance(translate=True))]
    info = store.read(session.id).info
    assert (info.task, info.translated) == ("translate", True)


def test_own_terms_that_cannot_be_read_do_not_stop_recognition(
    store: SessionStore, asked: list[Asked]
) -> None:
    with recorded(store) as session:
        (session.folder / "vocabulary.txt").write_bytes(b"\xff\xfe\x00")
        session.finish(spoken().seconds)
    run("transcribe", session.id, "--model", "toy")
    assert asked == [("en", Guidance())]


def test_only_what_was_skipped_is_recognised(store: SessionStore) -> None:
    said = spoken().said
    middle = RecognitionSkipped(said[3].start - 1, said[5].end + 1)
    with recorded(store, "base") as session:
        session.record(FinalCaption(0, 1, said[0].start, said[2].end, "heard live", "en", ()))
        session.record(middle)
        session.record(FinalCaption(1, 1, said[6].start, said[8].end, "too", "en", ()))
        session.record(FinalCaption(1, 2, said[6].start, said[8].end, "", "en", ()))
        session.record(CaptionEdited(0, "edited"))
        session.finish(spoken().seconds)
    run("transcribe", session.id, "--model", "toy")
    meeting = store.read(session.id)
    assert [(line.utterance, line.text) for line in meeting.transcript.lines] == [
        (0, "edited"),
        (2, "three four end."),
    ]
    assert not meeting.transcript.gaps
    assert meeting.info.model == "base"


def test_a_missing_model_changes_nothing(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recorded(store) as session:
        session.finish(1.0)
    data = str(default_paths().data)
    monkeypatch.undo()
    monkeypatch.setenv("CAPTIONIST_DATA", data)
    with pytest.raises(ModelMissingError):
        run("transcribe", session.id, "--model", "toy")
    assert texts(store, session.id) == []


@pytest.mark.model
def test_the_real_program_recognises_what_it_recorded(tiny_en_store: Path, tmp_path: Path) -> None:
    places = {"CAPTIONIST_DATA": str(tmp_path), "CAPTIONIST_MODELS": str(tiny_en_store)}
    store = SessionStore(tmp_path / "meetings")
    with store.create("", "clip", "", "en") as session:
        from app.capture.media import MediaFile

        recorder = RecorderStage(session.audio_folder, "clip")
        recorder.open()
        with MediaFile(resource("selftest.flac")) as media:
            media.open()
            for block in media.blocks():
                list(recorder.feed([block]))
        recorder.close()
        session.finish(8.0)
    done = run_captionist("meetings", "transcribe", session.id, "--model", "tiny.en", **places)
    assert done.returncode == 0, done.stderr
    wanted = resource("selftest.txt").read_text(encoding="utf-8")
    assert share_heard(wanted, " ".join(texts(store, session.id))) > 0.9


def test_a_fast_run_that_is_saved_catches_up_with_what_it_skipped(store: SessionStore) -> None:
    request = MeetingRequest("talk.wav", model="toy", language="en")
    said = spoken()
    missed = RecognitionSkipped(said.said[3].start - 1, said.said[5].end + 1)
    with _Keeper(request, default_paths()) as keeper:
        assert sum(block.frames for block in keeper.recorded(blocks(said))) == len(said.samples)
        keeper.record(missed)
        caption, done = keeper.caught_up(FakeWhisper, ())
        for event in (caption, done):
            keeper.record(event)
        keeper.finish(said.seconds)
    assert isinstance(caption, FinalCaption)
    assert (caption.utterance, caption.text) == (LATE_UTTERANCES, LINES[1])
    assert done == RecognitionCaughtUp(missed.start, missed.end)
    assert texts(store, keeper.meeting) == LINES[1:2]
    assert not store.read(keeper.meeting).transcript.gaps


def test_a_fast_run_that_is_not_saved_cannot_catch_up(store: SessionStore) -> None:
    request = MeetingRequest("talk.wav", model="toy", save=False)
    with _Keeper(request, default_paths()) as keeper:
        list(keeper.recorded(blocks(spoken())))
        keeper.record(RecognitionSkipped(1.0, 9.0))
        assert not list(keeper.caught_up(FakeWhisper, ()))
    assert not store.list()
