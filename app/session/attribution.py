"""Who spoke each word: turns laid over words, and smoothed where people change in sentences."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import SpeakerTurn, Word

    Assign = Callable[[Word], int | None]

PAUSE = 0.4
"""Seconds without a word at which a speaker may well change."""

REACH = 1.0
"""Seconds from a word within which the nearest turn counts, if none overlaps it."""

_MOVED_WORDS = 2  # so far a change may move to the end of a sentence or to a pause
_MOVED_SECONDS = 1.0
_SHORTEST = 0.5  # seconds of another voice that count inside a sentence
_SHORTEST_WORD = 1.0  # the same for a single word, the times of which are often too long
_ALSO = 0.4  # share of a part during which another voice is heard as well
_SENTENCE_END = re.compile(r"[.?!\u3002]['\"\u2019\u201d)\u300d\u300f]*$")


@dataclass(frozen=True, slots=True)
class Part:
    """Words `first` to `last` (exclusive) of an utterance are by `speakers`, the main one first."""

    first: int
    last: int
    speakers: tuple[int, ...]


def parts_of(
    words: Sequence[Word], turns: Sequence[SpeakerTurn], assigned: Assign = lambda _word: None
) -> tuple[Part, ...]:
    """Cut `words` where the speaker changes; no part at all if nobody is known to have spoken.

    `turns` are those around the words; what a person `assigned` goes before them.
    """
    by_hand = [assigned(word) for word in words]
    heard = [_speaker_of(word, turns) for word in words]
    if all(who is None for who in (*by_hand, *heard)):
        return ()
    smooth = _smoothed(words, _filled(heard))
    main = [hand if hand is not None else who for hand, who in zip(by_hand, smooth, strict=True)]
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(main), 1) if a != b), len(main)]
    return tuple(
        Part(first, last, _speakers(words[first:last], main[first], turns, by_hand[first]))
        for first, last in pairwise(cuts)
    )


def _speaker_of(word: Word, turns: Sequence[SpeakerTurn]) -> int | None:
    """Who speaks longest during the word, or else nearest to it."""
    if not turns:
        return None
    best = max(turns, key=lambda turn: (_overlap(word, turn), -turn.start))
    if _overlap(word, best) > 0:
        return best.speaker
    near = min(turns, key=lambda turn: _distance(word, turn))
    return near.speaker if _distance(word, near) <= REACH else None


def _overlap(word: Word, turn: SpeakerTurn) -> float:
    return min(word.end, turn.end) - max(word.start, turn.start)


def _distance(word: Word, turn: SpeakerTurn) -> float:
    return max(turn.start - word.end, word.start - turn.end, 0.0)


def _filled(speakers: list[int | None]) -> list[int]:
    """Words of nobody belong to whoever spoke before them, or after them at the start."""
    last = next((who for who in speakers if who is not None), 0)
    filled: list[int] = []
    for who in speakers:
        last = last if who is None else who
        filled.append(last)
    return filled


def _smoothed(words: Sequence[Word], speakers: list[int]) -> list[int]:
    found = list(speakers)
    for i in range(1, len(found)):
        if found[i] != found[i - 1] and not _natural(words, i):
            _move_change(words, found, i)
    return _without_slips(words, found)


def _natural(words: Sequence[Word], i: int) -> bool:
    """Whether people change before word `i`: after a sentence or a pause, or at an end."""
    if i in (0, len(words)):
        return True
    return (
        words[i].start - words[i - 1].end >= PAUSE
        or _SENTENCE_END.search(unicodedata.normalize("NFKC", words[i - 1].text.strip()))
        is not None
    )


def _move_change(words: Sequence[Word], speakers: list[int], i: int) -> None:
    """Move the change before word `i` to the nearest natural one, if that is very near."""
    for by in range(1, _MOVED_WORDS + 1):
        for j in (i - by, i + by):
            if 0 < j < len(words) and _natural(words, j) and _may_move(words, speakers, i, j):
                low, high = min(i, j), max(i, j)
                who = speakers[i] if j < i else speakers[i - 1]
                speakers[low:high] = [who] * (high - low)
                return


def _may_move(words: Sequence[Word], speakers: Sequence[int], i: int, j: int) -> bool:
    """Only over words of one voice, which must keep some of them."""
    low, high = min(i, j), max(i, j)
    if abs(words[j].start - words[i].start) > _MOVED_SECONDS or len(set(speakers[low:high])) > 1:
        return False
    beyond = low - 1 if j < i else high
    return 0 <= beyond < len(speakers) and speakers[beyond] == speakers[low]


def _without_slips(words: Sequence[Word], speakers: list[int]) -> list[int]:
    """A word or two of another voice in the middle of a sentence is a slip of the measurement."""
    found = list(speakers)
    cuts = [0, *(i for i, (a, b) in enumerate(pairwise(found), 1) if a != b), len(found)]
    for first, last in pairwise(cuts):
        least = _SHORTEST if last - first > 1 else _SHORTEST_WORD
        short = words[last - 1].end - words[first].start < least
        if not short or (_natural(words, first) and _natural(words, last)):
            continue
        kept = found[first - 1] if not _natural(words, first) else found[last]
        found[first:last] = [kept] * (last - first)
    return found


def _speakers(
    words: Sequence[Word], main: int, turns: Sequence[SpeakerTurn], by_hand: int | None
) -> tuple[int, ...]:
    """Who is heard during a part: also those who speak at the same time for much of it."""
    if by_hand is not None:
        return (main,)
    length = sum(word.end - word.start for word in words)
    also: dict[int, float] = {}
    for turn in turns:
        shared = sum(max(0.0, _overlap(word, turn)) for word in words)
        if turn.speaker != main and shared > 0:
            also[turn.speaker] = also.get(turn.speaker, 0.0) + shared
    loud = [who for who, shared in also.items() if shared >= max(_ALSO * length, 0.01)]
    return (main, *sorted(loud, key=lambda who: -also[who]))


def cut_text(text: str, words: Sequence[Word], parts: Sequence[Part]) -> list[str]:
    """`text`, which a person may have changed, cut like the words that it was made from."""
    if len(parts) < 2:
        return [text]
    heard = "".join(word.text for word in words)
    ends = [len("".join(word.text for word in words[: part.last])) for part in parts[:-1]]
    if heard.strip() == text.strip():
        lead = len(heard) - len(heard.lstrip())
        places = [end - lead for end in ends]
        text = text.strip()
    else:
        matcher = SequenceMatcher(None, heard, text, autojunk=False)
        codes = matcher.get_opcodes()
        places = [_word_end(text, _moved(end, codes)) for end in ends]
    bounds = [0, *places, len(text)]
    bounds = [max(bounds[: i + 1]) for i in range(len(bounds))]
    return [text[first:last].strip() for first, last in pairwise(bounds)]


def _moved(place: int, codes: Sequence[tuple[str, int, int, int, int]]) -> int:
    """Where `place` of the old text is in the new one."""
    for tag, a1, a2, b1, b2 in codes:
        if a1 <= place <= a2 and (a2 > a1 or place == a1):
            return b1 + place - a1 if tag == "equal" else b2
    return codes[-1][4] if codes else 0


def _word_end(text: str, place: int) -> int:
    """The nearest space, if words are written apart there."""
    spaces = [i for i in range(max(0, place - 12), min(len(text), place + 12)) if text[i] == " "]
    return min(spaces, key=lambda i: abs(i - place), default=place)
