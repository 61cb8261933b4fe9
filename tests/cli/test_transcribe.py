"""`captionist transcribe` with several files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.core.resources import resource
from tests.programs import run_captionist


@pytest.mark.model
def test_one_bad_file_does_not_keep_the_others_from_being_written(
    tiny_en_store: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.mp3"
    bad.write_text("not sound", encoding="utf-8")
    good = tmp_path / "good.flac"
    shutil.copy(resource("selftest.flac"), good)
    out = tmp_path / "out"
    out.mkdir()
    done = run_captionist(
        *("transcribe", str(bad), str(good), "--model", "tiny.en", "--format", "srt"),
        *("-o", str(out)),
        CAPTIONIST_MODELS=str(tiny_en_store),
    )
    assert done.returncode == 1
    assert "bad.mp3" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert [file.name for file in out.iterdir()] == ["good.srt"]
    assert "-->" in (out / "good.srt").read_text(encoding="utf-8")


def test_two_texts_are_never_written_to_one_file(tmp_path: Path) -> None:
    for name in ("talk.wav", "talk.mp3"):
        (tmp_path / name).touch()
    done = run_captionist(
        "transcribe", str(tmp_path / "talk.wav"), str(tmp_path / "talk.mp3"), "-o", str(tmp_path)
    )
    assert done.returncode == 2
    assert "'talk'" in done.stderr


def test_several_files_need_a_folder(tmp_path: Path) -> None:
    done = run_captionist("transcribe", "a.wav", "b.wav", "-o", str(tmp_path / "one.txt"))
    assert done.returncode == 2
    assert "folder" in done.stderr
