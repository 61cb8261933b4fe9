from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import (
    DataFolderError,
    MeetingDamagedError,
    MeetingMissingError,
    StorageError,
)
from app.core.events import FinalCaption
from app.notes.notes import save_notes
from app.platforms.filelock import FileLock
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import MeetingState, SessionStore
from tests.session.sound import block


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "meetings"


@pytest.fixture
def store(root: Path) -> SessionStore:
    return SessionStore(root)


def _create(store: SessionStore, title: str = "A") -> Session:
    return store.create(title, "mic", "base", "en")


def _finished(store: SessionStore, title: str = "A") -> str:
    with _create(store, title) as session:
        session.record(FinalCaption(0, 0, 0.0, 1.0, "one two three", "en", ()))
        session.finish(61.5)
    return session.id


def _states(store: SessionStore) -> dict[str, MeetingState]:
    return {summary.id: summary.state for summary in store.list()}


def test_without_a_folder_there_are_no_meetings(store: SessionStore, root: Path) -> None:
    assert store.list() == []
    assert store.recover() == []
    assert not root.exists()


def test_the_list_tells_what_meetings_are(store: SessionStore) -> None:
    meeting_id = _finished(store, "Weekly")
    [summary] = store.list()
    assert (summary.id, summary.title, summary.state) == (meeting_id, "Weekly", "complete")
    assert (summary.duration_s, summary.lines, summary.words) == (61.5, 1, 3)
    assert summary.started == store.read(meeting_id).info.started


def test_running_and_interrupted_meetings_are_told_apart(store: SessionStore) -> None:
    with _create(store) as session:
        assert _states(store) == {session.id: MeetingState.RUNNING}
    assert _states(store) == {session.id: MeetingState.INTERRUPTED}


def test_the_newest_comes_first_also_within_a_second(store: SessionStore) -> None:
    created = [_finished(store) for _ in range(12)]
    assert [summary.id for summary in store.list()] == created[::-1]


def test_meetings_of_the_same_second_have_their_own_folders(store: SessionStore) -> None:
    assert len({_finished(store) for _ in range(10)}) == 10


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"title": 3}', b"\xff"])
def test_a_damaged_meeting_is_listed_and_harms_no_other(
    store: SessionStore, root: Path, content: bytes
) -> None:
    good, bad = _finished(store), _finished(store)
    (root / bad / "session.json").write_bytes(content)
    assert _states(store) == {good: MeetingState.COMPLETE, bad: MeetingState.DAMAGED}
    [summary] = [s for s in store.list() if s.id == bad]
    assert summary.started is not None
    for use in (store.read, store.open):
        with pytest.raises(MeetingDamagedError, match=bad) as told:
            use(bad)
        assert "recover" in told.value.hint


def test_stray_files_are_no_meetings(store: SessionStore, root: Path) -> None:
    meeting_id = _finished(store)
    (root / "readme.txt").touch()
    (root / ".hidden").mkdir()
    assert list(_states(store)) == [meeting_id]


def test_a_folder_that_is_no_meeting_is_listed_without_a_start(
    store: SessionStore, root: Path
) -> None:
    (root / "holiday pictures").mkdir(parents=True)
    [summary] = store.list()
    assert (summary.state, summary.started) == (MeetingState.DAMAGED, None)
    assert store.recover() == []


def test_five_hundred_meetings_are_listed_quickly(store: SessionStore, root: Path) -> None:
    template = root / _finished(store)
    for number in range(499):
        folder = root / f"20200101-{number:06d}-0000"
        folder.mkdir()
        (folder / "session.json").write_bytes((template / "session.json").read_bytes())
        (folder / "journal.jsonl").write_bytes(b"x" * 10_000)
    started = time.process_time()
    assert len(store.list()) == 500
    assert time.process_time() - started < 1.0


def test_a_meeting_is_read_with_everything(store: SessionStore) -> None:
    with _create(store) as session:
        stage = RecorderStage(session.audio_folder, "mic")
        stage.open()
        list(stage.feed([block(0, 8_000)]))
        stage.close()
        session.record(FinalCaption(0, 0, 0.0, 0.5, "hello", "en", ()))
        save_notes(session.folder, "# Notes")
        running = store.read(session.id)
    assert [line.text for line in running.transcript.lines] == ["hello"]
    assert running.notes == "# Notes"
    assert running.audio.tracks == ["mic"]
    assert np.all(running.audio.read("mic", 0, 1).samples > 0)
    assert (running.info.duration_s, running.info.lines, running.info.ended) == (1.0, 1, None)


def test_reading_changes_nothing(store: SessionStore) -> None:
    with _create(store) as session:
        session.record(FinalCaption(0, 0, 0.0, 1.0, "a", "en", ()))
    journal = session.folder / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b'{"type":"torn')
    before = {path: path.read_bytes() for path in session.folder.iterdir()}
    assert store.read(session.id).damaged_records == 1
    store.list()
    assert {path: path.read_bytes() for path in session.folder.iterdir()} == before


def test_an_id_may_be_shortened_while_it_is_unique(store: SessionStore, root: Path) -> None:
    meeting_id = _finished(store)
    (root / "20200101-000000-aaaa").mkdir()
    (root / "20200101-000000-aaab").mkdir()
    assert store.read(meeting_id[:17]).info.id == meeting_id
    assert store.read(meeting_id).info.id == meeting_id
    with pytest.raises(MeetingMissingError, match="2 meetings begin") as told:
        store.read("2020")
    assert told.value.hint


def test_an_exact_id_wins_over_longer_ones(store: SessionStore, root: Path) -> None:
    meeting_id = _finished(store)
    (root / f"{meeting_id}-copy").mkdir()
    assert store.read(meeting_id).info.id == meeting_id


@pytest.mark.parametrize(
    "meeting_id", ["", "nothing", ".", "..", "../meetings", "/", "a/b", "*", ".lock", "x\x00y"]
)
def test_an_unknown_id_is_told_and_never_a_path(store: SessionStore, meeting_id: str) -> None:
    _finished(store)
    for use in (store.read, store.open, store.delete):
        with pytest.raises(MeetingMissingError) as told:
            use(meeting_id)
        assert "meetings list" in told.value.hint
    assert len(store.list()) == 1


def test_a_meeting_in_use_cannot_be_opened_or_deleted(store: SessionStore) -> None:
    with _create(store) as session:
        for use in (store.open, store.delete):
            with pytest.raises(StorageError, match="being recorded") as told:
                use(session.id)
            assert told.value.hint
        session.rename("still here")
    with store.open(session.id) as again:
        assert again.info.title == "still here"


def test_a_deleted_meeting_is_gone(store: SessionStore, root: Path) -> None:
    keep, remove = _finished(store), _finished(store)
    store.delete(remove)
    assert list(_states(store)) == [keep]
    assert sorted(path.name for path in root.iterdir()) == [".lock", keep]


def test_what_a_broken_off_deletion_left_is_removed(store: SessionStore, root: Path) -> None:
    meeting_id = _finished(store)
    (root / meeting_id).rename(root / f".deleted-{meeting_id}")
    assert store.list() == []
    store.recover()
    assert [path.name for path in root.iterdir()] == [".lock"]


def test_opening_puts_the_journal_in_order(store: SessionStore) -> None:
    meeting_id = _finished(store)
    folder = store.read(meeting_id).folder
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b"torn")
    with store.open(meeting_id) as session:
        session.record(FinalCaption(1, 0, 1.0, 2.0, "later", "en", ()))
    meeting = store.read(meeting_id)
    assert [line.text for line in meeting.transcript.lines] == ["one two three", "later"]
    assert (folder / "journal.damaged.jsonl").read_bytes() == b"torn\n"


@pytest.mark.parametrize("place", ["file", "file/meetings"])
def test_an_unwritable_folder_is_told(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError, match="cannot be written") as told:
        _create(SessionStore(tmp_path / place))
    assert "CAPTIONIST_DATA" in told.value.hint


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_folder_that_nobody_can_write_is_told() -> None:
    store = SessionStore(Path("/proc/captionist"))
    with pytest.raises(DataFolderError):
        _create(store)
    assert store.list() == []


def test_a_failed_creation_leaves_nothing(
    store: SessionStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, os.strerror(28))

    root.mkdir()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is full"):
        _create(store)
    assert [path.name for path in root.iterdir()] == [".lock"]


def test_a_meetings_folder_is_private(store: SessionStore) -> None:
    with _create(store) as session:
        if os.name != "nt":
            assert session.folder.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(sys.platform == "win32", reason="folders are not synced there")
def test_a_power_cut_takes_no_folder_of_a_meeting(
    store: SessionStore, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names: dict[int, list[str]] = {}
    sync = os.fsync

    def noting(descriptor: int) -> None:
        folder = Path(f"/dev/fd/{descriptor}")
        if folder.is_dir():
            names[os.fstat(descriptor).st_ino] = os.listdir(descriptor)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    with _create(store) as session:
        stage = RecorderStage(session.audio_folder, "mic")
        stage.open()
        stage.close()
    assert session.id in names[root.stat().st_ino]
    assert "audio" in names[session.folder.stat().st_ino]


def test_a_meeting_that_was_cut_off_before_it_began_is_no_damaged_one(
    store: SessionStore, root: Path
) -> None:
    other = _finished(store)
    for name, file in (("20260110-101010-abcd", "lock"), ("20260110-101010-abce", "notes.md")):
        (root / name).mkdir()
        (root / name / file).touch()
    (root / "20260110-101010-abcd" / ".session.json.1234").touch()
    (root / "a folder of somebody's").mkdir()
    assert store.recover() == []
    left = sorted(path.name for path in root.iterdir() if not path.name.startswith("."))
    assert left == ["20260110-101010-abce", other, "a folder of somebody's"]


def test_a_meeting_that_is_about_to_begin_is_left_alone(store: SessionStore, root: Path) -> None:
    folder = root / "20260110-101010-abcd"
    folder.mkdir(parents=True)
    with FileLock.acquire(folder / "lock") or pytest.fail("not free"):
        store.recover()
        assert folder.exists()
    store.recover()
    assert not folder.exists()
