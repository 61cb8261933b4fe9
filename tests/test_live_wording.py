"""A meeting's own terms and corrections."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import meeting
from app.core.errors import StorageError
from app.core.events import FinalCaption
from app.core.paths import default_paths
from app.meeting import MeetingRequest, new_meeting
from app.session.store import SessionStore
from app.vocabulary.corrections import Corrections
from app.vocabulary.terms import FILE, load_vocabulary
from tests.live_scene import TALK, Scene
from tests.live_scene import scene as scene


def keep_corrections(scene: Scene, table: str) -> None:
    scene.paths.data.mkdir(parents=True)
    scene.paths.corrections.write_text(table, encoding="utf-8")


def hold(scene: Scene) -> None:
    """A whole meeting, in which `TALK` is said."""
    meeting = scene.meeting()
    meeting.start()
    scene.source.play(TALK.samples)
    meeting.stop()


class TestWording:
    def test_captions_are_corrected_and_keep_what_was_heard(self, scene: Scene) -> None:
        keep_corrections(scene, "one two\tTwelve\n")
        hold(scene)
        assert scene.stored() == ["Twelve end.", "three end."]
        originals = [e.original for e in scene.heard.of(FinalCaption) if e.utterance == 0]
        assert originals == ["one two end."] * 2
        (journal,) = scene.paths.meetings.glob("*/journal.jsonl")
        assert '"original":' in journal.read_text(encoding="utf-8")

    def test_captions_outlive_corrections_that_fail(
        self, scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def failing(_table: Corrections, _text: str) -> str:
            raise KeyError("one two")

        monkeypatch.setattr(Corrections, "text", failing)
        keep_corrections(scene, "one two\tTwelve\n")
        hold(scene)
        assert scene.stored() == ["one two end.", "three end."]
        told = [record for record in caplog.records if "corrections" in record.message]
        assert len(told) == 1

    def test_a_meeting_keeps_its_own_terms(self, scene: Scene) -> None:
        meeting = scene.meeting(vocabulary=("Okafor", "김민수"))
        meeting.start()
        meeting.stop()
        (file,) = scene.paths.meetings.glob("*/vocabulary.txt")
        assert file.read_text(encoding="utf-8") == "Okafor\n김민수\n"

    def test_lists_that_cannot_be_read_keep_no_meeting_from_being_recorded(
        self, scene: Scene
    ) -> None:
        keep_corrections(scene, "no pair\n")
        scene.paths.vocabulary.write_bytes(b"\xff\xfe\x00")
        hold(scene)
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
