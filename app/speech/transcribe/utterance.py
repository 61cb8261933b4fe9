"""Collects committed words into utterances, with the audio they were heard in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import FinalCaption, Word
from app.speech.transcribe.graphemes import continues
from app.speech.transcribe.words import SENTENCE_END, ends_word, join_marks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from app.speech.transcribe.options import UtteranceOptions

_WORDLESS = 10.0  # seconds of sound without another word after which an utterance is over
_UNHEARD_KEPT = 3.0  # seconds of audio without a word that stay in front of the next one


@dataclass(frozen=True, slots=True, eq=False)
class HeardUtterance:
    """A closed utterance: its live caption and its audio, for decoding it again."""

    caption: FinalCaption
    audio: AudioChunk
    spoken: str = ""  # the language that is heard, if not the one that is written


@dataclass(frozen=True, slots=True)
class SpeechRested:
    """Nobody has spoken for a long time."""

    at: float  # seconds


class UtteranceBuilder:
    """Numbers utterances from 0. Audio and words must come in the order of time.

    `language` is what is spoken; captions bear it unless another one is `written`.
    """

    def __init__(self, options: UtteranceOptions, *, written: str = "") -> None:
        self._options = options
        self._written = written
        self.number = 0
        self._words: list[Word] = []
        self._audio: list[NDArray[np.float32]] = []
        self._first = self._end = 0

    def hear(self, chunk: AudioChunk) -> None:
        """Audio of the utterance being spoken, or of the next one."""
        if self._end != chunk.first_sample:
            self._start(chunk.first_sample)
        self._audio.append(chunk.samples)
        self._end = chunk.end_sample
        if not self._words:
            self._forget_before(self._end - int(_UNHEARD_KEPT * SPEECH_RATE))

    def add(
        self, words: Iterable[Word], language: str
    ) -> Iterator[tuple[int, Word] | HeardUtterance]:
        """Each word with its utterance's number; utterances that are closed on the way."""
        for word in words:
            if self._words and self._ends_before(word):
                yield self._close(self._boundary(word), language)
            self._words.append(word)
            yield self.number, word

    @property
    def is_overdue(self) -> bool:
        """Whether what is taken for speech has long been something else: music, a machine."""
        return bool(self._words) and self._end / SPEECH_RATE - self._words[-1].end > _WORDLESS

    def close(self, language: str) -> Iterator[HeardUtterance]:
        """The utterance is over: somebody paused, or the input ended."""
        if self._words:
            yield self._close(self._end, language)

    def split_at(self, sample: int, before: str, after: str) -> Iterator[HeardUtterance]:
        """The language changed: close what began before `sample`, and what has begun since."""
        late = [word for word in self._words if word.start * SPEECH_RATE >= sample]
        self._words = self._words[: len(self._words) - len(late)]
        if self._words:
            yield self._close(self._within(sample), before)
        self._words = late
        if late:
            yield self._close(self._within(int(late[-1].end * SPEECH_RATE)), after)

    def _start(self, sample: int) -> None:
        self._audio = []
        self._first = self._end = sample

    def _ends_before(self, word: Word) -> bool:
        if ends_word(word.text) or continues(self._words[-1].text, word.text):
            return False
        length = self._words[-1].end - self._words[0].start
        ended = SENTENCE_END.search(self._words[-1].text) is not None
        return length >= self._options.longest or (ended and length >= self._options.sentence_after)

    def _boundary(self, word: Word) -> int:
        between = (self._words[-1].end + word.start) / 2
        return self._within(int(between * SPEECH_RATE))

    def _within(self, sample: int) -> int:
        return min(max(sample, self._first), self._end)

    def _close(self, sample: int, language: str) -> HeardUtterance:
        words = join_marks(self._words)
        caption = FinalCaption(
            utterance=self.number,
            revision=0,
            start=words[0].start,
            end=max(words[-1].end, words[0].start),
            text="".join(word.text for word in words).strip(),
            language=self._written or language,
            words=words,
        )
        audio = self._cut_audio(sample)
        self.number += 1
        self._words = []
        return HeardUtterance(caption, audio, language)

    def _cut_audio(self, sample: int) -> AudioChunk:
        """The audio up to `sample`; the rest stays for the next utterance."""
        whole = np.concatenate(self._audio) if self._audio else np.zeros(0, np.float32)
        length = sample - self._first
        chunk = AudioChunk(self._first, whole[:length])
        self._audio, self._first = [whole[length:]], sample
        return chunk

    def _forget_before(self, sample: int) -> None:
        while self._audio and self._first + len(self._audio[0]) <= sample:
            self._first += len(self._audio.pop(0))
