"""`captionist voices` as a person or a script sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.core.paths import Paths
from app.speech.diarize.profile import MODEL
from app.voices import VoiceSample, keep_sample

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return Paths(tmp_path / "data", tmp_path / "models").voices


def keep(path: Path, name: str, meeting: str, seconds: float = 10.0) -> None:
    keep_sample(path, name, VoiceSample(meeting, 0, seconds, (1.0,) + (0.0,) * 191))


def test_voices_are_listed_and_forgotten(run: Run, path: Path) -> None:
    assert run("voices", "list") == (0, "", "No voice is remembered.\n")
    keep(path, "Mina", "a")
    keep(path, "Mina", "b", 20.0)
    keep(path, "anna", "c")
    assert run("voices", "list")[1] == "anna\t10 s\t1 meeting\nMina\t30 s\t2 meetings\n"
    assert run("voices", "remove", "mina")[0] == 0
    assert run("voices", "list")[1] == "anna\t10 s\t1 meeting\n"
    assert run("voices", "clear")[0] == 0
    assert not path.exists()


def test_an_unknown_name_is_an_error(run: Run) -> None:
    code, out, err = run("voices", "remove", "Mina")
    assert (code, out, err) == (1, "", "captionist: No voice is remembered as 'Mina'.\n")


def test_a_profile_of_another_model_is_listed_with_the_reason(run: Run, path: Path) -> None:
    keep(path, "Mina", "a")
    path.write_text(path.read_text().replace(MODEL, "older-64"))
    out = run("voices", "list")[1]
    assert out == "Mina\t10 s\t1 meeting\tignored: made with another model (older-64)\n"


def test_a_damaged_file_is_one_sentence_and_can_be_cleared(run: Run, path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"profiles": 3')
    code, _, err = run("voices", "list")
    assert code == 1
    assert "The voice profiles in voices.json cannot be understood." in err
    assert run("voices", "clear")[0] == 0
    assert run("voices", "list")[0] == 0
