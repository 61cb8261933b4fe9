from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from app import __version__
from app.core.errors import StorageError
from app.core.events import CaptionEdited, FinalCaption, LevelMeasured, Word, WordsCommitted
from app.session.journal import read_journal
from app.session.session import Session
from app.session.store import SessionStore
from tests.core.samples import SAMPLES
from tests.session.limits import largest_file, needs_limits


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "meetings")


def caption(utterance: int, text: str = "one two") -> FinalCaption:
    words = (Word(f" {text}", float(utterance), utterance + 0.5, 0.9),)
    return FinalCaption(utterance, 0, float(utterance), utterance + 0.5, text, "en", words)


def _info(session: Session) -> dict[str, object]:
    content = json.loads((session.folder / "session.json").read_text(encoding="utf-8"))
    assert isinstance(content, dict)
    return content


def test_a_meeting_knows_how_it_began(store: SessionStore) -> None:
    with store.create("Weekly", "mic", "base", "auto") as session:
        info = session.info
    assert (info.title, info.source, info.model, info.language) == ("Weekly", "mic", "base", "auto")
    assert info.app_version == __version__
    assert info.started.tzinfo is not None
    assert datetime.now().astimezone() - info.started < timedelta(minutes=1)
    assert (info.ended, info.duration_s) == (None, 0.0)
    assert session.id == session.folder.name == info.id
    assert session.id.startswith(f"{info.started:%Y%m%d-%H%M%S}-")


def test_facts_reach_journal_and_transcript(store: SessionStore) -> None:
    with store.create("", "mic", "", "auto") as session:
        for event in SAMPLES:
            session.record(event)
        kept = read_journal(session.folder / "journal.jsonl").events
    assert [line.text for line in session.transcript.lines] == ["Good evening."]
    assert [event for event in SAMPLES if event in kept] == kept
    assert not any(isinstance(event, LevelMeasured) for event in kept)


def test_a_reopened_meeting_tells_the_same(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as first:
        first.record(caption(0))
        first.record(WordsCommitted(1, (Word(" three", 1.0, 2.0, 0.5),)))
        first.finish(2.5)
    with store.open(first.id) as again:
        assert again.transcript.lines == first.transcript.lines
        assert again.info == first.info
    assert first.info.ended is not None
    assert (first.info.duration_s, first.info.lines, first.info.words) == (2.5, 2, 3)


def test_an_edit_of_a_finished_meeting_is_kept_and_counted(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as session:
        session.record(caption(0))
        session.finish(2.5)
    with store.open(session.id) as again:
        again.record(CaptionEdited(0, "one two three four"))
        assert again.info.words == 2
    meeting = store.read(session.id)
    assert [line.text for line in meeting.transcript.lines] == ["one two three four"]
    assert (meeting.info.words, meeting.info.ended) == (4, session.info.ended)


def test_renaming_keeps_everything_else(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as session:
        path = session.folder / "session.json"
        before = _info(session)
        session.rename("회의 ✓")
        assert _info(session) == {**before, "title": "회의 ✓"}
        assert session.info.title == "회의 ✓"
    assert path.exists()


def test_keys_of_a_newer_version_are_kept(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as session:
        session.finish(1.0)
    path = session.folder / "session.json"
    path.write_text(json.dumps({**_info(session), "mood": {"good": True}}), encoding="utf-8")
    with store.open(session.id) as again:
        again.rename("B")
    assert (_info(session)["mood"], _info(session)["title"]) == ({"good": True}, "B")


def test_after_closing_nothing_is_written(store: SessionStore) -> None:
    session = store.create("A", "mic", "base", "en")
    session.record(caption(0))
    session.close()
    session.close()
    before = {path: path.read_bytes() for path in session.folder.iterdir()}
    with pytest.raises(StorageError, match="closed"):
        session.record(caption(1))
    with pytest.raises(StorageError, match="closed"):
        session.rename("B")
    with pytest.raises(StorageError, match="closed"):
        session.finish(1.0)
    session.record(LevelMeasured("mic", -20.0, -10.0))
    assert {path: path.read_bytes() for path in session.folder.iterdir()} == before
    assert len(session.transcript.lines) == 1


def test_many_threads_may_record(store: SessionStore) -> None:
    def speak(first: int) -> None:
        for utterance in range(first, first + 50):
            session.record(WordsCommitted(utterance, (Word(" a", utterance, utterance + 1, 1.0),)))

    with store.create("A", "mic", "base", "en") as session:
        threads = [threading.Thread(target=speak, args=(n * 50,)) for n in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            starts = [line.start for line in session.transcript.lines]
            assert starts == sorted(starts)
        for thread in threads:
            thread.join()
    contents = read_journal(session.folder / "journal.jsonl")
    assert (len(contents.events), contents.damaged) == (200, [])
    assert len(session.transcript.lines) == 200


@needs_limits
def test_what_cannot_be_kept_is_told_and_not_shown(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as session:
        session.record(caption(0))
        size = (session.folder / "journal.jsonl").stat().st_size
        with largest_file(size + 10), pytest.raises(StorageError, match="journal"):
            session.record(caption(1))
        assert [line.utterance for line in session.transcript.lines] == [0]
        session.record(caption(2))
    contents = read_journal(session.folder / "journal.jsonl")
    assert (contents.events, contents.damaged) == ([caption(0), caption(2)], [])


@needs_limits
def test_a_title_that_cannot_be_saved_is_told_and_the_old_one_stays(store: SessionStore) -> None:
    with store.create("A", "mic", "base", "en") as session:
        with largest_file(50), pytest.raises(StorageError, match="meeting cannot be saved"):
            session.rename("B")
        assert session.info.title == _info(session)["title"] == "A"
