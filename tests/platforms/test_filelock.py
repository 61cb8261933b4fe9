from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.platforms.filelock import FileLock, is_held

HOLDER = """
import sys
from pathlib import Path
from app.platforms.filelock import FileLock
lock = FileLock.acquire(Path(sys.argv[1]))
print(lock is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_excludes_others_until_it_is_released(path: Path) -> None:
    assert not is_held(path)
    lock = FileLock.acquire(path)
    assert lock is not None
    assert is_held(path)
    assert FileLock.acquire(path) is None
    lock.release()
    lock.release()
    assert not is_held(path)
    with FileLock.acquire(path) or pytest.fail("it is free again"):
        assert is_held(path)


def test_a_look_does_not_take_the_lock(path: Path) -> None:
    path.touch()
    assert not is_held(path)
    assert not is_held(path)


def test_the_file_tells_who_holds_it(path: Path) -> None:
    path.write_text("99999999999", encoding="ascii")
    lock = FileLock.acquire(path)
    assert lock is not None
    assert path.read_text(encoding="ascii") == str(os.getpid())
    lock.release()


def test_a_lock_dies_with_its_process(path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == b"True"
        assert is_held(path)
        assert FileLock.acquire(path) is None
        holder.kill()
    assert not is_held(path)
    lock = FileLock.acquire(path)
    assert lock is not None
    lock.release()


def test_a_lock_where_nothing_can_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="gone"):
        FileLock.acquire(tmp_path / "gone" / "lock")
