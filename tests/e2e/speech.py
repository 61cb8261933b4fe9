"""What is spoken into the virtual microphone, and when each word of it has been said."""

from __future__ import annotations

import csv
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from app.core.resources import resource
from tests.programs import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "CAPTIONIST_EVALDATA"
RECORDINGS = ("dr5-ftlg0_sx213.flac", "dr7-madd0_sx178.flac", "dr3-falk0_sx276.flac")
"""Sentences of three people that tiny.en understands offline: the model is not what is tested."""
PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Said:
    """A word that occurs once, and the second of the clip at which it has been said."""

    word: str
    end: float


@dataclass(frozen=True, slots=True)
class Clip:
    path: Path
    words: tuple[Said, ...]


def our_clip() -> Clip:
    """The synthesised clip of the self test; pauses in its level show where most words end."""
    ends = {"coming": 1.5, "meeting": 2.2, "today": 2.9, "look": 3.9, "house": 4.9}
    ends |= {"garden": 5.8, "weather": 6.7}
    return Clip(resource("selftest.flac"), tuple(Said(word, end) for word, end in ends.items()))


def real_speech(folder: Path) -> Clip | None:
    """Sentences of people with word times checked by hand, one after the other; None if absent.

    They are looked for where `CAPTIONIST_EVALDATA` says and in `evaldata` of the folders beside
    the checkout; their licences do not let them travel with it.
    """
    source = _evaluation_folder()
    if source is None:
        return None
    pieces: list[np.ndarray] = []
    said: list[Said] = []
    start = 0.0
    for name in RECORDINGS:
        samples, rate = soundfile.read(source / name, dtype="float32")
        said += [Said(word, start + end) for word, end in _words(source, name)]
        pieces += [samples, np.zeros(int(rate * PAUSE), np.float32)]
        start += len(samples) / rate + PAUSE
    path = folder / "speech.wav"
    soundfile.write(path, np.concatenate(pieces), rate)
    return Clip(path, tuple(_once(said)))


def _evaluation_folder() -> Path | None:
    chosen = os.environ.get(VARIABLE)
    roots = [Path(chosen)] if chosen else sorted(ROOT.parent.glob("*/evaldata"))
    found = [root / "timit_words" for root in roots if (root / "timit_words/words.tsv").is_file()]
    return found[0] if found else None


def _words(source: Path, name: str) -> list[tuple[str, float]]:
    with (source / "words.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return [(row["word"], float(row["end"])) for row in rows if row["file"] == name]


def _once(said: Iterable[Said]) -> list[Said]:
    """Words that cannot be mistaken for another: not short, and said once."""
    words = list(said)
    count = Counter(item.word for item in words)
    return [item for item in words if count[item.word] == 1 and len(item.word) > 3]
