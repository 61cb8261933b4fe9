"""Names and terms that recognition should expect: one a line, `#` begins a comment line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.vocabulary.files import is_entry, read_list

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

FILE = "vocabulary.txt"
"""What the list is called, in the data folder and in a meeting's own folder."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Terms in the order of importance, each once."""

    terms: tuple[str, ...] = ()

    def then(self, other: Vocabulary) -> Vocabulary:
        """These terms, then those of `other` that are not among them."""
        return Vocabulary(_unique([*self.terms, *other.terms]))


def parse(text: str) -> Vocabulary:
    return Vocabulary(_unique(_term(line) for line in text.splitlines() if is_entry(line)))


def load_vocabulary(path: Path, *, must_exist: bool = False) -> Vocabulary:
    """The terms in `path`; none if it need not exist and does not. Raises StorageError."""
    return parse(read_list(path, must_exist=must_exist))


def added(text: str, terms: Iterable[str]) -> str:
    """The list `text` with `terms` behind it that it does not have; comments stay."""
    known = {term.casefold() for term in parse(text).terms}
    new = [term for term in _unique(map(_term, terms)) if term and term.casefold() not in known]
    return "\n".join([*text.splitlines(), *new]) + "\n" if new else text


def removed(text: str, terms: Iterable[str]) -> str:
    """The list `text` without `terms`, however they are capitalised; comments stay."""
    unwanted = {_term(term).casefold() for term in terms}
    kept = [
        line
        for line in text.splitlines()
        if not is_entry(line) or _term(line).casefold() not in unwanted
    ]
    return "".join(line + "\n" for line in kept)


def _term(line: str) -> str:
    return " ".join(line.split())


def _unique(terms: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for term in terms:
        first.setdefault(term.casefold(), term)
    return tuple(first.values())
