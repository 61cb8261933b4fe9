"""A meeting that was cut off, or has ended, is gone on with."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.core.audio import AudioFormat
from app.core.errors import DiskFullError, StorageError
from app.core.events import FinalCaption, MeetingStarted
from app.session.convert import Conversion
from app.session.journal import read_journal
from app.session.recorder import RecorderStage
from app.session.recovery import is_unfinished
from app.session.session import Session
from app.session.store import MeetingState, SessionStore
from app.session.wav import HEADER_BYTES
from tests.session.sound import MONO, block, ramp


@pytest.fixture
def store(tmp_path: Path) -> SessionStore:
    return SessionStore(tmp_path / "meetings")


def _say(session: Session, first: int, frames: int, form: AudioFormat = MONO) -> None:
    stage = RecorderStage(session.audio_folder, "mic", rotate_s=1.0)
    stage.open()
    list(stage.feed([block(first, frames, form)]))
    stage.close()
    at = first / form.rate
    session.record(FinalCaption(int(at * 10), 0, at, at + 0.1, f"from {at:g}", "en", ()))


def _sound(store: SessionStore, meeting_id: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    samples = store.read(meeting_id).audio.read("mic", 0, 99).samples
    return np.rint(samples * 32_768).astype(np.int16)


def _interrupted(store: SessionStore) -> Session:
    with store.create("A", "mic", "", "en") as session:
        session.started("mic")
        _say(session, 0, 12_000)
    return session


@pytest.mark.parametrize("kind", ["interrupted", "recovered", "finished", "flac"])
def test_a_meeting_goes_on_behind_its_end(store: SessionStore, kind: str) -> None:
    with store.create("A", "mic", "", "en") as session:
        session.started("mic")
        _say(session, 0, 12_000)
        if kind in ("finished", "flac"):
            session.finish(1.5)
    if kind == "recovered":
        store.recover()
    if kind == "flac":
        store.convert(session.id, Conversion("flac"))
    with store.resume(session.id, "mic", "system") as again:
        assert again.begin == 1.5
        assert [s.state for s in store.list()] == [MeetingState.RUNNING]
        _say(again, 12_000, 8_000)
        again.finish(2.5)
    meeting = store.read(session.id)
    assert (meeting.info.duration_s, meeting.info.title) == (2.5, "A")
    assert meeting.info.started == session.info.started
    assert [line.text for line in meeting.transcript.lines] == ["from 0", "from 1.5"]
    assert np.array_equal(_sound(store, session.id), ramp(0, 20_000)[:, 0])
    starts = [e for e in read_journal(meeting.folder / "journal.jsonl").events
              if isinstance(e, MeetingStarted)]  # fmt: skip
    assert [(e.at, e.sources) for e in starts] == [(0.0, ("mic",)), (1.5, ("mic", "system"))]
    assert starts[0].version
    assert starts[0].clock.startswith(str(session.info.started.year))


def test_a_resumed_meeting_that_is_cut_off_is_recovered_again(store: SessionStore) -> None:
    session = _interrupted(store)
    with store.resume(session.id) as again:
        _say(again, 12_000, 4_000)
    [recovered] = store.recover()
    assert (recovered.duration_s, recovered.lines) == (2.0, 2)
    assert [(t.name, t.seconds) for t in recovered.tracks] == [("mic", 2.0)]


def test_it_goes_on_in_another_format(store: SessionStore) -> None:
    session = _interrupted(store)
    with store.resume(session.id) as again:
        _say(again, 24_000, 16_000, AudioFormat(16_000, 2))
        again.finish(2.5)
    audio = store.read(session.id).audio
    assert audio.duration("mic") == 2.5
    assert len(audio.read("mic", 1.5, 9).samples) == 8_000


def test_a_meeting_in_use_or_without_room_is_not_resumed(store: SessionStore) -> None:
    with store.create("A", "mic", "", "en") as session, pytest.raises(StorageError, match="being"):
        store.resume(session.id)
    full = SessionStore(session.folder.parent, free=lambda _folder: 1_000)
    with pytest.raises(DiskFullError, match="nearly full"):
        full.resume(session.id)
    with pytest.raises(DiskFullError, match="nearly full"):
        full.create("B", "mic", "", "en")
    assert [s.id for s in store.list()] == [session.id]
    store.resume(session.id).close()


def test_a_running_or_interrupted_meeting_is_not_converted(store: SessionStore) -> None:
    with store.create("A", "mic", "", "en") as session:
        _say(session, 0, 8_000)
        with pytest.raises(StorageError, match="being recorded"):
            store.convert(session.id, Conversion("flac"))
    with pytest.raises(StorageError, match="cut short"):
        store.convert(session.id, Conversion("flac"))
    assert [p.suffix for p in sorted(session.audio_folder.iterdir())] == [".wav", ".json"]
    store.recover()
    assert store.convert(session.id, Conversion("flac")).parts == 1


def test_recovery_tells_what_came_back(store: SessionStore) -> None:
    session = _interrupted(store)
    audio = session.audio_folder
    first, second = audio / "mic-0001.wav", audio / "mic-0002.wav"
    first.write_bytes(bytes(HEADER_BYTES) + first.read_bytes()[HEADER_BYTES:])
    os.utime(first, (1e9, 1e9))
    with second.open("ab") as file:
        file.write(b"\x01")
    system = RecorderStage(audio, "system", rotate_s=0.5)
    system.open()
    list(system.feed([block(0, 8_000)]))
    system.close()
    (audio / "system-0001.wav").unlink()
    [recovered] = store.recover()
    assert recovered.problem == ""
    assert [(t.name, t.seconds) for t in recovered.tracks] == [("mic", 1.5), ("system", 1.0)]
    assert [(r.file, r.header_fixed, r.cut_bytes) for r in recovered.repairs] == [
        ("mic-0001.wav", True, 0), ("mic-0002.wav", False, 1),
    ]  # fmt: skip
    assert recovered.missing == ("system-0001.wav",)
    assert recovered.lines == 1
    assert first.stat().st_mtime == 1e9
    assert np.array_equal(_sound(store, session.id), ramp(0, 12_000)[:, 0])
    assert soundfile.info(first).frames == 8_000


def test_without_notes_another_part_tells_the_format(store: SessionStore) -> None:
    session = _interrupted(store)
    first = session.audio_folder / "mic-0001.wav"
    first.write_bytes(b"\xaa" * HEADER_BYTES + first.read_bytes()[HEADER_BYTES:])
    (session.audio_folder / "mic.parts.json").write_bytes(b"\x00")
    [recovered] = store.recover()
    assert [(r.file, r.usable) for r in recovered.repairs] == [("mic-0001.wav", True)]
    assert np.array_equal(_sound(store, session.id), ramp(0, 12_000)[:, 0])


def test_an_old_interrupted_meeting_is_recovered_like_a_fresh_one(store: SessionStore) -> None:
    session = _interrupted(store)
    for path in session.folder.rglob("*"):
        os.utime(path, (1e9, 1e9))
    assert [r.id for r in store.recover()] == [session.id]


def test_nothing_is_cleaned_up_before_everything_is_recovered(
    store: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = _interrupted(store)
    doomed = session.folder.parent / ".deleted-x"
    doomed.mkdir()

    def look(folder: Path) -> bool:
        assert doomed.exists()
        return real(folder)

    real = is_unfinished
    monkeypatch.setattr("app.session.store.is_unfinished", look)
    assert len(store.recover()) == 1
    assert not doomed.exists()


def test_a_conversion_that_was_cut_off_is_put_in_order_at_the_next_start(
    store: SessionStore,
) -> None:
    with store.create("A", "mic", "", "en") as session:
        _say(session, 0, 12_000)
        session.finish(1.5)
    audio = session.audio_folder
    (audio / ".draft-00.flac").touch()
    soundfile.write(audio / "mic-0001.flac", ramp(0, 8_000), 8_000, subtype="PCM_16")
    assert store.recover() == []
    assert sorted(p.name for p in audio.iterdir()) == [
        "mic-0001.flac", "mic-0002.wav", "mic.parts.json",
    ]  # fmt: skip
    assert np.array_equal(_sound(store, session.id), ramp(0, 12_000)[:, 0])
