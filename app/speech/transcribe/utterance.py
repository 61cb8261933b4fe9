"""Collects committed words into utterances, with the audio they were heard in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import FinalCaption, Word
from app.speech.transcribe.graphemes import continues
from app.speech.transcribe.kept import KeptAudio
from app.speech.transcribe.quiet import quietest_between, rest_between, rests
from app.speech.transcribe.words import (
    SENTENCE_END,
    ends_sentence,
    ends_word,
    is_wordless,
    join_marks,
    opens,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from app.speech.transcribe.options import UtteranceOptions

_WORDLESS = 10.0  # seconds of sound without another word after which an utterance is over
_LEAD = 3.0  # seconds of audio without a word that stay in front of an utterance
_PREROLL = 0.3  # seconds in front of one that begins in sound which was handed on already
_JUDGED = 10.0  # seconds of audio before a word that show what is quiet there
_JUDGED_BEHIND = 1.0
_MARKED = 4  # pieces of which a word with its marks consists, at most
_KEPT = 30.0  # seconds of audio in which words may still be found: no decoder holds more


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
        self._mark: Word | None = None  # came before the first word and may open it
        self._audio = KeptAudio()
        self._begun = 0  # the sample with which the utterance begins, once it has a word
        self._handed_on = 0  # the sample up to which utterances have had the audio ...
        self._told = 0.0  # ... and the end of their last word (seconds)

    def hear(self, chunk: AudioChunk) -> None:
        """Audio of the utterance being spoken, or of the next one."""
        if self._audio.end != chunk.first_sample:
            self._begun = self._handed_on = chunk.first_sample
        self._audio.append(chunk)
        oldest = self._audio.end - int(_KEPT * SPEECH_RATE)
        self._audio.forget_before(min(oldest, self._begun) if self._words else oldest)

    def add(
        self, words: Iterable[Word], language: str
    ) -> Iterator[tuple[int, Word] | HeardUtterance]:
        """Each word with its utterance's number; utterances that are closed on the way.

        Marks before an utterance's first word are dropped unless they open that.
        """
        for word in words:
            if self._words and self._ends_before(word):
                yield self._close(self._boundary(word), language)
            if not self._words and is_wordless(word.text):
                self._mark = word
                continue
            for piece in self._begin(word) if not self._words else [word]:
                self._words.append(piece)
                yield self.number, piece

    @property
    def is_overdue(self) -> bool:
        """Whether what is taken for speech has long been something else: music, a machine."""
        return bool(self._words) and self._audio.end / SPEECH_RATE - self._words[-1].end > _WORDLESS

    def close(self, language: str) -> Iterator[HeardUtterance]:
        """The utterance is over: somebody paused, or the input ended."""
        if self._words:
            yield self._close(self._audio.end, language)

    def split_at(self, sample: int, before: str, after: str) -> Iterator[HeardUtterance]:
        """The language changed: close what began before `sample`, and what has begun since."""
        late = [word for word in self._words if word.start * SPEECH_RATE >= sample]
        self._words = self._words[: len(self._words) - len(late)]
        if self._words:
            yield self._close(self._audio.within(sample), before)
        self._words = late
        if late:
            self._begun = self._beginning(late[0])
            yield self._close(self._audio.within(int(late[-1].end * SPEECH_RATE)), after)

    def _begin(self, word: Word) -> list[Word]:
        """The first word of an utterance, and the mark that opens it."""
        self._begun = self._beginning(word)
        mark, self._mark = self._mark, None
        return [mark, word] if mark and opens(mark.text, word.text) else [word]

    def _beginning(self, word: Word) -> int:
        """The sample with which an utterance begins of which `word` is the first.

        Where a decoder was late, the audio went with the utterance before: both have it then, but
        none of the words that were told there.
        """
        start = int(word.start * SPEECH_RATE)
        if start >= self._handed_on:
            return self._audio.within(max(self._handed_on, start - int(_LEAD * SPEECH_RATE)))
        told = int(self._told * SPEECH_RATE)
        return self._audio.within(min(start, max(told, start - int(_PREROLL * SPEECH_RATE))))

    def _ends_before(self, word: Word) -> bool:
        if ends_word(word.text) or continues(self._words[-1].text, word.text):
            return False
        length = self._words[-1].end - self._words[0].start
        return length >= self._options.longest or (
            length >= self._options.sentence_after and self._sentence_ends_before(word, length)
        )

    def _sentence_ends_before(self, word: Word, length: float) -> bool:
        last = self._last_word
        if SENTENCE_END.search(last.text) is None:
            return False  # saves listening
        pressing = length >= self._options.pressing_after
        return ends_sentence(last, word, rests(self._audio_around(word)), pressing=pressing)

    def _boundary(self, word: Word) -> int:
        """Where the audio is cut before `word`: in a rest, or else where it is quietest."""
        last, audio = self._last_word, self._audio_around(word)
        rest = rest_between(last, word, rests(audio))
        if rest:
            return self._audio.within(int(rest.middle * SPEECH_RATE))
        begin = min((last.start + last.end) / 2, word.start)
        end = max((word.start + word.end) / 2, last.end)
        return self._audio.within(quietest_between(audio, begin, end))

    @property
    def _last_word(self) -> Word:
        """With its marks, which lie where the rest behind it does."""
        return join_marks(self._words[-_MARKED:])[-1]

    def _audio_around(self, word: Word) -> AudioChunk:
        """Enough to tell what is quiet and what is loud."""
        first = int((word.start - _JUDGED) * SPEECH_RATE)
        return self._audio.part(first, int((word.end + _JUDGED_BEHIND) * SPEECH_RATE))

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
        audio = self._audio_up_to(max(sample, self._begun))
        self.number += 1
        self._words, self._mark, self._told = [], None, caption.end
        return HeardUtterance(caption, audio, language)

    def _audio_up_to(self, sample: int) -> AudioChunk:
        """The utterance's audio; it is kept for words that come late."""
        self._handed_on = sample
        part = self._audio.part(self._begun, sample)
        return AudioChunk(self._begun, part.samples.copy())
