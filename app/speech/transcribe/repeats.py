"""Whether somebody repeats himself, or the model does: only the sound can tell."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from app.speech.transcribe.guards import find_repetition, time_for
from app.speech.transcribe.mel import HOP, MelBuffer
from app.speech.transcribe.whisper import FRAME_SECONDS, WINDOW_FRAMES, Search
from app.speech.transcribe.words import split

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.speech.transcribe.guards import Repetition
    from app.speech.transcribe.whisper import DecodingTask, Whisper

_BEFORE, _BEHIND = 12, 5  # encoder frames (20 ms) around a phrase: where words begin is not exact
_CLEAR = 8  # tokens: less is not understood on its own
_GRAIN = 125  # mel frames; windows come in multiples of it
_SILENCE_BEHIND = 200  # mel frames (10 ms) that the encoder sees behind a phrase
_MORE_TOKENS = 4  # than the phrase has: it may be heard with other marks
_ALIKE = 0.78  # share of the words heard that must be those of a phrase said again
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Passage:
    """New text `found` behind the `text` that stands, and the sound of both.

    `sound` is mono at 16 kHz from where `text` begins, `encoded` what the encoder made of it.
    """

    sound: NDArray[np.float32]
    encoded: Any
    text: Sequence[int]
    found: Sequence[int]


def without_loop(model: Whisper, passage: Passage, task: DecodingTask) -> list[int]:
    """What was found, up to the first copy of a phrase that was not spoken; whole words.

    Nearly always no phrase is repeated, and this costs nothing.
    """
    tokens, base = [*passage.text, *passage.found], len(passage.text)
    if find_repetition(tokens, base) is None:
        return list(passage.found)
    frames = min(len(passage.sound) // HOP, WINDOW_FRAMES)
    starts = model.align(passage.encoded, tokens, frames, task).starts
    ear = _Ear(model, passage.sound, replace(task, glossary=()))

    def heard_again(first: int, after: int) -> bool:
        heard = ear.hear(int(starts[first]), int(starts[after]), after - first)
        return resembles(heard, model.text(tokens[first:after]))

    spoken = count_spoken(tokens, base, starts, heard_again) - base
    if spoken == len(passage.found):
        return list(passage.found)
    kept: list[int] = []
    for piece in split(passage.found, model.text, task.written):
        if len(kept) + len(piece.tokens) > spoken:
            break
        kept.extend(piece.tokens)
    return kept


def count_spoken(
    tokens: Sequence[int],
    base: int,
    starts: Sequence[int] | NDArray[np.int64],
    heard_again: Callable[[int, int], bool],
) -> int:
    """How many tokens stand, `base` at least: up to a copy of a phrase that nobody has spoken.

    A copy was spoken if its tokens have time, by the encoder frames in which they start, and if
    `heard_again` (from its first token to the one behind its last) finds it in the sound. That is
    only asked about the last copy that has time: to get so far, a model that is caught in a loop
    must have passed over the sound of something else.
    """
    at = base
    while found := find_repetition(tokens, at):
        timed = _timed_copies(found, starts)
        if timed < 2 or not heard_again(*_newest(found, timed)):
            return max(base, found.span(0)[1])
        if timed < found.copies:
            return max(base, found.span(timed)[0])
        at = found.end
    return len(tokens)


def _newest(found: Repetition, copies: int) -> tuple[int, int]:
    """First token and the one behind the last of the newest copies, long enough to be heard."""
    heard = min(copies - 1, math.ceil(_CLEAR / found.length))
    return found.span(copies - heard)[0], found.span(copies - 1)[1]


def _timed_copies(found: Repetition, starts: Sequence[int] | NDArray[np.int64]) -> int:
    """Copies in front of the first one that has no time."""
    for copy in range(1, found.copies):
        begin, end = found.span(copy)
        if (starts[end] - starts[begin]) * FRAME_SECONDS <= time_for(found.length):
            return copy
    return found.copies


class _Ear:
    """Hears a part of the sound without knowing what was said before."""

    def __init__(self, model: Whisper, sound: NDArray[np.float32], task: DecodingTask) -> None:
        self._model = model
        self._sound = sound
        self._task = task

    def hear(self, begin: int, end: int, length: int) -> str:
        """What is said between two encoder frames, in about `length` tokens."""
        first, last = max(0, begin - _BEFORE), end + _BEHIND
        mel = MelBuffer(self._model.n_mels, self._sound[first * 2 * HOP : last * 2 * HOP])
        total = math.ceil((mel.frames + _SILENCE_BEHIND) / _GRAIN) * _GRAIN
        encoded = self._model.encode(mel.window(min(WINDOW_FRAMES, total)))
        search = Search(length + _MORE_TOKENS)
        return self._model.text(self._model.continue_text(encoded, (), (), self._task, search))


def resembles(heard: str, phrase: str) -> bool:
    """Whether `heard` are words of `phrase` said again and again, half of it at least.

    Where a phrase begins that follows itself is a matter of taste, and some words are misheard; but
    single words in common mean nothing.
    """
    wanted = _units(phrase)
    there = _units(heard)[: 2 * len(wanted)]
    matcher = SequenceMatcher(None, there, 2 * wanted, autojunk=False)
    least = min(2, len(there))
    alike = sum(block.size for block in matcher.get_matching_blocks() if block.size >= least)
    return 2 * len(there) >= len(wanted) > 0 and alike >= _ALIKE * len(there)


def _units(text: str) -> list[str]:
    """Words, or characters where no spaces are written."""
    words = _WORD.findall(text.casefold())
    return words if " " in text.strip() or len(words) > 1 else list("".join(words))
