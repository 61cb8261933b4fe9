"""Lays the text of longer windows over the utterances heard live, as their first revision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.events import FinalCaption, Word
from app.speech.transcribe.offline import WindowDecoder, join_audio
from app.speech.transcribe.options import RevisionOptions
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.transcribe.whisper import DecodingTask
from app.speech.transcribe.words import SENTENCE_END

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.speech.transcribe.whisper import Whisper

_SNAP = 2  # words by which a line's end moves to meet a sentence's end


class ReviseStage:
    """HeardUtterance, SpeechRested -> FinalCaption of revision 1.

    Utterances are collected to windows of up to 30 s, which end between utterances, and decoded
    again with beam search. Where that gives nothing to trust, the live words stay.
    """

    name = "revise"

    def __init__(self, load: Callable[[], Whisper], options: RevisionOptions | None = None) -> None:
        self._load = load
        self._options = options or RevisionOptions()
        self._waiting: list[HeardUtterance] = []

    def open(self) -> None:
        self._decoder = WindowDecoder(self._load(), self._options)

    def feed(self, items: Sequence[HeardUtterance | SpeechRested], /) -> Iterator[FinalCaption]:
        for item in items:
            if isinstance(item, SpeechRested) or not self._fits(item):
                yield from self.flush()
            if isinstance(item, HeardUtterance):
                self._waiting.append(item)

    def flush(self) -> Iterator[FinalCaption]:
        if not self._waiting:
            return
        heard, self._waiting = self._waiting, []
        window = join_audio([utterance.audio for utterance in heard])
        words = self._decoder.decode(window, DecodingTask(heard[0].caption.language))
        if words is not None:
            yield from lay_over(words, heard)

    def close(self) -> None:
        self._waiting = []
        self.__dict__.pop("_decoder", None)

    def _fits(self, item: HeardUtterance) -> bool:
        if not self._waiting:
            return True
        first, last = self._waiting[0], self._waiting[-1]
        return (
            item.audio.end - first.audio.start <= self._options.longest
            and item.audio.start - last.audio.end <= self._options.gap
            and item.caption.language == last.caption.language
        )


def lay_over(words: Sequence[Word], heard: Sequence[HeardUtterance]) -> Iterator[FinalCaption]:
    """Give each utterance the words that lie in its audio; one without any gets an empty text."""
    rest = list(words)
    for utterance in heard[:-1]:
        count = _line_end(rest, utterance.audio.end)
        yield _revised(utterance.caption, rest[:count])
        rest = rest[count:]
    yield _revised(heard[-1].caption, rest)


def _line_end(words: Sequence[Word], boundary: float) -> int:
    """How many words precede `boundary` (seconds); a sentence's end close by is preferred."""
    count = sum(1 for word in words if (word.start + word.end) / 2 < boundary)
    for distance in range(_SNAP + 1):
        for candidate in (count - distance, count + distance):
            if 0 < candidate <= len(words) and SENTENCE_END.search(words[candidate - 1].text):
                return candidate
    return count


def _revised(caption: FinalCaption, words: Sequence[Word]) -> FinalCaption:
    text = "".join(word.text for word in words).strip()
    if not words:
        return replace(caption, revision=caption.revision + 1, text="", words=())
    return replace(
        caption,
        revision=caption.revision + 1,
        start=words[0].start,
        end=max(words[-1].end, words[0].start),
        text=text,
        words=tuple(words),
    )
