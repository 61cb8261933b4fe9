from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import StorageError
from app.notes.notes import load_notes, save_notes
from tests.session.limits import largest_file, needs_limits


def test_without_a_file_the_notes_are_empty(tmp_path: Path) -> None:
    assert load_notes(tmp_path) == ""


@pytest.mark.parametrize("text", ["", "# 회의\n\n- one\n", "tab\tand  spaces  \n\n\n"])
def test_notes_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    save_notes(tmp_path, "older and longer than the new ones")
    save_notes(tmp_path, text)
    assert load_notes(tmp_path) == text
    assert [path.name for path in tmp_path.iterdir()] == ["notes.md"]


def test_odd_text_is_saved(tmp_path: Path) -> None:
    save_notes(tmp_path, "a\ud800b")
    assert load_notes(tmp_path) == "a?b"


def test_notes_of_another_encoding_are_shown_as_far_as_possible(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_bytes(b"caf\xe9")
    assert load_notes(tmp_path) == "caf\ufffd"


@needs_limits
def test_a_full_disk_is_told_and_the_old_notes_stay(tmp_path: Path) -> None:
    save_notes(tmp_path, "old")
    with largest_file(100), pytest.raises(StorageError, match="notes cannot be saved"):
        save_notes(tmp_path, "new" * 100)
    assert load_notes(tmp_path) == "old"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_meeting_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="notes cannot be saved"):
        save_notes(tmp_path / "gone", "x")
