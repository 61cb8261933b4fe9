"""`captionist models convert`: missing packages and files that cannot be converted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from app import cli

SMALL = Path(__file__).parents[1] / "speech" / "diarize" / "sortformer.onnx"


def convert(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[object, str]:
    """Exit code and standard error."""
    monkeypatch.setattr(sys, "argv", ["captionist", "models", "convert", *arguments])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return ended.value.code, capsys.readouterr().err


def test_missing_packages_are_one_sentence_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "model.nemo").write_bytes(b"anything")
    for name in ("torch", "nemo", "onnx"):
        monkeypatch.setitem(sys.modules, name, None)
    code, told = convert(monkeypatch, capsys, str(tmp_path / "model.nemo"), "-o", str(tmp_path))
    assert code == 1
    assert "needs packages that are not installed: torch, nemo_toolkit, onnx.\n" in told
    assert "pip install 'captionist[nemo]'" in told
    assert "Traceback" not in told


def test_a_model_that_is_converted_already(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, told = convert(monkeypatch, capsys, str(SMALL), "-o", str(tmp_path))
    assert code == 1
    assert "--int8" in told


def test_a_file_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, told = convert(monkeypatch, capsys, str(tmp_path / "a.nemo"), "-o", str(tmp_path))
    assert code == 1
    assert "There is no file" in told
