"""What is heard wrong again and again, and how it is written: applied to final captions.

The file has two columns, heard and written, with a tab between them; `#` begins a comment line.
A correction replaces whole words, however they are capitalised, and the longest one wins. Scripts
without spaces have no words to tell, so there it replaces the text wherever it stands; in Korean a
particle may follow.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.core.events import FinalCaption, Word
from app.vocabulary.files import is_entry, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from app.core.events import Event

_FORM = "Each line is what is heard, a tab, and what is to be written."
_PARTICLES = [
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
]
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u0f00-\u0fff"  # Thai, Lao, Burmese, Khmer, Tibetan
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # kana, Chinese characters
)


@dataclass(frozen=True, slots=True)
class Correction:
    heard: str
    written: str


class Corrections:
    """A table of corrections, ready to be applied."""

    def __init__(self, table: Iterable[Correction] = ()) -> None:
        self.table = _latest(table)
        self._written = {_key(c.heard): c.written for c in self.table}
        self._pattern = _pattern([c.heard for c in self.table]) if self.table else None

    def text(self, text: str) -> str:
        """`text` with every correction made."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda match: self._written[_key(match[0])], text)

    def apply(self, event: Event) -> Event:
        """A final caption corrected, its `original` what was heard; other events as they are."""
        if self._pattern is None or not isinstance(event, FinalCaption):
            return event
        text = self.text(event.text)
        if text == event.text:
            return event
        return replace(event, text=text, words=self._words(event.words), original=event.text)

    def _words(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """`words` with the corrections made; the words of one correction become one word."""
        assert self._pattern is not None
        line = "".join(word.text for word in words)
        matches = list(self._pattern.finditer(line))
        corrected, at = [], 0
        for group in _groups(words, [match.span() for match in matches]):
            end = at + sum(len(word.text) for word in group)
            inside = [match for match in matches if at <= match.start() < end]
            text, kept_from = "", at
            for match in inside:
                text += line[kept_from : match.start()] + self._written[_key(match[0])]
                kept_from = match.end()
            text += line[kept_from:end]
            corrected.extend([_joined(group, text)] if inside else group)
            at = end
        return tuple(corrected)


def parse(text: str) -> tuple[Correction, ...]:
    """The table in `text`. Raises StorageError, naming the line that is not one of a table."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if is_entry(line):
            heard, tab, written = line.partition("\t")
            if not (tab and heard.strip() and written.strip()):
                raise StorageError(f"Line {number} of the corrections is not a pair", hint=_FORM)
            found.append(Correction(_spaced(heard), _spaced(written)))
    return _latest(found)


def load_corrections(path: Path, *, must_exist: bool = False) -> tuple[Correction, ...]:
    """The table in `path`; empty if it need not exist and does not. Raises StorageError."""
    return parse(read_list(path, must_exist=must_exist))


def added(text: str, correction: Correction) -> str:
    """The file `text` with `correction` in it, in place of another one of the same words."""
    kept = removed(text, correction.heard)
    return f"{kept}{_spaced(correction.heard)}\t{_spaced(correction.written)}\n"


def removed(text: str, heard: str) -> str:
    """The file `text` without the correction of `heard`; comments stay."""
    unwanted = _key(heard)
    lines = text.splitlines()
    kept = [ln for ln in lines if not is_entry(ln) or _key(ln.partition("\t")[0]) != unwanted]
    return "".join(line + "\n" for line in kept)


def _latest(table: Iterable[Correction]) -> tuple[Correction, ...]:
    return tuple({_key(correction.heard): correction for correction in table}.values())


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _key(heard: str) -> str:
    return _spaced(heard).casefold()


def _pattern(heard: Sequence[str]) -> re.Pattern[str]:
    longest_first = sorted(heard, key=len, reverse=True)
    return re.compile("|".join(_whole(text) for text in longest_first), re.IGNORECASE)


def _whole(heard: str) -> str:
    """`heard` with nothing of a word before and behind it."""
    inner = r"\s+".join(re.escape(part) for part in heard.split())
    marks = _marks()
    first, last = heard.lstrip()[0], heard.rstrip()[-1]
    before = "" if _is_unspaced(first) else rf"(?<![\w{marks}])"
    if _is_unspaced(last):
        return rf"{before}{inner}(?![{marks}])"
    if "\uac00" <= last <= "\ud7a3":
        return rf"{before}{inner}(?=(?:{'|'.join(_PARTICLES)})?(?![\w{marks}]))"
    return rf"{before}{inner}(?![\w{marks}])"


def _is_unspaced(character: str) -> bool:
    return re.match(f"[{_UNSPACED}]", character) is not None


@cache
def _marks() -> str:
    """All combining marks, as a part of a character class: `\\w` leaves them out."""
    every = (chr(code) for code in range(0x300, min(0x20000, sys.maxunicode)))
    return "".join(mark for mark in every if unicodedata.category(mark) in ("Mn", "Mc", "Me"))


def _groups(words: Sequence[Word], spans: Sequence[tuple[int, int]]) -> list[list[Word]]:
    """Words that one match of `spans` (begin and end in the line) touches stay together."""
    groups: list[list[Word]] = []
    at = 0
    for word in words:
        if any(begin < at < end for begin, end in spans):
            groups[-1].append(word)
        else:
            groups.append([word])
        at += len(word.text)
    return groups


def _joined(words: Sequence[Word], text: str) -> Word:
    probability = min(word.probability for word in words)
    return Word(text, words[0].start, words[-1].end, probability)
