"""Finds phrases in a text as whole words: however they are capitalised, the longest first.

A letter is compared with its capitals in any language: an i with I and the Turkish capital with a
dot, a dotless i with I, but those two not with each other. All forms of the apostrophe are one, and
so are all blanks. A table of thousands of phrases costs hardly more than one of ten: what may begin
at a place is looked up, not tried.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTICLES = (
    "이라고",
    "라고",
    "이라는",
    "라는",
    "입니다",
    "이에요",
    "예요",
    "에서는",
    "에서",
    "에게",
    "한테",
    "까지",
    "부터",
    "처럼",
    "보다",
    "마다",
    "으로",
    "께서",
    "이랑",
    "랑",
    "이나",
    "나",
    "이며",
    "하고",
    "이",
    "가",
    "은",
    "는",
    "을",
    "를",
    "의",
    "에",
    "와",
    "과",
    "로",
    "도",
    "만",
    "님",
    "씨",
    "야",
    "아",
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0f00-\u0fff"  # Thai, Lao, Burmese, Khmer, Tibetan
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"  # kana, Chinese characters
)
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\uff07`\u00b4", "'"))
_DOTLESS = "\u0131"  # the Turkish small i without a dot
_DOT = "\u0307"  # what the Turkish capital with a dot becomes besides an i


@dataclass(frozen=True, slots=True)
class Found:
    """The phrase number `index`, at `text[start:end]`."""

    index: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Folded:
    """A text to compare, and where in the real text each of its characters begins (one more)."""

    text: str
    places: list[int]

    def is_edge(self, at: int) -> bool:
        """Whether a real character begins at `at` > 0, or all end there: ß has become two."""
        return self.places[at] != self.places[at - 1]


def fold(text: str) -> str:
    """`text` as it is compared: texts that differ in capitals or apostrophes become the same."""
    return text.translate(_APOSTROPHES).casefold().replace("i" + _DOT, "i")


class Phrases:
    """Phrases to look for, each with one blank between its words."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._alike: dict[str, list[tuple[int, frozenset[str]]]] = {}
        lengths: dict[str, set[int]] = {}
        for index, phrase in enumerate(phrases):
            key = _folded(phrase).text
            self._alike.setdefault(key, []).append((index, _spellings(phrase)))
            lengths.setdefault(key[:1], set()).add(len(key))
        self._lengths = {first: sorted(known, reverse=True) for first, known in lengths.items()}

    def find(self, text: str) -> list[Found]:
        """Where they are in `text`, from left to right; they do not overlap."""
        folded = _folded(text)
        found: list[Found] = []
        for at, first in enumerate(folded.text):
            free = not found or folded.places[at] >= found[-1].end
            if first in self._lengths and free and _begins_word(folded, at):
                longest = self._longest_at(text, folded, at)
                found.extend([longest] if longest else [])
        return found

    def _longest_at(self, text: str, folded: _Folded, at: int) -> Found | None:
        for length in self._lengths[folded.text[at]]:
            alike = self._alike.get(folded.text[at : at + length])
            if alike and _ends_word(folded, at + length):
                start, end = folded.places[at], folded.places[at + length]
                heard = _spellings(text[start:end])
                for index, spellings in alike:
                    if heard & spellings:
                        return Found(index, start, end)
        return None


def _folded(text: str) -> _Folded:
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _letters(character):
            last = letters[-1] if letters else ""
            if (letter, last) not in ((" ", " "), (_DOT, "i")):
                letters.append(letter)
                places.append(place)
    return _Folded("".join(letters), [*places, len(text)])


@cache
def _letters(character: str) -> str:
    """What `character` is looked up as; more than what is equal, see `_spellings`."""
    return " " if character.isspace() else fold(character).replace(_DOTLESS, "i")


def _spellings(text: str) -> frozenset[str]:
    """`text` folded as most languages do, and as Turkish and Azeri do, where I has no dot."""
    spaced = " ".join(text.split())
    return frozenset((fold(spaced), fold(spaced.replace("I", _DOTLESS))))


def _begins_word(folded: _Folded, at: int) -> bool:
    if at == 0:
        return True
    unspaced = _UNSPACED.match(folded.text[at]) is not None
    return folded.is_edge(at) and (unspaced or not _is_of_word(folded.text[at - 1]))


def _ends_word(folded: _Folded, end: int) -> bool:
    """Whether nothing of a word follows that ends before `end`; in Korean a particle may."""
    if end == len(folded.text):
        return True
    last, following = folded.text[end - 1], folded.text[end]
    if not folded.is_edge(end):
        return False
    if _UNSPACED.match(last):
        return not _is_mark(following)
    if not _is_of_word(following):
        return True
    return "\uac00" <= last <= "\ud7a3" and _is_particle(folded.text, end)


def _is_particle(text: str, begin: int) -> bool:
    ends = (begin + len(p) for p in _PARTICLES if text.startswith(p, begin))
    return any(end == len(text) or not _is_of_word(text[end]) for end in ends)


@cache
def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


@cache
def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")
