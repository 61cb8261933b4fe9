from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.core.errors import DataFolderError
from app.core.paths import default_paths, writable_folder, write_atomically


def test_the_environment_moves_both_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPTIONIST_DATA", str(tmp_path / "d"))
    monkeypatch.setenv("CAPTIONIST_MODELS", str(tmp_path / "m"))
    paths = default_paths()
    assert (paths.data, paths.models) == (tmp_path / "d", tmp_path / "m")
    assert paths.meetings == tmp_path / "d" / "meetings"
    assert not paths.data.exists()


def test_models_live_in_the_data_folder_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CAPTIONIST_DATA", str(tmp_path))
    monkeypatch.delenv("CAPTIONIST_MODELS")
    assert default_paths().models == tmp_path / "models"


def test_an_empty_or_relative_setting_still_gives_a_full_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CAPTIONIST_DATA", "here")
    assert default_paths().data == tmp_path / "here"
    monkeypatch.setenv("CAPTIONIST_DATA", "")
    assert default_paths().data.is_absolute()
    assert "captionist" in default_paths().data.name


def test_a_writable_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    folder = writable_folder(tmp_path / "a" / "b")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_an_unwritable_folder_is_told_with_a_hint(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DataFolderError, match="cannot be written") as caught:
        writable_folder(tmp_path / place)
    assert "CAPTIONIST_DATA" in caught.value.hint


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_replacement_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "folder"
    (target / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_atomically(target, b"x")
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(os.name == "nt", reason="rights of POSIX")
def test_a_new_file_has_the_rights_that_the_user_gives_files(tmp_path: Path) -> None:
    plain, ours = tmp_path / "plain", tmp_path / "ours"
    plain.touch()
    write_atomically(ours, b"")
    assert ours.stat().st_mode == plain.stat().st_mode


def test_a_long_name_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 250)
    write_atomically(path, b"long")
    assert path.read_bytes() == b"long"
