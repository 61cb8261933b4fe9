"""The command line as scripts and people rely on it, tried on the real program."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from app.core.resources import resource
from tests.programs import run_captionist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NO_NETWORK = {
    "http_proxy": "http://127.0.0.1:9",
    "https_proxy": "http://127.0.0.1:9",
    "PIP_NO_INDEX": "1",
}


def assert_told(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One clear sentence and a hint end standard error, exit code 1, nothing technical."""
    assert done.returncode == 1, done.stderr
    sentence, hint = done.stderr.strip().splitlines()[-2:]
    assert sentence.startswith("captionist: ")
    assert sentence.endswith(".")
    assert hint.startswith("  ")
    for technical in ("Traceback", "Error(", "Warning:", "Errno"):
        assert technical not in done.stderr
    for word in words:
        assert word in done.stderr


@pytest.fixture
def short_clip(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    soundfile.write(path, np.sin(np.arange(8_000) * 0.2) * 0.3, 16_000)
    return path


def _missing(folder: Path) -> Path:
    return folder / "nowhere.wav"


def _empty(folder: Path) -> Path:
    path = folder / "empty.wav"
    path.touch()
    return path


def _truncated(folder: Path) -> Path:
    path = folder / "cut.flac"
    path.write_bytes(resource("selftest.flac").read_bytes()[:30])
    return path


def _no_media(folder: Path) -> Path:
    path = folder / "letter.mp3"
    path.write_text("Dear reader, this is a letter.\n" * 50, encoding="utf-8")
    return path


BAD_FILES = (_missing, _empty, _truncated, _no_media)


@pytest.mark.parametrize("make", BAD_FILES)
def test_a_bad_file_is_refused_and_leaves_no_meeting(
    make: Callable[[Path], Path], tmp_path: Path
) -> None:
    path = make(tmp_path)
    assert_told(run_captionist("record", "--source", str(path)), path.name)
    assert not run_captionist("meetings", "list").stdout.strip()


def test_an_unknown_device_is_named() -> None:
    assert_told(run_captionist("record", "--device", "Theremin", "--seconds", "1"))


@pytest.mark.parametrize("command", ["live", "transcribe"])
def test_a_model_that_is_not_here_is_named_with_the_command_to_get_it(
    command: str, short_clip: Path
) -> None:
    done = run_captionist(command, str(short_clip), "--model", "tiny.en")
    assert_told(done, "tiny.en", "captionist models pull tiny.en")


def test_pulling_without_a_network_says_so() -> None:
    done = run_captionist("models", "pull", "tiny.en", **NO_NETWORK)
    assert_told(done, "tiny.en", "connection")


def test_an_unknown_model_is_refused() -> None:
    assert_told(run_captionist("models", "verify", "enormous"), "enormous")


def test_a_data_folder_that_cannot_be_written_is_named(tmp_path: Path, short_clip: Path) -> None:
    in_the_way = tmp_path / "data"
    in_the_way.write_text("a file where the folder should be", encoding="utf-8")
    done = run_captionist("record", "--source", str(short_clip), CAPTIONIST_DATA=str(in_the_way))
    assert_told(done, str(in_the_way), "CAPTIONIST_DATA")


@pytest.mark.parametrize("arguments", [("show", "nothing"), ("export", "nothing", "-o", "x.srt")])
def test_an_unknown_meeting_is_refused(arguments: tuple[str, ...]) -> None:
    format_name = ["--format", "srt"] if arguments[0] == "export" else []
    assert_told(run_captionist("meetings", *arguments, *format_name), "nothing")


def test_a_meeting_that_cannot_be_mended_shows_in_the_exit_code(tmp_path: Path) -> None:
    (tmp_path / "meetings" / "broken" / "journal.jsonl").mkdir(parents=True)
    done = run_captionist("meetings", "recover", CAPTIONIST_DATA=str(tmp_path))
    assert done.returncode == 1
    assert "broken" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("dance",),
        ("live",),
        ("live", "a.wav", "--pace", "slow"),
        ("transcribe",),
        ("transcribe", "a.wav", "--format", "doc"),
        ("models", "add", "somewhere"),
        ("meetings", "export", "an-id", "--format", "doc"),
        ("record", "--seconds", "soon"),
    ],
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    done = run_captionist(*arguments)
    assert done.returncode == 2, done.stderr
    assert "Usage:" in done.stderr
    assert "Traceback" not in done.stderr


def test_recording_a_file_without_a_model_saves_a_meeting(short_clip: Path) -> None:
    done = run_captionist("record", "--source", str(short_clip), "--model", "")
    assert done.returncode == 0, done.stderr
    rows = run_captionist("meetings", "list").stdout.splitlines()
    assert len(rows) == 1
    shown = run_captionist("meetings", "show", rows[0].split()[0])
    assert shown.returncode == 0, shown.stderr
