"""Forced alignment: when the words of a text that is known were said.

Whisper's attention places words it believes in to within a tenth of a second. Where it would never
have written the text, attention runs ahead: a word takes up seconds and the next ones no time at
all. Such words share the sound between their neighbours by their letters.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from app.bench.manifest import TimedText
from app.core.audio import SPEECH_RATE
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.quiet import longest, sounding
from app.speech.transcribe.whisper import (
    CONTEXT_LENGTH,
    FRAME_SECONDS,
    WINDOW_FRAMES,
    DecodingTask,
)
from app.speech.transcribe.words import place, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.core.events import Word
    from app.speech.transcribe.whisper import Whisper

LONGEST = 30.0
"""Seconds that a model hears at once."""
_MOST_TOKENS = CONTEXT_LENGTH - 16
_SPARE = 0.8  # of what fits into the decoder on average; text is not spoken evenly
_SILENCE = 200  # mel frames behind the sound, for the encoder
_NO_TIME = 1.5 * FRAME_SECONDS  # seconds, less than anybody needs for a word
_UNLIKELY = 0.05  # probability of a word at which its place means little


class Aligner:
    """Places text on the sound of one recording (mono float32 at 16 kHz)."""

    def __init__(self, model: Whisper, samples: NDArray[np.float32], task: DecodingTask) -> None:
        """`task` says what is spoken, and whether the text is a translation of it."""
        self._model, self._samples = model, samples
        self._task = task if task.language in model.languages else replace(task, language="en")
        self._sounds = sounding(samples)

    def longest(self, text: TimedText) -> float:
        """Seconds of `text` that fit into the model at once."""
        count = len(self._model.tokens(text.text))
        if count <= _MOST_TOKENS:
            return LONGEST
        return min(LONGEST, _SPARE * (text.end - text.start) * _MOST_TOKENS / count)

    def words(self, text: TimedText) -> list[TimedText]:
        """The words of `text`, which is said between its times; none if it does not fit."""
        begin, end = int(text.start * SPEECH_RATE), int(text.end * SPEECH_RATE)
        mel = MelBuffer(self._model.n_mels, self._samples[begin:end])
        tokens = self._model.tokens(" " + text.text.strip())
        fits = 0 < mel.frames <= WINDOW_FRAMES and len(tokens) <= _MOST_TOKENS
        if not (fits and text.text.strip()):
            return []
        encoded = self._model.encode(mel.window(min(WINDOW_FRAMES, mel.frames + _SILENCE)))
        alignment = self._model.align(encoded, tokens, mel.frames, self._task)
        pieces = place(split(tokens, self._model.text, self._task.written), alignment, 0)
        words = [piece.as_word(text.start) for piece in pieces]
        return settled([word for word in words if any(map(str.isalnum, word.text))], self._sounds)


def settled(words: Sequence[Word], sounds: NDArray[np.bool_]) -> list[TimedText]:
    """`words` where there is sound; `sounds` tells for each 20 ms from 0 whether there is."""
    timed: list[TimedText] = []
    for lost, run in groupby(words, _is_doubtful):
        group = list(run)
        if lost and any(word.end - word.start < _NO_TIME for word in group):
            timed += _spread(group, sounds)
        else:
            timed += [_on_sound(word, sounds) for word in group]
    return timed


def _is_doubtful(word: Word) -> bool:
    seconds = word.end - word.start
    return seconds < _NO_TIME or seconds > longest(word.text) or word.probability < _UNLIKELY


def _spread(words: Sequence[Word], sounds: NDArray[np.bool_]) -> list[TimedText]:
    """`words` one after the other in the sound that they have together."""
    begin = round(words[0].start / FRAME_SECONDS)
    end = max(begin + 1, round(words[-1].end / FRAME_SECONDS))
    frames = begin + np.flatnonzero(sounds[begin:end])
    if len(frames) < len(words):
        frames = np.arange(begin, end)
    letters = [1 + sum(map(str.isalnum, word.text)) for word in words]
    edges = np.cumsum([0, *letters]) * len(frames) // sum(letters)
    firsts = np.minimum(edges[:-1], len(frames) - 1)
    lasts = np.maximum(edges[1:] - 1, firsts)
    return [
        _timed(word, int(frames[first]), int(frames[last]) + 1)
        for word, first, last in zip(words, firsts, lasts, strict=True)
    ]


def _on_sound(word: Word, sounds: NDArray[np.bool_]) -> TimedText:
    """Without the pause before or behind it, which attention counts to a word."""
    begin = round(word.start / FRAME_SECONDS)
    found = np.flatnonzero(sounds[begin : round(word.end / FRAME_SECONDS)])
    if not len(found):
        return TimedText(word.text.strip(), word.start, word.end)
    last = int(found[-1]) + 1
    found = found[found >= last - longest(word.text) / FRAME_SECONDS]
    return _timed(word, begin + int(found[0]), begin + last)


def _timed(word: Word, first: int, end: int) -> TimedText:
    start, stop = round(first * FRAME_SECONDS, 2), round(end * FRAME_SECONDS, 2)
    return TimedText(word.text.strip(), start, stop)
