"""Real voices for tests of mixing; they skip where there are none."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
import soxr

from app.core.audio import SPEECH_RATE
from tests.programs import ROOT

if TYPE_CHECKING:
    from numpy.typing import NDArray

VARIABLE = "CAPTIONIST_EVALDATA"
PAIR = ("lj001_stitched.flac", "libri_2033_stitched.flac")
"""A woman who reads without long pauses, and another person."""


def real_voices(seconds: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Two people at `SPEECH_RATE`, for `seconds` each."""
    chosen = os.environ.get(VARIABLE)
    roots = [Path(chosen)] if chosen else sorted(ROOT.parent.glob("*/evaldata"))
    folders = [root / "longform" for root in roots]
    for folder in folders:
        if all((folder / name).is_file() for name in PAIR):
            first, second = (_read(folder / name, seconds) for name in PAIR)
            return first, second
    pytest.skip("needs the evaluation recordings")


def _read(path: Path, seconds: float) -> NDArray[np.float32]:
    with soundfile.SoundFile(path) as file:
        sound = file.read(round(seconds * file.samplerate), dtype="float32", always_2d=True)
        found: NDArray[np.float32] = soxr.resample(sound.mean(axis=1), file.samplerate, SPEECH_RATE)
    return found[: round(seconds * SPEECH_RATE)]
