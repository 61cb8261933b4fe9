from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.core.events import FinalCaption
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import MeetingState, SessionStore
from tests.programs import ROOT
from tests.session.recording_process import TRACKS
from tests.session.sound import STEREO, block, ramp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "meetings"


@pytest.fixture
def store(root: Path) -> SessionStore:
    return SessionStore(root)


def _record(session: Session, frames: int) -> Path:
    """Record as a program does that is killed before it can write the header."""
    stage = RecorderStage(session.audio_folder, "mic")
    stage.open()
    list(stage.feed([block(0, frames, STEREO)]))
    path = session.audio_folder / "mic-0001.wav"
    content = bytearray(path.read_bytes())
    stage.close()
    content[4:8] = content[40:44] = bytes(4)
    path.write_bytes(content)
    return path


def _interrupted(store: SessionStore) -> Session:
    with store.create("Cut short", "mic", "base", "en") as session:
        _record(session, 4_000)
        session.record(FinalCaption(0, 0, 0.0, 0.4, "one two", "en", ()))
    with (session.folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"type":"words","utter')
    return session


@pytest.mark.parametrize("steps", [1, 37, 130])
def test_a_killed_recording_loses_nothing_that_was_written(root: Path, steps: int) -> None:
    command = [sys.executable, "-m", "tests.session.recording_process", str(root)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        for _ in range(steps):
            told = program.stdout.readline()
        store = SessionStore(root)
        assert store.recover() == [], "a running meeting is left alone"
        assert [s.state for s in store.list()] == [MeetingState.RUNNING]
        program.kill()
        told = ([told, *program.stdout.read().splitlines(keepends=True)])[-1]
        if not told.endswith(b"\n"):  # killed in the middle of telling
            told = b"x 0 0"
    meeting_id, frames, words = told.decode().split()
    [recovered] = store.recover()
    assert recovered.id == meeting_id or meeting_id == "x"
    assert (recovered.title, recovered.problem) == ("Cut short", "")
    meeting = store.read(recovered.id)
    spoken = [word.text for line in meeting.transcript.lines for word in line.words]
    assert len(spoken) >= int(words)
    assert spoken == [f" w{n}" for n in range(len(spoken))]
    for track in TRACKS:
        sound = np.rint(meeting.audio.read(track, 0, 1e6).samples * 32_768).astype(np.int16)
        assert len(sound) >= int(frames)
        assert np.array_equal(sound, ramp(0, len(sound))[:, 0])
        assert meeting.info.duration_s == pytest.approx(len(sound) / STEREO.rate, abs=0.06)
    for path in (meeting.folder / "audio").glob("*.wav"):
        assert path.stat().st_size == 44 + 4 * soundfile.info(path).frames
    assert store.recover() == []
    assert [s.state for s in store.list()] == [MeetingState.COMPLETE]


def test_an_interrupted_meeting_becomes_a_complete_one(store: SessionStore) -> None:
    session = _interrupted(store)
    [recovered] = store.recover()
    assert (recovered.id, recovered.title, recovered.problem) == (session.id, "Cut short", "")
    assert (recovered.duration_s, recovered.lines, recovered.damaged_records) == (0.5, 1, 1)
    assert [(repair.file, repair.frames) for repair in recovered.repairs] == [
        ("mic-0001.wav", 4_000)
    ]
    [summary] = store.list()
    assert (summary.state, summary.duration_s, summary.lines, summary.words) == (
        MeetingState.COMPLETE, 0.5, 1, 2,
    )  # fmt: skip
    assert store.read(session.id).audio.duration() == 0.5


def test_the_meeting_ended_when_its_files_changed_last(store: SessionStore) -> None:
    session = _interrupted(store)
    moment = session.info.started.timestamp() + 100
    os.utime(session.folder / "journal.jsonl", (moment - 50, moment - 50))
    os.utime(session.audio_folder / "mic-0001.wav", (moment, moment))
    store.recover()
    ended = store.read(session.id).info.ended
    assert ended is not None
    assert ended.timestamp() == pytest.approx(moment, abs=0.001)


def test_a_clock_that_was_set_back_does_not_end_a_meeting_before_its_start(
    store: SessionStore,
) -> None:
    session = _interrupted(store)
    for path in (session.folder / "journal.jsonl", session.audio_folder / "mic-0001.wav"):
        os.utime(path, (1.0, 1.0))
    store.recover()
    assert store.read(session.id).info.ended == session.info.started


def test_recovering_again_changes_nothing(store: SessionStore) -> None:
    session = _interrupted(store)
    store.recover()
    files = [path for path in session.folder.rglob("*") if path.is_file()]
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}
    assert store.recover() == []
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files} == before


def test_running_and_finished_meetings_are_left_alone(store: SessionStore) -> None:
    with store.create("done", "mic", "", "en") as done:
        done.finish(1.0)
    with store.create("running", "mic", "", "en") as running:
        assert store.recover() == []
        running.finish(2.0)
    assert [s.state for s in store.list()] == [MeetingState.COMPLETE] * 2


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", None])
def test_a_meeting_without_its_description_is_rebuilt(
    store: SessionStore, damage: bytes | None
) -> None:
    session = _interrupted(store)
    path = session.folder / "session.json"
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    [recovered] = store.recover()
    assert (recovered.id, recovered.lines, recovered.problem) == (session.id, 1, "")
    info = store.read(session.id).info
    assert info.started == session.info.started.replace(microsecond=0)
    assert (info.title, info.duration_s) == ("", 0.5)
    if damage is not None:
        assert (session.folder / "session.damaged.json").read_bytes() == damage


def test_what_cannot_be_repaired_is_told_and_stops_no_other(store: SessionStore) -> None:
    bad, good = _interrupted(store), _interrupted(store)
    journal = bad.folder / "journal.jsonl"
    journal.unlink()
    journal.mkdir()
    found = {recovered.id: recovered for recovered in store.recover()}
    assert "journal cannot be read" in found[bad.id].problem
    assert found[bad.id].hint
    assert found[good.id].problem == ""


def test_an_unusable_recording_is_told_and_kept(store: SessionStore) -> None:
    session = _interrupted(store)
    (session.audio_folder / "mic-0002.wav").write_bytes(b"RI")
    [recovered] = store.recover()
    assert [repair.file for repair in recovered.repairs if not repair.usable] == ["mic-0002.wav"]
    assert recovered.duration_s == 0.5
    assert (session.audio_folder / "mic-0002.wav").read_bytes() == b"RI"


def test_a_meeting_of_another_time_zone_keeps_its_moment(store: SessionStore) -> None:
    session = _interrupted(store)
    path = session.folder / "session.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    content["started"] = "2026-11-20T14:30:05+09:00"
    path.write_text(json.dumps(content), encoding="utf-8")
    store.recover()
    started = store.read(session.id).info.started
    assert started == datetime(2026, 11, 20, 5, 30, 5, tzinfo=UTC)
