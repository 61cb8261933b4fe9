"""Cuts a window where the language changes, so that each part is decoded in its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.mel import MelBuffer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.core.events import LanguageDetected
    from app.speech.transcribe.language import LanguageFinder
    from app.speech.transcribe.whisper import Whisper

_SHORTEST = int(2.5 * SPEECH_RATE)  # samples that tell a language well
_CONTEXT = 1000  # mel frames (10 ms) that the encoder sees for this


class LanguageRegions:
    """Judges windows in the order of time; `finder` remembers the language between them."""

    def __init__(self, model: Whisper, finder: LanguageFinder) -> None:
        self._model = model
        self._finder = finder

    def split(
        self, window: AudioChunk, pauses: Sequence[int]
    ) -> Iterator[tuple[AudioChunk, str, LanguageDetected | None]]:
        """Parts of `window` in one language each, and what was found where that is news.

        `pauses` are samples at which somebody else may begin to speak.
        """
        if self._finder.settled:
            self._finder.doubt(hold=False)
        begun, language, news = window.first_sample, "", None
        for begin, end in self._regions(window, pauses):
            found = self._judge(_cut(window, begin, end))
            if language and self._finder.language != language:
                yield _cut(window, begun, begin), language, news
                begun, news = begin, None
            language, news = self._finder.language, found or news
        yield _cut(window, begun, window.end_sample), language, news

    def _regions(self, window: AudioChunk, pauses: Sequence[int]) -> Iterator[tuple[int, int]]:
        """One region if the language is known for certain, else one for each stretch of speech."""
        begin = window.first_sample
        for pause in () if self._finder.settled else pauses:
            if pause - begin >= _SHORTEST and window.end_sample - pause >= _SHORTEST:
                yield begin, pause
                begin = pause
        yield begin, window.end_sample

    def _judge(self, region: AudioChunk) -> LanguageDetected | None:
        if self._finder.settled:
            self._finder.doubt(hold=False)
        seconds = len(region.samples) / SPEECH_RATE
        if not self._finder.due(seconds, patient=False):
            self._finder.keep()
            return None
        heard = region.samples[: (_CONTEXT - 100) * SPEECH_RATE // 100]
        encoded = self._model.encode(MelBuffer(self._model.n_mels, heard).window(_CONTEXT))
        return self._finder.consider(encoded, seconds, patient=False)


def _cut(window: AudioChunk, begin: int, end: int) -> AudioChunk:
    first = window.first_sample
    return AudioChunk(begin, window.samples[begin - first : end - first])
