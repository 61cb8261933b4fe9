from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from app.cli.meetings import FORMAT_NAMES, meetings
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
from app.session.store import SessionStore
from tests.programs import run_captionist


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
