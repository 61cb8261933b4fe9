"""Decodes windows of up to 30 s with beam search: what is stored has this quality."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.guards import cut_repeats, is_guesswork
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.policy import full_prompt, static_tokens
from app.speech.transcribe.quiet import begin_with_sound
from app.speech.transcribe.whisper import WINDOW_FRAMES, Search
from app.speech.transcribe.words import join_marks, place, split

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from app.core.events import Word
    from app.speech.transcribe.options import RevisionOptions
    from app.speech.transcribe.whisper import DecodingTask, Whisper

_BRIEF = 4.0  # seconds of a window, the silence after the speech included
_PROMPT_GAP = 30.0  # seconds after which older text says nothing about what comes
_FREER = 0.5  # a translation can be worded in many ways: its score is lower
_DENSEST = 3.0  # characters per compressed byte above which a text must be a loop


@dataclass(frozen=True, slots=True)
class DecodedWindow:
    """The words of a window on the source's clock. `sound` is false where the model looped."""

    words: tuple[Word, ...]
    sound: bool


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
        """The best text for `window`; None if the model finds no text likely."""
        if window.start - self._end > _PROMPT_GAP:
            self._before = []
        if task.language != self._language:
            self._language, self._before = task.language, []
        self._end = window.end
        mel = MelBuffer(self._model.n_mels, window.samples)
        encoded = self._model.encode(mel.window(WINDOW_FRAMES))
        tokens, sound = self._search(encoded, window, task)
        self._before = tokens if sound else []
        if not tokens:
            return None
        frames = min(mel.frames, WINDOW_FRAMES)
        alignment = self._model.align(encoded, tokens, frames, task)
        pieces = split(tokens, self._model.text, task.written)
        placed = [piece.as_word(window.start) for piece in place(pieces, alignment, 0)]
        brief = len(window.samples) < _BRIEF * SPEECH_RATE
        if is_guesswork((word.probability for word in placed), brief=brief):
            return None
        return DecodedWindow(join_marks(begin_with_sound(placed, window)), sound)

    def _search(
        self, encoded: Any, window: AudioChunk, task: DecodingTask
    ) -> tuple[list[int], bool]:
        """Tokens and whether they are sound; the last try's, cut short, if no try was sound."""
        kept: list[int] = []
        for before, beams in self._tries():
            budget = self._budget(window)
            plain = task if before or beams > 1 else replace(task, glossary=())
            found = self._model.transcribe(encoded, before, plain, Search(budget, beams))
            floor = self._options.score_floor - (_FREER if task.translate else 0.0)
            if found.score < floor:
                continue
            kept = cut_repeats([], found.tokens)
            if len(kept) == len(found.tokens) and not self._is_loop(found.tokens):
                return found.tokens, True
        return kept, False

    def _tries(self) -> Iterator[tuple[list[int], int]]:
        """A prompt that leads astray is the usual cause of a loop, a wide beam the next one."""
        if self._before:
            before = full_prompt(self._static, self._before, self._options.prompt_tokens)
            yield before, self._options.beams
        yield self._static, self._options.beams
        yield [], 1

    def _budget(self, window: AudioChunk) -> int:
        seconds = len(window.samples) / SPEECH_RATE
        return min(200, int(seconds * self._options.tokens_per_second) + 10)

    def _is_loop(self, tokens: Sequence[int]) -> bool:
        text = self._model.text(tokens).encode()
        return len(text) > _DENSEST * len(zlib.compress(text))


def join_audio(chunks: Sequence[AudioChunk]) -> AudioChunk:
    """One chunk from the first sample to the last; what lies between chunks is silence."""
    first, last = chunks[0].first_sample, chunks[-1].end_sample
    samples = np.zeros(last - first, np.float32)
    for chunk in chunks:
        begin = chunk.first_sample - first
        samples[begin : begin + len(chunk.samples)] = chunk.samples
    return AudioChunk(first, samples)
