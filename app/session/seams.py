"""Where words that are found late meet those that stand: none twice, none left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.core.events import FinalCaption, Word
    from app.session.transcript import Transcript

_WORD = 0.5  # seconds; what a word lasts longer is silence behind it
_SNAP = 2  # words by which a seam moves to meet the word that stands there
_APART = 0.5  # seconds between the middles of the same word, found twice


def words_around(transcript: Transcript, start: float, end: float) -> list[Word]:
    """The machine's words that stand between two times (s), in the order of time."""
    lines = [
        line
        for utterance in transcript.utterances_between(start, end)
        for line in transcript.lines_of(utterance)
    ]
    words = [word for line in lines for word in line.words if start < _middle(word) < end]
    return sorted(words, key=_middle)


def fitted(
    captions: Sequence[FinalCaption], start: float, end: float, standing: Sequence[Word]
) -> Iterator[FinalCaption]:
    """What of `captions` belongs between two times (s); they were heard with some sound around.

    That is the words whose middle lies there. Times are a little uncertain: where the word that
    stands next to the stretch was found again, the seam is beside that word.
    """
    found = [word for caption in captions for word in caption.words]
    half = (start + end) / 2
    first = _seam_after(found, start, [word for word in standing if _middle(word) < half])
    last = _seam_before(found, end, [word for word in standing if _middle(word) >= half])
    place = 0
    for caption in captions:
        count = len(caption.words)
        words = caption.words[max(0, first - place) : max(0, last - place)]
        place += count
        if len(words) == count:
            yield caption
        elif words:
            yield _with(caption, words)


def _seam_after(found: Sequence[Word], start: float, before: Sequence[Word]) -> int:
    """How many of `found` precede the stretch."""
    return _seam(found, start, lambda at: at > 0 and _same(found[at - 1], before[-1]), before)


def _seam_before(found: Sequence[Word], end: float, after: Sequence[Word]) -> int:
    """How many of `found` do not follow the stretch."""
    return _seam(found, end, lambda at: at < len(found) and _same(found[at], after[0]), after)


def _seam(
    found: Sequence[Word], at: float, meets: Callable[[int], bool], neighbours: Sequence[Word]
) -> int:
    count = sum(1 for word in found if _middle(word) < at)
    for distance in range(_SNAP + 1 if neighbours else 0):
        for candidate in (count - distance, count + distance):
            if 0 <= candidate <= len(found) and meets(candidate):
                return candidate
    return count


def _same(one: Word, other: Word) -> bool:
    return _key(one) == _key(other) and abs(_middle(one) - _middle(other)) <= _APART


def _key(word: Word) -> str:
    return "".join(c for c in word.text.casefold() if c.isalnum())


def _middle(word: Word) -> float:
    return word.start + min(word.end - word.start, _WORD) / 2


def _with(caption: FinalCaption, words: Sequence[Word]) -> FinalCaption:
    text = "".join(word.text for word in words).strip()
    end = max(words[-1].end, words[0].start)
    return replace(caption, start=words[0].start, end=end, text=text, words=tuple(words))
