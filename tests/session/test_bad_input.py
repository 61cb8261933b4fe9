"""Folders that are not as they should be: a clear sentence, and nothing is ever written over."""

from __future__ import annotations

import errno
import json
import os
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.core.errors import MeetingDamagedError, StorageError
from app.core.events import FinalCaption
from app.session.convert import Conversion
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import SessionStore
from tests.session.sound import block, blocks, ramp

Use = Callable[[SessionStore, str], object]

CHANGES: dict[str, Use] = {
    "open": lambda store, key: store.open(key),
    "resume": lambda store, key: store.resume(key),
    "convert": lambda store, key: store.convert(key, Conversion("flac")),
    "delete": lambda store, key: store.delete(key),
}


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "meetings")


def _recorded(store: SessionStore, *, finished: bool = True) -> Session:
    with store.create("A", "mic", "", "en") as session:
        stage = RecorderStage(session.audio_folder, "mic", rotate_s=0.5)
        stage.open()
        list(stage.feed([block(0, 8_000)]))
        stage.close()
        session.record(FinalCaption(0, 0, 0.0, 1.0, "hello", "en", ()))
        if finished:
            session.finish(1.0)
    return session


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


@pytest.mark.parametrize("change", CHANGES)
def test_a_meeting_that_is_a_link_is_read_and_never_changed(
    store: SessionStore, tmp_path: Path, change: str
) -> None:
    session = _recorded(store)
    elsewhere = tmp_path / "elsewhere"
    session.folder.rename(elsewhere)
    session.folder.symlink_to(elsewhere, target_is_directory=True)
    (elsewhere / "lock").write_bytes(b"not a lock")
    before = _content(elsewhere)
    with pytest.raises(StorageError, match="is a link to another place") as told:
        CHANGES[change](store, session.id)
    assert told.value.hint
    assert _content(elsewhere) == before
    assert (elsewhere / "lock").read_bytes() == b"not a lock"
    assert session.folder.is_symlink()
    assert len(store.read(session.id).transcript.lines) == 1


@pytest.mark.parametrize(
    "name", ["journal.jsonl", "session.json", "lock", "audio", "audio/mic-0002.wav", "forget.json"]
)
@pytest.mark.parametrize("finished", [True, False])
def test_nothing_in_a_meeting_is_changed_through_a_link(
    store: SessionStore, tmp_path: Path, name: str, *, finished: bool
) -> None:
    session = _recorded(store, finished=finished)
    path, elsewhere = session.folder / name, tmp_path / "elsewhere"
    if path.exists():
        path.rename(elsewhere)
    else:
        elsewhere.write_bytes(b"[]")
    path.symlink_to(elsewhere)
    before = _content(tmp_path)
    taken = elsewhere.read_bytes() if elsewhere.is_file() else b""
    for use in ("open", "resume", "convert"):
        with pytest.raises(StorageError, match="link"):
            CHANGES[use](store, session.id)
    problems = [r.problem for r in store.recover()]
    assert all("link" in problem for problem in problems)
    assert len(problems) == (0 if finished and name != "forget.json" else 1)
    assert _content(tmp_path) == before
    assert not elsewhere.is_file() or elsewhere.read_bytes() == taken


def test_a_recorder_writes_through_no_link(store: SessionStore, tmp_path: Path) -> None:
    with store.create("A", "mic", "", "en") as session:
        session.audio_folder.symlink_to(tmp_path, target_is_directory=True)
        with pytest.raises(StorageError, match="link"):
            RecorderStage(session.audio_folder, "mic").open()
        session.audio_folder.unlink()
        stage = RecorderStage(session.audio_folder, "mic")
        stage.open()
        precious = tmp_path / "precious"
        (session.audio_folder / "mic-0001.wav").symlink_to(precious)
        list(stage.feed([block(0, 10)]))
        stage.close()
    assert not precious.exists()
    assert (session.audio_folder / "mic-0002.wav").stat().st_size == 64


@pytest.mark.parametrize("use", ["open", "resume"])
def test_a_meeting_of_a_newer_version_is_read_and_never_changed(
    store: SessionStore, use: str
) -> None:
    session = _recorded(store, finished=False)
    journal = session.folder / "journal.jsonl"
    body = b'{"type":"format","version":7}'
    mark = b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))
    journal.write_bytes(mark + journal.read_bytes() + b"torn")
    before = _content(session.folder)
    assert [line.text for line in store.read(session.id).transcript.lines] == ["hello"]
    with pytest.raises(StorageError, match="saved by a newer version") as told:
        CHANGES[use](store, session.id)
    assert "newest version" in told.value.hint
    [recovered] = store.recover()
    assert "newer version" in recovered.problem
    assert _content(session.folder) == before


def test_a_newer_description_stays_a_newer_one(store: SessionStore) -> None:
    session = _recorded(store)
    path = session.folder / "session.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 9}))
    with store.open(session.id) as again:
        again.rename("B")
    assert json.loads(path.read_text())["version"] == 9


@pytest.mark.parametrize("name", ["journal.jsonl", "audio/mic-0001.wav", "audio/mic.parts.json"])
@pytest.mark.parametrize("finished", [True, False])
def test_a_meeting_with_a_missing_file_tells_which_and_gives_the_rest(
    store: SessionStore, name: str, *, finished: bool
) -> None:
    session = _recorded(store, finished=finished)
    (session.folder / name).unlink()
    if not finished:
        assert [r.problem for r in store.recover()] == [""]
    meeting = store.read(session.id)
    named = Path(name).name
    expected = () if named == "mic.parts.json" or (name[0] == "j" and not finished) else (named,)
    assert meeting.missing == expected
    assert meeting.audio.duration() == 1.0
    store.open(session.id).close()


def test_a_meeting_without_its_recording_or_description(store: SessionStore) -> None:
    session = _recorded(store)
    shutil.rmtree(session.audio_folder)
    assert store.read(session.id).audio.tracks == []
    assert store.convert(session.id, Conversion("flac")).parts == 0
    (session.folder / "session.json").unlink()
    with pytest.raises(MeetingDamagedError):
        store.open(session.id)
    assert [r.problem for r in store.recover()] == [""]
    assert len(store.read(session.id).transcript.lines) == 1


def test_an_empty_folder_is_no_meeting_to_recover(store: SessionStore, tmp_path: Path) -> None:
    (tmp_path / "meetings" / "20260101-000000-0000").mkdir(parents=True)
    assert store.recover() == []


def test_a_long_path_with_emoji_serves_for_everything(tmp_path: Path) -> None:
    root = tmp_path / ("🎙️ Besprechung 회의 " + "x" * 60) / ("é" * 60) / "meetings 📁"
    assert len(str(root)) > 200
    store = SessionStore(root)
    session = _recorded(store, finished=False)
    assert [r.problem for r in store.recover()] == [""]
    with store.resume(session.id) as again:
        stage = RecorderStage(again.audio_folder, "mic")
        stage.open()
        list(stage.feed([block(8_000, 8_000)]))
        stage.close()
        again.finish(2.0)
    before = store.read(session.id).audio.read("mic", 0, 9).samples
    assert store.convert(session.id, Conversion("flac")).kept == ()
    assert np.array_equal(store.read(session.id).audio.read("mic", 0, 9).samples, before)
    with store.open(session.id) as again:
        again.forget(0.0, 0.5)
    store.delete(session.id)
    assert store.list() == []


def _read_only(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Everything that would change something below `folder` fails, as on a read-only disk."""
    real_open, changing = os.open, os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def refused(path: object) -> bool:
        return str(path).startswith(str(folder))

    def opened(path: Path, mode: str = "r", *rest: object, **options: object) -> object:
        if refused(path) and set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real_path_open(path, mode, *rest, **options)  # type: ignore[call-overload]

    def low(path: str, flags: int, *rest: object, **options: object) -> int:
        if refused(path) and flags & changing:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return real_open(path, flags, *rest, **options)  # type: ignore[arg-type]

    real_path_open = Path.open
    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(os, "open", low)


@pytest.mark.parametrize("use", ["open", "resume", "convert"])
def test_a_read_only_folder_is_told_and_can_be_read(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, use: str
) -> None:
    session = _recorded(store)
    before = _content(session.folder)
    with monkeypatch.context() as patched:
        _read_only(patched, tmp_path)
        with pytest.raises(StorageError, match="Read-only") as told:
            CHANGES[use](store, session.id)
        assert told.value.hint
        with pytest.raises(StorageError, match="Read-only"):
            store.create("B", "mic", "", "en")
        assert len(store.list()) == 1
        assert store.recover() == []
        assert len(store.read(session.id).transcript.lines) == 1
    assert _content(session.folder) == before


def test_an_interrupted_meeting_in_a_read_only_folder_is_told(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    session = _recorded(store, finished=False)
    _read_only(monkeypatch, tmp_path)
    [recovered] = store.recover()
    assert recovered.id == session.id
    assert "Read-only" in recovered.problem
    assert recovered.hint


def test_a_folder_that_vanishes_while_recording_is_told_within_two_seconds(
    store: SessionStore,
) -> None:
    session = store.create("A", "mic", "", "en")
    stage = RecorderStage(session.audio_folder, "mic")
    stage.open()
    list(stage.feed(list(blocks(8_000, 400))))
    shutil.rmtree(session.folder)
    heard = 0

    def go_on() -> None:
        nonlocal heard
        for item in blocks(80_000, 400):
            if item.first_frame >= 8_000:
                list(stage.feed([item]))
                heard += item.frames

    with pytest.raises(StorageError) as told:
        go_on()
    assert told.value.hint
    assert heard <= 2 * 8_000
    with pytest.raises(StorageError, match="removed"):
        stage.close()
    with session, pytest.raises(StorageError, match="meeting cannot be saved"):
        session.finish(2.0)
    assert store.list() == []


def test_a_meeting_goes_on_to_be_read_while_it_is_converted(store: SessionStore) -> None:
    session = _recorded(store)
    audio = store.read(session.id).audio
    expected = ramp(0, 8_000)[:, 0] / np.float32(32_768)

    def look(_share: float) -> None:
        assert np.array_equal(audio.read("mic", 0, 9).samples, expected)

    store.convert(session.id, Conversion("flac", progress=look))
    look(1.0)
