"""The self test tells a working installation from a broken one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import selftest

if TYPE_CHECKING:
    from pathlib import Path


def _open() -> None: ...


def _cannot_open() -> None:
    raise RuntimeError("The window did not open")


@pytest.fixture
def tiny_en(tiny_en_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CAPTIONIST_MODELS", str(tiny_en_store))


def test_without_a_model_it_says_which_command_brings_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert selftest.run(_open) == 1
    told = capsys.readouterr().err
    assert "No starter model is installed." in told
    assert "captionist models pull tiny.en" in told


@pytest.mark.model
@pytest.mark.usefixtures("tiny_en")
def test_it_hears_the_clip(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest.run(_open) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["model", "captions", "window", "Everything"]


@pytest.mark.model
@pytest.mark.usefixtures("tiny_en")
def test_wrong_words_are_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(selftest, "share_heard", lambda _spoken, _heard: 0.5)
    assert selftest.run(_open) == 1
    assert "Only 50% of the words" in capsys.readouterr().err


@pytest.mark.model
@pytest.mark.usefixtures("tiny_en")
def test_a_window_that_does_not_open_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert selftest.run(_cannot_open) == 1
    assert "The window did not open." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("heard", "share"),
    [("Good morning, all!", 1.0), ("good all", 2 / 3), ("", 0.0), ("all morning", 1 / 3)],
)
def test_the_share_of_words_heard(heard: str, share: float) -> None:
    assert selftest.share_heard("Good morning all", heard) == pytest.approx(share)
