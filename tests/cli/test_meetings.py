from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from app.cli.keeping import seconds_of
from app.cli.meetings import COMPRESSED, FORMAT_NAMES, meetings
from app.core.errors import MeetingMissingError, StorageError
from app.core.events import (
    AudioGap,
    FinalCaption,
    LoadChanged,
    LoadLevel,
    RecognitionCaughtUp,
    RecognitionSkipped,
)
from app.core.paths import default_paths
from app.export import FORMATS
from app.notes.notes import save_notes
from app.session.convert import FORMATS as FORMATS_TO
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import SessionStore
from app.session.writer import TrackWriter
from tests.programs import run_captionist
from tests.session.sound import MONO, block


@pytest.fixture
def store() -> SessionStore:
    return SessionStore(default_paths().meetings)


@pytest.fixture
def meeting_id(store: SessionStore) -> str:
    with store.create("Weekly\ttalk", "mic", "base", "en") as session:
        session.record(FinalCaption(0, 0, 61.0, 62.0, "Good 아침.", "en", ()))
        session.record(AudioGap(3.0, 4.0, "mic lost audio"))
        save_notes(session.folder, "# Notes\n- do it\n")
        session.finish(3_723.4)
    return session.id


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(meetings, arguments, catch_exceptions=False, standalone_mode=False)


def test_an_empty_list_says_so_aside() -> None:
    done = _run("list")
    assert (done.stdout, done.stderr) == ("", "There are no meetings yet.\n")


def test_the_list_begins_with_the_id(store: SessionStore, meeting_id: str) -> None:
    with store.create("", "mic", "", "auto") as later:
        done = _run("list")
    running, complete = done.stdout.splitlines()
    assert running.split("\t")[0] == running.split()[0] == later.id
    fields = complete.split("\t")
    assert fields[0] == meeting_id
    assert fields[2:] == ["1:02:03", "1", "complete", "Weekly talk"]
    assert running.split("\t")[4] == "running"


def test_a_terminal_gets_headings(
    store: SessionStore, meeting_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.meetings._for_terminal", lambda: True)
    heading, row = _run("list").stdout.splitlines()
    assert heading.split() == ["ID", "START", "LENGTH", "LINES", "STATE", "TITLE"]
    assert row.startswith(f"{meeting_id}  ")
    assert heading.index("TITLE") == row.index("Weekly")


def test_show_tells_what_was_said_and_lost(meeting_id: str) -> None:
    shown = _run("show", meeting_id[:-2]).stdout
    assert shown.startswith("Weekly\ttalk\n")
    assert f"ID        {meeting_id}\n" in shown
    lost, said = (shown.index(part) for part in ("[0:00:03] (no", "[0:01:01] Good 아침."))
    assert lost < said < shown.index("# Notes\n- do it")


def test_show_tells_where_recognition_paused(meeting_id: str) -> None:
    store = SessionStore(default_paths().meetings)
    with store.open(meeting_id) as session:
        session.record(LoadChanged(LoadLevel.PAUSED, 21.0, 84.0))
        session.record(RecognitionSkipped(63.0, 84.0))
        session.record(RecognitionCaughtUp(63.0, 84.0))
    shown = _run("show", meeting_id).stdout
    assert "Load      recognition fell behind at 0:01:24\n" in shown
    assert "[0:01:03] (recognition paused until 0:01:24 and caught up later)\n" in shown


def test_the_formats_offered_are_the_formats_there_are() -> None:
    assert tuple(FORMATS) == FORMAT_NAMES


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_export_to_a_file_and_to_standard_output_are_the_same(
    tmp_path: Path, meeting_id: str, name: str
) -> None:
    path = tmp_path / "out.file"
    done = _run("export", meeting_id, "--format", name, "-o", str(path))
    assert (done.exit_code, done.output) == (0, "")
    printed = _run("export", meeting_id, "--format", name).stdout_bytes
    assert printed == path.read_bytes()
    assert printed == _run("export", meeting_id, "--format", name, "-o", "-").stdout_bytes
    assert name == "rttm" or "아침" in printed.decode()


def test_the_format_follows_the_name_of_the_file(tmp_path: Path, meeting_id: str) -> None:
    _run("export", meeting_id, "-o", str(tmp_path / "a.SRT"))
    assert "-->" in (tmp_path / "a.SRT").read_text(encoding="utf-8")
    _run("export", meeting_id, "-o", str(tmp_path / "a.doc"))
    assert json.loads((tmp_path / "a.doc").read_text(encoding="utf-8"))["version"] == 1


@pytest.mark.parametrize("command", ["show", "export"])
def test_an_unknown_meeting_is_told(command: str) -> None:
    with pytest.raises(MeetingMissingError):
        _run(command, "nothing")


def test_an_export_that_cannot_be_written_is_told(tmp_path: Path, meeting_id: str) -> None:
    with pytest.raises(StorageError):
        _run("export", meeting_id, "-o", str(tmp_path))


def test_recover_tells_what_it_did(store: SessionStore) -> None:
    assert _run("recover").stderr == "There is nothing to recover.\n"
    with store.create("Cut", "mic", "", "auto") as session:
        session.record(FinalCaption(0, 0, 0.0, 5.0, "hello", "en", ()))
    with (session.folder / "journal.jsonl").open("ab") as journal:
        journal.write(b"torn")
    expected = f"{session.id}  0:00:05  1 lines, 1 damaged records set aside\n"
    assert _run("recover").stdout == expected


def test_recover_fails_if_a_meeting_cannot_be_recovered(store: SessionStore) -> None:
    with store.create("Cut", "mic", "", "auto") as session:
        journal = session.folder / "journal.jsonl"
    journal.unlink()
    journal.mkdir()
    done = CliRunner().invoke(meetings, ["recover"])
    assert done.exit_code == 1
    assert session.id in done.stderr


def test_the_program_tells_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run_captionist("meetings", "list", CAPTIONIST_DATA=str(tmp_path / "file"))
    assert (done.returncode, done.stdout) == (0, "")
    done = run_captionist("meetings", "export", "x", CAPTIONIST_DATA=str(tmp_path / "file"))
    assert done.returncode == 1
    assert done.stderr.startswith("captionist: There is no meeting 'x'.\n")


def _sounding(store: SessionStore, *, finished: bool = True) -> Session:
    with store.create("Weekly", "mic", "", "en") as session:
        stage = RecorderStage(session.audio_folder, "mic", rotate_s=10.0)
        stage.open()
        list(stage.feed([block(0, 160_000)]))
        stage.close()
        session.record(FinalCaption(0, 0, 2.0, 3.0, "the budget", "en", ()))
        if finished:
            session.finish(20.0)
    return session


def _suffixes(session: Session) -> set[str]:
    return {path.suffix for path in session.audio_folder.iterdir()} - {".json"}


def test_the_formats_to_convert_to_are_those_there_are() -> None:
    assert COMPRESSED == FORMATS_TO


def test_convert_tells_what_it_saved(store: SessionStore) -> None:
    session = _sounding(store)
    told = _run("convert", session.id).stdout
    assert told.startswith("2 files, 0.3 MB became 0.")
    assert _suffixes(session) == {".flac"}
    assert _run("convert", session.id[:-1]).stdout == "There is nothing to convert.\n"


@pytest.mark.parametrize(("wanted", "suffix"), [("opus", ".opus"), ("off", ".flac")])
def test_convert_follows_the_settings(store: SessionStore, wanted: str, suffix: str) -> None:
    paths = default_paths()
    paths.data.mkdir(parents=True, exist_ok=True)
    paths.settings.write_text(json.dumps({"recording": {"compress": wanted}}))
    with store.create("Weekly", "mic", "", "en") as session:
        session.audio_folder.mkdir()
        writer = TrackWriter(session.audio_folder, "mic", MONO)
        writer.write((9_000 * np.sin(np.arange(8_000) / 7)).astype(np.int16).tobytes())
        writer.close()
        session.finish(1.0)
    _run("convert", session.id)
    assert _suffixes(session) == {suffix}


def test_forget_asks_and_removes(store: SessionStore) -> None:
    session = _sounding(store)
    arguments = ["forget", session.id, "--from", "0:01", "--to", "4"]
    assert CliRunner().invoke(meetings, arguments, input="n\n").exit_code == 1
    assert len(store.read(session.id).transcript.lines) == 1
    done = CliRunner().invoke(meetings, [*arguments, "--yes"])
    assert done.output == "Sound and text from 0:01 to 4 are gone.\n"
    meeting = store.read(session.id)
    assert meeting.transcript.lines == []
    assert not np.any(meeting.audio.read("mic", 1.0, 4.0).samples)
    assert np.all(meeting.audio.read("mic", 4.0, 20.0).samples)
    assert "[0:00:01] (removed until 0:00:04)\n" in _run("show", session.id).stdout


@pytest.mark.parametrize("time", ["", "1:2:3:4", "-5", "ten", "1:", "nan"])
def test_forget_understands_no_other_times(store: SessionStore, time: str) -> None:
    session = _sounding(store)
    done = CliRunner().invoke(meetings, ["forget", session.id, "--from", time, "--to", "9"])
    assert done.exit_code == 2
    assert "is no time such as" in done.output


@pytest.mark.parametrize(
    ("time", "seconds"), [("90", 90.0), ("1:30", 90.0), ("1:30.5", 90.5), ("2:00:01", 7_201.0)]
)
def test_times_are_read_as_people_write_them(time: str, seconds: float) -> None:
    assert seconds_of(time) == seconds


def test_recover_tells_of_each_track_and_what_is_missing(store: SessionStore) -> None:
    session = _sounding(store, finished=False)
    first, second = sorted(session.audio_folder.glob("*.wav"))
    first.unlink()
    second.write_bytes(bytes(44) + second.read_bytes()[44:])
    expected = (
        f"{session.id}  0:00:20  1 lines, mic 0:00:20, repaired: mic-0002.wav,"
        " missing: mic-0001.wav\n"
    )
    assert _run("recover").stdout == expected
    assert "Missing   mic-0001.wav\n" in _run("show", session.id).stdout
