"""Sound in which every frame says which one it is, so that loss is counted and not guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioFormat
from app.session.tracks import WAV, track_files, track_name
from app.session.wav import payload_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

FORM = AudioFormat(16_000, 2)
"""A frame has two channels: the lower and the upper half of its number."""

_BITS = 15
CORRECTION = 8
"""Fewer frames than this at one place are the correction of a clock's drift, not a loss."""


def numbered(first: int, frames: int) -> NDArray[np.int16]:
    """Frames of `FORM` that carry the numbers from `first` + 1 on; 0 is silence."""
    numbers = np.arange(first + 1, first + 1 + frames, dtype=np.int64)
    halves = np.stack([numbers & ((1 << _BITS) - 1), numbers >> _BITS], axis=1)
    return halves.astype(np.int16)


def numbers_in(samples: NDArray[np.int16]) -> Numbers:
    """The numbers that frames of `FORM` carry, without silence."""
    wide = samples.astype(np.int64)
    numbers: Numbers = wide[:, 0] | (wide[:, 1] << _BITS)
    return numbers[numbers > 0]


def recorded_numbers(folder: Path, source: str) -> Numbers:
    """All frames of a source that are on disk; raises OSError or LibsndfileError."""
    parts = [numbers_in(_samples(path)) for path in track_files(folder).get(track_name(source), [])]
    return np.unique(np.concatenate([*parts, np.zeros(0, np.int64)]))


def runs_missing(delivered: Iterable[tuple[int, int]], found: Numbers) -> list[tuple[int, int]]:
    """(first, frames) of stretches that were delivered as (first, frames) and are not in `found`.

    A frame here and there is left out by the correction of a clock, and is not told.
    """
    wanted = [np.arange(first + 1, first + 1 + frames) for first, frames in delivered]
    missing = np.setdiff1d(np.concatenate([*wanted, np.zeros(0, np.int64)]), found)
    if not len(missing):
        return []
    runs = np.split(missing, np.flatnonzero(np.diff(missing) > 1) + 1)
    return [(int(run[0]) - 1, len(run)) for run in runs if len(run) >= CORRECTION]


def _samples(path: Path) -> NDArray[np.int16]:
    payload = payload_of(path) if path.suffix == WAV else None
    if payload is None:
        import soundfile

        read: NDArray[np.int16] = soundfile.read(path, dtype="int16", always_2d=True)[0]
        return read
    count = payload.frames * payload.format.channels
    pcm: NDArray[np.int16] = np.fromfile(path, "<i2", count, offset=payload.offset)
    return pcm.reshape(-1, payload.format.channels)
