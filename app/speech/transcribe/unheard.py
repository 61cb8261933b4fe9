"""Stretches of a window in which somebody is heard and which no word covers.

A model that has come to the end of a text is sure of it, whatever it passed over: of a window with
a pause it may write the last sentence alone and leave out a quarter of a minute before it, and the
score is as good as ever. Only the times of its words tell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.quiet import FRAMES_PER_SECOND, longest, quietest_between, sounding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.core.events import Word

LEAST = 1.2
"""Seconds of sound; what is left between words otherwise is breath, and less."""
LEAST_TRANSLATED = 4.0
"""The same in a translation, which may be much shorter than what was said."""
_PAUSE = 1.0  # seconds without sound: what follows would be written alone once more
_IMPROBABLE = 0.05  # probability of a word that tells nothing about the sound around it ...
_DOUBTFUL = 0.5  # ... and of one that does not either if it stands alone,
_ALONE = 1.0  # so many seconds from the words around it
_EDGE = 0.5  # seconds at the ends of a hole in which a quiet place is looked for
_LESS = 0.3  # seconds by which a part is shorter than its window: else it was heard already
_MOST = 8  # parts of a window: what is to be heard more often is no speech


@dataclass(frozen=True, slots=True)
class Hole:
    """Sound from `begin` to before `end` (seconds) that no word covers.

    Words from `first` to before `after` lie in it: they are not to be trusted. `sound` is how many
    seconds of it are no silence.
    """

    begin: float
    end: float
    first: int
    after: int
    sound: float = 0.0


class HoleFiller:
    """Lays what `hear` finds in the holes of one window between its other words.

    `hear` gets a part of the window and the words before it; `least` as in `find_holes`.
    """

    def __init__(
        self,
        hear: Callable[[AudioChunk, Sequence[Word]], Sequence[Word]],
        least: float = LEAST,
    ) -> None:
        self._hear = hear
        self._least = least
        self._left = _MOST

    def fill(
        self, window: AudioChunk, words: Sequence[Word], before: Sequence[Word] = ()
    ) -> list[Word]:
        """All words of `window`, of which `words` are known; `before` are those before it.

        What is found may have holes again. Where nothing is found, all stays as it is.
        """
        told = list(before)
        at = 0
        for hole in find_holes(window, words, self._least):
            part = _part(window, words, hole)
            is_new = len(window.samples) - len(part.samples) >= _LESS * SPEECH_RATE
            if not self._left or not is_new:
                continue
            self._left -= 1
            told.extend(words[at : hole.first])
            found = self.fill(part, self._hear(part, told), told)
            told.extend(found or words[hole.first : hole.after])
            at = hole.after
        return [*told[len(before) :], *words[at:]]


def find_holes(window: AudioChunk, words: Sequence[Word], least: float = LEAST) -> list[Hole]:
    """Where in `window` somebody is heard without a word; `least` are seconds of sound."""
    heard = np.flatnonzero(sounding(window.samples)) / FRAMES_PER_SECOND + window.start
    found = [hole for gap in _gaps(window, words) for hole in _heard_in(gap, heard, words)]
    return [hole for hole in found if hole.sound >= least]


def _gaps(window: AudioChunk, words: Sequence[Word]) -> Iterator[Hole]:
    """What lies between words, each of which lasts no longer than a word can."""
    begin, first = window.start, 0
    for index in range(len(words)):
        if _covers(words, index):
            yield Hole(begin, words[index].start, first, index)
            begin, first = max(begin, _end(words[index])), index + 1
    yield Hole(begin, window.end, first, len(words))


def _covers(words: Sequence[Word], index: int) -> bool:
    """Whether a word's place can be trusted: the first words behind a hole lie anywhere in it."""
    word = words[index]
    if word.probability >= _DOUBTFUL:
        return True
    follows = index > 0 and word.start - _end(words[index - 1]) < _ALONE
    precedes = index + 1 < len(words) and words[index + 1].start - _end(word) < _ALONE
    return word.probability >= _IMPROBABLE and (follows or precedes)


def _heard_in(gap: Hole, heard: NDArray[np.float64], words: Sequence[Word]) -> Iterator[Hole]:
    """The holes of `gap`, with what is `heard` there (seconds, one for each frame)."""
    inside = heard[(heard >= gap.begin) & (heard < gap.end)]
    for sounds in np.split(inside, np.flatnonzero(np.diff(inside) > _PAUSE) + 1):
        if not len(sounds):
            continue
        begin, end = float(sounds[0]), float(sounds[-1])
        middles = [_middle(word) for word in words[gap.first : gap.after]]
        first = gap.first + sum(1 for middle in middles if middle < begin)
        after = gap.first + sum(1 for middle in middles if middle < end)
        yield Hole(begin, end, first, after, len(sounds) / FRAMES_PER_SECOND)


def _part(window: AudioChunk, words: Sequence[Word], hole: Hole) -> AudioChunk:
    """The sound of `hole`, cut where it is quiet, between it and the words around it."""
    begin, end = max(window.start, hole.begin - _EDGE), min(window.end, hole.end + _EDGE)
    if hole.first:
        begin = max(begin, _middle(words[hole.first - 1]))
    if hole.after < len(words):
        end = min(end, _middle(words[hole.after]))
    first = quietest_between(window, begin, hole.begin)
    last = quietest_between(window, hole.end, end)
    origin = window.first_sample
    return AudioChunk(first, window.samples[first - origin : last - origin])


def _end(word: Word) -> float:
    return min(word.end, word.start + longest(word.text))


def _middle(word: Word) -> float:
    return (word.start + _end(word)) / 2
