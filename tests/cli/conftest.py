"""The program called as a person or a script calls it, in this process."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

import pytest

from app import cli

if TYPE_CHECKING:
    from pathlib import Path


class Run(Protocol):
    """`captionist` with these arguments: its exit code, what it prints, what it complains of."""

    def __call__(self, *arguments: str) -> tuple[int, str, str]: ...


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("CAPTIONIST_DATA", str(tmp_path / "data"))

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["captionist", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        return int(left.value.code or 0), out, err

    return call
