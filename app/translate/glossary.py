"""How a user wants terms to be translated: a table, and making finished translations keep to it.

A file has a row for each term: the term, a tab, its translation and, if it is meant for one
language only, another tab and that language's code. `#` begins a comment.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.translate.sentences import is_unspaced, weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.translate.protocol import PairTranslator

    Meant = Sequence[tuple["Entry", re.Pattern[str]]]

_FORM = "Each line has a term, a tab and its translation; a language such as pt may follow a tab."
_NUMBER = "8191"
"""Begins the numbers that stand for terms: engines copy them, and nobody says them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`language` is the target's code, "" for all of them."""

    term: str
    translation: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """Entries in the order of importance."""

    entries: tuple[Entry, ...] = ()

    def then(self, other: Glossary) -> Glossary:
        """These entries, then those of `other` for terms that are not among them."""
        known = {_key(entry) for entry in self.entries}
        return Glossary((*self.entries, *(e for e in other.entries if _key(e) not in known)))

    def into(self, language: str) -> tuple[Entry, ...]:
        """What counts for one target language, the longest terms first."""
        base = language.partition("-")[0]
        meant: dict[str, Entry] = {}
        for exact in ("", base, language):
            for entry in self.entries:
                if entry.language == exact:
                    meant[entry.term.casefold()] = entry
        return tuple(sorted(meant.values(), key=lambda entry: -len(entry.term)))


def parse(text: str) -> Glossary:
    """The table in `text`. Raises StorageError, naming the line that is not one of a table."""
    found: dict[tuple[str, str], Entry] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        cells = [_spaced(cell) for cell in line.split("\t")]
        if not 2 <= len(cells) <= 3 or not (cells[0] and cells[1]):
            raise StorageError(f"Line {number} of the glossary is not a pair", hint=_FORM)
        entry = Entry(*cells)
        found[_key(entry)] = entry
    return Glossary(tuple(found.values()))


def row(entry: Entry) -> str:
    """The line of a file that says `entry`."""
    return "\t".join(filter(None, (entry.term, entry.translation, entry.language))) + "\n"


def added(text: str, entries: Iterable[Entry]) -> str:
    """The file `text` with `entries` in it, in place of others of the same terms."""
    for entry in entries:
        clean = Entry(_spaced(entry.term), _spaced(entry.translation), _spaced(entry.language))
        text = removed(text, clean.term, clean.language) + row(clean)
    return text


def removed(text: str, term: str, language: str = "") -> str:
    """The file `text` without the row of `term` for `language`; comments stay."""
    unwanted = _key(Entry(_spaced(term), "", _spaced(language)))
    return "".join(f"{line}\n" for line in text.splitlines() if _key_of_line(line) != unwanted)


def _key_of_line(line: str) -> tuple[str, str]:
    if line.lstrip().startswith("#"):
        return ("", "")
    cells = [*(_spaced(cell) for cell in line.split("\t")), "", ""]
    return _key(Entry(cells[0], "", cells[2]))


def _key(entry: Entry) -> tuple[str, str]:
    return entry.term.casefold(), entry.language.casefold()


def _spaced(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


class Keeper:
    """Makes finished translations of one pair of languages keep to a glossary."""

    def __init__(self, pair: PairTranslator, entries: Sequence[Entry]) -> None:
        """`entries` have the longest terms first."""
        self._pair = pair
        self._entries = [(entry, _pattern(entry.term)) for entry in entries]
        self._usual: dict[str, str] = {}  # term -> what the engine makes of it alone

    def refine(self, text: str, translation: str) -> str:
        """`translation` of `text` with all terms as they are wanted. Raises TranslationError."""
        meant, rest = [], text
        for entry, pattern in self._entries:
            if pattern.search(rest):
                meant.append((entry, pattern))
                rest = pattern.sub(" ", rest)  # a shorter term inside of it is not meant
        if not meant or _has_all(translation, meant):
            return translation
        replaced = self._replaced(translation, meant)
        if _has_all(replaced, meant):
            return replaced
        for attempt in (self._told, self._numbered):
            candidate = attempt(text, meant)
            if _has_all(candidate, meant):
                return candidate
        missing = [entry.translation for entry, _ in meant if not _has(replaced, entry.translation)]
        return f"{replaced} ({', '.join(missing)})"

    def _told(self, text: str, meant: Meant) -> str:
        """The translation of a text in which the terms are translated already.

        Most engines copy names and words of the target language.
        """
        for entry, pattern in meant:
            text = _put(entry.translation, pattern, text)
        found = self._pair.translate(_spaced(text)).strip()
        for entry, _ in meant:
            found = _swap(entry.translation, _pattern(entry.translation), found)
        return found

    def _numbered(self, text: str, meant: Meant) -> str:
        """The translation of a text in which numbers stand for the terms."""
        numbers = [f"{_NUMBER}{index}" for index in range(len(meant))]
        for number, (_, pattern) in zip(numbers, meant, strict=True):
            text = _put(number, pattern, text)
        found = self._pair.translate(_spaced(text)).strip()
        for number, (entry, _) in zip(numbers, meant, strict=True):
            grouped = re.compile(f"{number[:-3]}[,. \u00a0]?{number[-3:]}")
            found = _swap(entry.translation, grouped, found)
        return found

    def _replaced(self, text: str, meant: Meant) -> str:
        """`text` with the wanted translations in place of the usual ones, where these are found."""
        for entry, _ in meant:
            if not _has(text, entry.translation):
                text = _swap(entry.translation, _pattern(self._usual_of(entry.term)), text)
        return text

    def _usual_of(self, term: str) -> str:
        if term not in self._usual:
            self._usual[term] = self._pair.translate(term).strip(" .!?\u3002") or term
        return self._usual[term]


def _put(word: str, pattern: re.Pattern[str], text: str) -> str:
    """`text` with `word` for what `pattern` finds, apart from what stands around it."""
    return pattern.sub(lambda _match: f" {word} ", text)


def _swap(word: str, pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda _match: word, text)


def _has_all(text: str, meant: Meant) -> bool:
    return all(_has(text, entry.translation) for entry, _ in meant)


def _has(text: str, wanted: str) -> bool:
    return _pattern(wanted, exactly=True).search(text) is not None


def _pattern(term: str, *, exactly: bool = False) -> re.Pattern[str]:
    """`term` as whole words, where words are written apart."""
    inner = r"\s+".join(re.escape(part) for part in term.split())
    before = "" if is_unspaced(term[:1]) else r"(?<!\w)"
    after = "" if is_unspaced(term[-1:]) or weight(term[-1:]) > 1 else r"(?!\w)"  # particles follow
    return re.compile(before + inner + after, 0 if exactly else re.IGNORECASE)
