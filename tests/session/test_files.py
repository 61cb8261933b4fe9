from __future__ import annotations

import errno
from pathlib import Path

import pytest

from app.core.errors import DiskFullError, StorageError
from app.session.files import DurableFile, read_text, storage_failure
from tests.session.limits import largest_file, needs_limits


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_no_room_is_told_as_such(code: int) -> None:
    failure = storage_failure("It cannot be written", OSError(code, "x"))
    assert isinstance(failure, DiskFullError)
    assert str(failure) == "It cannot be written: the disk is full"


def test_other_trouble_is_told_with_its_reason_and_a_hint() -> None:
    failure = storage_failure("It cannot be written", OSError(errno.EIO, "Input/output error"))
    assert not isinstance(failure, DiskFullError)
    assert str(failure) == "It cannot be written: Input/output error"
    assert failure.hint


@needs_limits
def test_a_write_that_does_not_fit_leaves_whole_units_and_can_be_gone_on_with(
    tmp_path: Path,
) -> None:
    file = DurableFile(tmp_path / "f", "xb", "The file")
    file.append(b"abcd", unit=4)
    with largest_file(15), pytest.raises(StorageError, match="The file cannot be written"):
        file.append(b"0123456789abcdef", unit=4)
    assert (tmp_path / "f").read_bytes() == b"abcd01234567"
    file.append(b"more", unit=4)
    assert (tmp_path / "f").read_bytes() == b"abcd01234567more"
    file.close()


@needs_limits
def test_a_record_that_does_not_fit_leaves_no_trace(tmp_path: Path) -> None:
    file = DurableFile(tmp_path / "f", "ab", "The file")
    file.append(b"abcd\n", unit=5)
    with largest_file(8), pytest.raises(StorageError):
        file.append(b"efgh\n", unit=5)
    file.append(b"ijkl\n", unit=5)
    assert (tmp_path / "f").read_bytes() == b"abcd\nijkl\n"
    file.close()


def test_a_closed_file_cannot_be_written(tmp_path: Path) -> None:
    file = DurableFile(tmp_path / "f", "xb", "The file")
    file.close()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        file.append(b"x", unit=1)


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"precious")
    with pytest.raises(StorageError, match="exists"):
        DurableFile(tmp_path / "f", "xb", "The file")
    assert (tmp_path / "f").read_bytes() == b"precious"


def test_a_missing_text_is_empty_and_an_unreadable_one_is_told(tmp_path: Path) -> None:
    assert read_text(tmp_path / "notes.md") == ""
    with pytest.raises(StorageError, match="cannot be read"):
        read_text(tmp_path)
