"""Where in a recording somebody is heard, for placing words and cuts more exactly than text can.

A model places words by attention, and the path through that begins with the audio: a word behind a
pause begins as early as the pause, or even with the window. Here the loudness tells what is sound.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

import numpy as np

from app.core.audio import SPEECH_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.core.audio import AudioChunk
    from app.core.events import Word

FRAMES_PER_SECOND = 50
"""Of loudness."""
_FAINTEST = 1e-10  # power; less is as good as none
_RISE = 0.4  # of the way from quiet to loud above which is sound; words begin softly ...
_STEADY = 0.5  # ... and swell and fade by so much in any case (log10 of power)
_BASE, _LETTER, _SYLLABLE = 0.35, 0.07, 0.3  # seconds that a word, a letter, a digit may last
_SHORTEST_REST = 0.05  # seconds
_CUT = 0.1  # seconds that are quiet together where two words are parted
_SETTLED = 0.2  # seconds by which a word may begin too early without being moved


@dataclass(frozen=True, slots=True)
class Rest:
    """A stretch between sounds (seconds); a short one may be a stop within a word."""

    begin: float
    end: float

    @property
    def middle(self) -> float:
        return (self.begin + self.end) / 2

    @property
    def length(self) -> float:
        return self.end - self.begin


def _power(samples: NDArray[np.float32], rate: int = SPEECH_RATE) -> NDArray[np.float64]:
    """Of each whole 20 ms (n,); a constant offset is no sound."""
    size = rate // FRAMES_PER_SECOND
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    # Without a copy of all samples in double precision, which numpy's variance makes twice.
    squares = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / size
    power: NDArray[np.float64] = squares - frames.mean(axis=1, dtype=np.float64) ** 2
    return power


def sounding(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    """For each whole 20 ms whether it is rather as loud as the loud parts than as the quiet ones.

    Perfect silence is none of the quiet parts: it stands where nothing was recorded.
    """
    logs = np.log10(np.maximum(_power(samples), _FAINTEST)).astype(np.float32)
    recorded = logs[logs > np.log10(_FAINTEST)]
    if not len(recorded):
        return np.zeros(len(logs), np.bool_)
    quiet, loud = np.percentile(recorded, [5, 90])
    heard: NDArray[np.bool_] = logs > min(quiet + _RISE * (loud - quiet), loud - _STEADY)
    return heard


def rests(audio: AudioChunk) -> list[Rest]:
    """The stretches of `audio` in which nobody speaks, between two in which somebody does."""
    heard = np.concatenate([[False], sounding(audio.samples), [False]])
    edges = audio.start + np.flatnonzero(heard[1:] != heard[:-1]) / FRAMES_PER_SECOND
    between = zip(edges[1::2].tolist(), edges[2::2].tolist(), strict=False)
    return [Rest(begin, end) for begin, end in between if end - begin > _SHORTEST_REST]


def rest_between(before: Word, after: Word, found: Sequence[Rest]) -> Rest | None:
    """The longest of the rests `found` that lies between two words, placed as roughly as they are.

    One in which `after` ends is the rest behind it.
    """
    between = [
        rest
        for rest in found
        if before.start < rest.middle < after.end
        and (rest.middle < after.start or rest.end <= after.end)
    ]
    return max(between, key=lambda rest: rest.length, default=None)


def quietest(samples: NDArray[np.float32], rate: int, length: float) -> int | None:
    """The sample in the middle of the quietest `length` seconds; None if there is less sound.

    `samples` are mono, on any scale.
    """
    power, width = _power(samples, rate), round(length * FRAMES_PER_SECOND)
    if len(power) < width:
        return None
    smooth = np.convolve(power, np.ones(width), "valid")
    lowest = np.flatnonzero(smooth == smooth.min())
    return (2 * int(lowest[len(lowest) // 2]) + width) * (rate // FRAMES_PER_SECOND) // 2


def quietest_between(audio: AudioChunk, begin: float, end: float) -> int:
    """The sample between `begin` and `end` (seconds) at which a cut does the least harm."""
    first = max(0, int(begin * SPEECH_RATE) - audio.first_sample)
    last = max(first, int(end * SPEECH_RATE) - audio.first_sample)
    place = quietest(audio.samples[first:last], SPEECH_RATE, _CUT)
    if place is None:
        return int((begin + end) / 2 * SPEECH_RATE)
    return audio.first_sample + first + place


def begin_with_sound(words: Sequence[Word], audio: AudioChunk) -> list[Word]:
    """`words` of `audio`; those that begin long before anybody says them begin later."""
    if all(word.end - word.start <= _SETTLED for word in words):
        return list(words)
    heard = sounding(audio.samples)
    return [replace(word, start=_start(word, heard, audio.start)) for word in words]


def _start(word: Word, heard: NDArray[np.bool_], origin: float) -> float:
    begin = max(0, round((word.start - origin) * FRAMES_PER_SECOND))
    end = max(begin, round((word.end - origin) * FRAMES_PER_SECOND))
    sounds = np.flatnonzero(heard[begin:end])
    if not len(sounds):
        return word.start
    # What lasts too long holds silence, before the word or behind it.
    first = int(sounds[-1]) + 1 - int(longest(word.text) * FRAMES_PER_SECOND)
    first = int(sounds[sounds >= first][0])
    if first <= _SETTLED * FRAMES_PER_SECOND:
        return word.start
    return round(origin + (begin + first) / FRAMES_PER_SECOND, 3)


def longest(text: str) -> float:
    """Seconds that anybody may need for a word."""
    letters = [c for c in text if c.isalnum()]
    syllables = sum(1 for c in letters if c.isdigit() or east_asian_width(c) in "WF")
    return _BASE + _SYLLABLE * syllables + _LETTER * (len(letters) - syllables)
