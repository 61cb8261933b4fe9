"""Decodes windows of up to 30 s with beam search: what is stored has this quality."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.density import density, room_behind
from app.speech.transcribe.guards import find_repetition, is_guesswork, is_unlikely
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.policy import full_prompt, static_tokens
from app.speech.transcribe.quiet import begin_with_sound
from app.speech.transcribe.repeats import Passage, without_loop
from app.speech.transcribe.unheard import LEAST, LEAST_TRANSLATED, HoleFiller
from app.speech.transcribe.whisper import FRAME_SECONDS, WINDOW_FRAMES, Search
from app.speech.transcribe.words import join_marks, place, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from app.core.events import Word
    from app.speech.transcribe.options import RevisionOptions
    from app.speech.transcribe.whisper import DecodingTask, Whisper
    from app.speech.transcribe.words import PlacedPiece

_BRIEF = 4.0  # seconds of a window, the silence after the speech included
_PROMPT_GAP = 30.0  # seconds after which older text says nothing about what comes
_SHORTEST_REST = 1.0  # seconds behind a loop, or behind a text that is full, that are looked at
_BELIEVED = 0.45  # probability of words that a window has passed over, on the whole
_MOST_PARTS = 6  # of one window: what loops again and again is no speech
_FREER = 0.5  # a translation can be worded in many ways: its score is lower
_DENSEST = 3.0  # characters per compressed byte above which a text must be a loop


@dataclass(frozen=True, slots=True)
class DecodedWindow:
    """The words of a window on the source's clock. `sound` is false where the model looped.

    `full` is true where the text ended for want of room, which only a part of a window does.
    """

    words: tuple[Word, ...]
    sound: bool
    full: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Tokens; `sound` and `full` as above."""

    tokens: list[int]
    sound: bool
    full: bool


class WindowDecoder:
    """Decodes windows in the order of time, each with the text before it as prompt."""

    def __init__(self, model: Whisper, options: RevisionOptions) -> None:
        self._model = model
        self._options = options
        self._static = static_tokens(model, options.static_prompt)
        self._before: list[int] = []
        self._end = 0.0
        self._language = ""

    def decode(self, window: AudioChunk, task: DecodingTask) -> DecodedWindow | None:
        """The best text for `window`; None if the model finds no text likely.

        What it passed over in silence is decoded by itself.
        """
        self._forget_what_misleads(window, task)
        older = self._before
        decoded = self._decode_on(window, task)
        if decoded is None:
            return None

        def hear(part: AudioChunk, said: Sequence[Word]) -> Sequence[Word]:
            self._before = [*older, *self._tokens(said)]
            found = self._decode_on(part, task)
            trusted = found and found.sound and not is_unlikely(found.words, _BELIEVED)
            return found.words if found and trusted else ()

        latest = self._before
        least = LEAST_TRANSLATED if task.translate else LEAST
        words = tuple(HoleFiller(hear, least).fill(window, decoded.words))
        self._before = latest if words == decoded.words else self._tokens(words)
        return replace(decoded, words=words)

    def _decode_on(self, window: AudioChunk, task: DecodingTask) -> DecodedWindow | None:
        """The text of `window`, whatever it leaves out.

        Where the model is caught in a loop it goes on behind what was cut, and where the decoder
        has no more room for text behind the last word.
        """
        words: list[Word] = []
        rest, sound, full = window, True, False
        for _ in range(_MOST_PARTS):
            decoded = self._decode(rest, task, goes_on=full)
            if decoded is None:
                break
            words.extend(decoded.words)
            sound, full = decoded.sound, decoded.full
            left = _behind(rest, decoded.words[-1].end)
            if left is None or (sound and not full):
                break
            rest = left
        return DecodedWindow(tuple(words), sound) if words else None

    def _decode(
        self, window: AudioChunk, task: DecodingTask, *, goes_on: bool
    ) -> DecodedWindow | None:
        """One part; if it `goes_on` in speech that is known to be some, even a brief one."""
        mel = MelBuffer(self._model.n_mels, window.samples)
        encoded = self._model.encode(mel.window(WINDOW_FRAMES))
        found = self._search(encoded, window, task)
        self._before = list(found.tokens) if found.sound else []
        if not found.tokens:
            return None
        frames = min(mel.frames, WINDOW_FRAMES)
        alignment = self._model.align(encoded, found.tokens, frames, task)
        pieces = place(split(found.tokens, self._model.text, task.written), alignment, 0)
        brief = not goes_on and len(window.samples) < _BRIEF * SPEECH_RATE
        if is_guesswork([piece.as_word(0.0) for piece in pieces], brief=brief):
            return None
        full = found.full and _goes_on_behind(pieces[:-1], window)
        if full:  # the last word may be cut; it is the first one of the rest
            del self._before[-len(pieces.pop().piece.tokens) :]
        placed = [piece.as_word(window.start) for piece in pieces]
        return DecodedWindow(join_marks(begin_with_sound(placed, window)), found.sound, full)

    def _tokens(self, words: Sequence[Word]) -> list[int]:
        return self._model.tokens("".join(word.text for word in words))

    def _forget_what_misleads(self, window: AudioChunk, task: DecodingTask) -> None:
        """Text that is old, or in another language."""
        if window.start - self._end > _PROMPT_GAP or task.language != self._language:
            self._before = []
        self._end, self._language = window.end, task.language

    def _search(self, encoded: Any, window: AudioChunk, task: DecodingTask) -> _Found:
        """The first sound text; the last try's, cut short, if no try was sound."""
        kept: list[int] = []
        for before, beams in self._tries():
            plain = task if before or beams > 1 else replace(task, glossary=())
            room = room_behind(len(before) + len(plain.glossary))
            search = Search(min(room, self._budget(window, task)), beams)
            found = self._model.transcribe(encoded, before, plain, search)
            floor = self._options.score_floor - (_FREER if task.translate else 0.0)
            if found.score < floor:
                continue
            passage = Passage(window.samples, encoded, (), found.tokens)
            kept = without_loop(self._model, passage, task)
            if len(kept) == len(found.tokens) and not self._is_loop(found.tokens):
                return _Found(found.tokens, sound=True, full=len(kept) >= search.budget)
        return _Found(kept, sound=False, full=False)

    def _tries(self) -> Iterator[tuple[list[int], int]]:
        """A prompt that leads astray is the usual cause of a loop, a wide beam the next one."""
        if self._before:
            before = full_prompt(self._static, self._before, self._options.prompt_tokens)
            yield before, self._options.beams
        yield self._static, self._options.beams
        yield [], 1

    def _budget(self, window: AudioChunk, task: DecodingTask) -> int:
        seconds = len(window.samples) / SPEECH_RATE
        return int(seconds * self._options.tokens_per_second * density(task.written)) + 10

    def _is_loop(self, tokens: Sequence[int]) -> bool:
        """Whether the text is too dense, and not because of what was found to be repeated."""
        if find_repetition(tokens, 0) is not None:
            return False
        # One byte for each character: in three bytes of UTF-8 any text of some scripts is dense.
        text = bytes(ord(character) & 0xFF for character in self._model.text(tokens))
        return len(text) > _DENSEST * len(zlib.compress(text))


def _behind(part: AudioChunk, heard: float) -> AudioChunk | None:
    """What follows `heard` (seconds), if it is long enough for speech and not all there was."""
    first = int(heard * SPEECH_RATE)
    if first <= part.first_sample or part.end_sample - first < _SHORTEST_REST * SPEECH_RATE:
        return None
    return AudioChunk(first, part.samples[first - part.first_sample :])


def _goes_on_behind(pieces: Sequence[PlacedPiece], window: AudioChunk) -> bool:
    """Whether enough of `window` follows these pieces for more of them."""
    if not pieces:
        return False
    return _behind(window, window.start + pieces[-1].end * FRAME_SECONDS) is not None


def join_audio(chunks: Sequence[AudioChunk]) -> AudioChunk:
    """One chunk from the first sample to the last; what lies between chunks is silence."""
    first, last = chunks[0].first_sample, chunks[-1].end_sample
    samples = np.zeros(last - first, np.float32)
    for chunk in chunks:
        begin = chunk.first_sample - first
        samples[begin : begin + len(chunk.samples)] = chunk.samples
    return AudioChunk(first, samples)
