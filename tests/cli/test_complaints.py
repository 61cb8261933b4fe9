"""What is wrong with a file's sound is said to whoever runs a command, once."""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.cli.complaints import Complaints
from tests.programs import run_captionist


def broken(folder: Path) -> Path:
    """NaN in both channels, which cancel each other out."""
    rng = np.random.default_rng(1)
    left = rng.normal(0, 0.1, 8_000)
    left[4_000] = np.nan
    path = folder / "talk.wav"
    soundfile.write(path, np.stack([left, -left], axis=1), 8_000, subtype="FLOAT")
    return path


def test_each_kind_of_trouble_is_a_sentence_without_being_asked_for(tmp_path: Path) -> None:
    done = run_captionist("record", "--source", str(broken(tmp_path)), "--model", "")
    told = [line for line in done.stderr.splitlines() if line.startswith("captionist: ")]
    assert len(told) == 2
    assert "talk.wav has samples that are no numbers from 0." in told[0]
    assert "cancel each other out" in told[1]
    assert done.returncode == 0


def test_with_verbose_the_log_says_it(tmp_path: Path) -> None:
    done = run_captionist("--verbose", "record", "--source", str(broken(tmp_path)), "--model", "")
    assert done.stderr.count("no numbers") == 1
    assert "WARNING:app.capture.condition" in done.stderr


def test_a_file_that_is_read_twice_is_complained_about_once(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("app.capture.condition")
    complaints = Complaints()
    complaints.begin()
    for name in ("one.wav", "one.wav", "two.wav"):
        logger.warning("%s is too loud", name)
    complaints.end()
    assert capsys.readouterr().err.splitlines() == [
        "captionist: one.wav is too loud.",
        "captionist: two.wav is too loud.",
    ]
    assert not caplog.records
    logger.warning("afterwards everything is as it was")
    assert len(caplog.records) == 1
    assert not capsys.readouterr().err
