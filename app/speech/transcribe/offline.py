"""Decodes windows of up to 30 s with beam search: what is stored has this quality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.speech.transcribe.guards import cut_repeats
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import WINDOW_FRAMES
from app.speech.transcribe.words import join_marks, place, split

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from app.core.audio import AudioChunk
    from app.core.events import Word
    from app.speech.transcribe.options import RevisionOptions
    from app.speech.transcribe.whisper import DecodingTask, Hypothesis, Whisper

_PROMPT_GAP = 30.0  # seconds after which older text says nothing about what comes
_DENSEST = 2.4  # characters per compressed byte above which a text repeats itself (Whisper's limit)


class WindowDecoder:
    """Decodes windows in the order of time, each with the text before it as prompt."""

    def __init__(self, model: Whisper, options: RevisionOptions) -> None:
        self._model = model
        self._options = options
        self._before: list[int] = []
        self._end = 0.0

    def decode(self, window: AudioChunk, task: DecodingTask) -> tuple[Word, ...] | None:
        """The window's words on the source's clock; None when no trustworthy text was found."""
        if window.start - self._end > _PROMPT_GAP:
            self._before = []
        self._end = window.end
        mel = MelBuffer(self._model.n_mels, window.samples)
        encoded = self._model.encode(mel.window(WINDOW_FRAMES))
        best = self._search(encoded, window, task)
        self._before = best.tokens if best else []
        if best is None:
            return None
        frames = min(mel.frames, WINDOW_FRAMES)
        alignment = self._model.align(encoded, best.tokens, frames, task)
        pieces = split(best.tokens, self._model.text, task.language)
        return join_marks([p.as_word(window.start) for p in place(pieces, alignment, 0)])

    def _search(self, encoded: Any, window: AudioChunk, task: DecodingTask) -> Hypothesis | None:
        """Try with the text before, then without it: a bad prompt is the usual cause of a loop."""
        options = self._options
        seconds = len(window.samples) / SPEECH_RATE
        budget = min(200, int(seconds * options.tokens_per_second) + 10)
        prompts = [self._before[-options.prompt_tokens :], []] if self._before else [[]]
        for before in prompts:
            found = self._model.transcribe(
                encoded, before, task, beams=options.beams, budget=budget
            )
            if found.tokens and found.score >= options.score_floor and self._is_sound(found):
                return found
        return None

    def _is_sound(self, found: Hypothesis) -> bool:
        import zlib

        text = self._model.text(found.tokens).encode()
        dense = len(text) / len(zlib.compress(text)) > _DENSEST
        return not dense and len(cut_repeats([], found.tokens)) == len(found.tokens)


def join_audio(chunks: Sequence[AudioChunk]) -> AudioChunk:
    """One chunk from the first sample to the last; what lies between chunks is silence."""
    from app.core.audio import AudioChunk

    first, last = chunks[0].first_sample, chunks[-1].end_sample
    samples = np.zeros(last - first, np.float32)
    for chunk in chunks:
        begin = chunk.first_sample - first
        samples[begin : begin + len(chunk.samples)] = chunk.samples
    return AudioChunk(first, samples)
