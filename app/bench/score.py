"""How far a transcript is from its reference, and how late its words came."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, TypeVar

from app.bench.manifest import TimedText
from app.bench.normal import is_mark, missing_packages, normalised

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import Word

Said = TypeVar("Said")

BY_CHARACTER = frozenset({"ko", "ja", "zh", "yue", "th", "lo", "my", "km", "bo"})
"""Languages whose error rate is counted in characters (CER) instead of words (WER).

All but Korean write no spaces between words.
"""
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\uff07", "'"))


@dataclass(frozen=True, slots=True)
class Errors:
    """Edits between a text and its reference, in words or characters; they add up."""

    substitutions: int = 0
    insertions: int = 0
    deletions: int = 0
    length: int = 0

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.substitutions + other.substitutions,
            self.insertions + other.insertions,
            self.deletions + other.deletions,
            self.length + other.length,
        )

    @property
    def rate(self) -> float:
        """Errors per unit of the reference."""
        return (self.substitutions + self.insertions + self.deletions) / max(1, self.length)


def count_errors(reference: str, text: str, language: str) -> Errors:
    """WER counts after Whisper's normaliser; CER counts without spaces where that is usual."""
    jiwer = _jiwer()
    truth, heard = normalised(reference, language), normalised(text, language)
    if language in BY_CHARACTER:
        truth, heard = (" ".join(re.sub(r"\s", "", t)) for t in (truth, heard))
    if not truth:
        return Errors(insertions=len(heard.split()))
    found = jiwer.process_words(truth, heard or " ")
    return Errors(found.substitutions, found.insertions, found.deletions, len(truth.split()))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A unit of recognised text, when it was said and when it was told (seconds)."""

    text: str
    start: float
    end: float
    emitted: float


def match_words(
    truth: Sequence[TimedText], heard: Sequence[tuple[str, Said]]
) -> list[tuple[TimedText, Said]]:
    """Pairs of a true word and what `heard` says of the same word, in order."""
    runs = matching_runs([word.text for word in truth], [text for text, _ in heard])
    return [(truth[one + k], heard[other + k][1]) for one, other, size in runs for k in range(size)]


def matching_runs(truth: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int, int]]:
    """Where the same words follow each other: index in `truth`, in `heard`, how many; in order."""
    keys = [_key(text) for text in truth], [_key(text) for text in heard]
    blocks = SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    return [(block.a, block.b, block.size) for block in blocks]


def match_spoken(
    truth: Sequence[TimedText], emitted: Sequence[tuple[Word, float]], language: str
) -> list[tuple[TimedText, Spoken]]:
    """Pairs of what was said and rightly recognised: words, or characters where CER counts."""
    if language in BY_CHARACTER:
        truth = [letter for word in truth for letter in characters(word)]
        spoken = [
            Spoken(letter.text, letter.start, letter.end, moment)
            for word, moment in emitted
            for letter in characters(TimedText(word.text, word.start, word.end))
        ]
    else:
        spoken = _whole_words(emitted)
    return match_words(truth, [(unit.text, unit) for unit in spoken])


def latencies(
    truth: Sequence[TimedText], emitted: Sequence[tuple[Word, float]], language: str = "en"
) -> list[float]:
    """Seconds from the true end of each rightly recognised word to its emission."""
    pairs = match_spoken(truth, emitted, language)
    return [spoken.emitted - word.end for word, spoken in pairs]


def start_errors(
    truth: Sequence[TimedText], emitted: Sequence[tuple[Word, float]], language: str = "en"
) -> list[float]:
    """Seconds between the true and the recognised start of each rightly recognised word."""
    pairs = match_spoken(truth, emitted, language)
    return [abs(spoken.start - word.start) for word, spoken in pairs]


def characters(word: TimedText) -> list[TimedText]:
    """The letters of `word`, its time shared out evenly among them."""
    letters = _letters(word.text)
    share = (word.end - word.start) / max(1, len(letters))
    return [
        TimedText(letter, word.start + share * index, word.start + share * (index + 1))
        for index, letter in enumerate(letters)
    ]


def _whole_words(emitted: Sequence[tuple[Word, float]]) -> list[Spoken]:
    """Text between spaces; a word that came in parts came with its last part."""
    words: list[Spoken] = []
    for word, moment in emitted:
        parts = word.text.split()
        if words and parts and not word.text.startswith(" "):
            part, last = parts.pop(0), words[-1]
            rest = (last.end, last.emitted) if not _key(part) else (word.end, moment)
            words[-1] = Spoken(last.text + part, last.start, *rest)
        words.extend(Spoken(part, word.start, word.end, moment) for part in parts)
    return words


def _letters(text: str) -> list[str]:
    """The letters of `text`, each with the marks on it."""
    found: list[str] = []
    for character in unicodedata.normalize("NFKC", text):
        if character.isalnum():
            found.append(character)
        elif found and is_mark(character):
            found[-1] += character
    return found


def _key(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES).casefold())
    return "".join(c for c in folded if c.isalnum() or c == "'" or is_mark(c))


def _jiwer() -> Any:
    try:
        import jiwer
    except ImportError as exc:
        raise missing_packages() from exc
    return jiwer
