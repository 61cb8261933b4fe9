"""Lays the text of longer windows over the utterances heard live, as their first revision."""

from __future__ import annotations

from dataclasses import replace
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

from app.platforms.process import release_memory
from app.speech.transcribe.guards import is_unlikely
from app.speech.transcribe.guidance import Guidance, Guide
from app.speech.transcribe.offline import WindowDecoder, join_audio
from app.speech.transcribe.options import RevisionOptions, settled
from app.speech.transcribe.quiet import rests
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.speech.transcribe.words import (
    SENTENCE_END,
    ends_sentence,
    is_wordless,
    without_leading_marks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.core.events import FinalCaption, Word
    from app.speech.transcribe.options import Deferred
    from app.speech.transcribe.quiet import Rest
    from app.speech.transcribe.whisper import Whisper

_DROPPED_RUN = 3  # live words in a row whose absence is no improvement ...
_SURE = 0.5  # ... if they are at least this probable on average
_WORD = 0.5  # seconds; what a word lasts longer is silence, which counts for the word before it
_THIN = 0.5  # share of the live text under which a window has left too much out
_SNAP = 2  # words by which a line's end moves to meet a sentence's end


class ReviseStage:
    """HeardUtterance, SpeechRested -> FinalCaption of revision 1.

    Utterances are collected to windows of up to 30 s, which end between utterances, and decoded
    again with beam search. Where that gives nothing to trust, the live words stay.
    """

    name = "revise"

    def __init__(
        self,
        load: Callable[[], Whisper],
        options: Deferred[RevisionOptions] | None = None,
        guidance: Guidance | None = None,
    ) -> None:
        self._load = load
        self._options = RevisionOptions()
        self._deferred = options or self._options
        self._guidance = guidance or Guidance()
        self._waiting: list[HeardUtterance] = []

    def open(self) -> None:
        model = self._load()
        self._options = settled(self._deferred)
        self._guide = Guide(model, self._guidance)
        self._decoder = WindowDecoder(model, self._options)

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
        task = self._guide.task(heard[0].spoken or heard[0].caption.language)
        early, live = _early(heard, window.start)
        release_memory()  # a window's buffers are the largest there are, and live steps left some
        decoded = self._decoder.decode(window, task)
        release_memory()
        found = decoded.words if decoded and decoded.sound else ()
        words = restore_dropped(found, live)
        if found and not is_thin(words, live):
            yield from lay_over(in_order([*early, *words]), heard, rests(window))
        elif not found and is_unlikely(live):
            yield from lay_over(early, heard, rests(window))  # noise that was taken for words

    def close(self) -> None:
        self._waiting = []
        for name in ("_decoder", "_guide"):
            self.__dict__.pop(name, None)

    def _fits(self, item: HeardUtterance) -> bool:
        if not self._waiting:
            return True
        first, last = self._waiting[0], self._waiting[-1]
        return (
            item.audio.end - first.audio.start <= self._options.longest
            and item.audio.start - last.audio.end <= self._options.gap
            and item.caption.language == last.caption.language
            and item.spoken == last.spoken
        )


def _early(heard: Sequence[HeardUtterance], begin: float) -> tuple[list[Word], list[Word]]:
    """Live words: those that end before a window's `begin` (seconds), and all others."""
    live = [word for utterance in heard for word in utterance.caption.words]
    live = [word for word in live if not is_wordless(word.text)]
    count = sum(1 for word in live if word.end <= begin)
    return live[:count], live[count:]


def is_thin(revised: Sequence[Word], live: Sequence[Word]) -> bool:
    """Whether much of what was surely heard live is missing.

    Where a window holds another language than it is decoded in, one of the two is left out.
    """
    if not live or _likeliness(live) < _SURE:
        return False
    letters = len("".join(_keys(revised)))
    return letters < _THIN * len("".join(_keys(live)))


def restore_dropped(revised: Sequence[Word], live: Sequence[Word]) -> list[Word]:
    """`revised` with runs of sure live words that it passed over put back.

    Beam search prefers short texts and leaves out whole clauses where a speaker repeats himself,
    and the last words of a window that ends too soon after them.
    """
    matcher = SequenceMatcher(None, _keys(live), _keys(revised), autojunk=False)
    restored: list[Word] = []
    for kind, live_from, live_to, from_, to in matcher.get_opcodes():
        dropped = live[live_from:live_to]
        counts = len(dropped) >= _DROPPED_RUN or live_to == len(live)
        if kind == "delete" and counts:
            restored.extend(dropped if _likeliness(dropped) >= _SURE else ())
        restored.extend(revised[from_:to])
    return restored


def in_order(words: Iterable[Word]) -> list[Word]:
    """`words` so that none begins before the one in front of it."""
    ordered: list[Word] = []
    for word in words:
        start = max(word.start, ordered[-1].start if ordered else word.start)
        ordered.append(replace(word, start=start, end=max(word.end, start)))
    return ordered


def _likeliness(words: Sequence[Word]) -> float:
    return sum(word.probability for word in words) / len(words)


def _keys(words: Sequence[Word]) -> list[str]:
    return ["".join(c for c in word.text.casefold() if c.isalnum()) for word in words]


def lay_over(
    words: Sequence[Word], heard: Sequence[HeardUtterance], found: Sequence[Rest]
) -> Iterator[FinalCaption]:
    """Give each utterance the words that lie in its audio; one without any gets an empty text.

    `found` are the rests in the audio.
    """
    rest = list(words)
    for utterance, following in pairwise(heard):
        boundary = min(utterance.audio.end, max(following.audio.start, utterance.audio.start))
        count = _line_end(rest, boundary, found)
        yield _revised(utterance.caption, rest[:count])
        rest = rest[count:]
    yield _revised(heard[-1].caption, rest)


def _line_end(words: Sequence[Word], boundary: float, found: Sequence[Rest]) -> int:
    """How many words precede `boundary` (seconds); a sentence's end close by is preferred."""
    middles = (word.start + min(word.end - word.start, _WORD) / 2 for word in words)
    count = sum(1 for middle in middles if middle < boundary)
    for distance in range(_SNAP + 1):
        for candidate in (count - distance, count + distance):
            if 0 < candidate <= len(words) and _sentence_ends(words, candidate, found):
                return candidate
    return count


def _sentence_ends(words: Sequence[Word], count: int, found: Sequence[Rest]) -> bool:
    """Whether the first `count` words end with a sentence."""
    if count == len(words):
        return SENTENCE_END.search(words[-1].text) is not None
    return ends_sentence(words[count - 1], words[count], found)


def _revised(caption: FinalCaption, laid: Sequence[Word]) -> FinalCaption:
    words = without_leading_marks(laid)
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
