"""What is heard wrong again and again, and how it is written: applied to final captions.

The file has two columns, heard and written, with a tab between them; `#` begins a comment line.
A correction replaces whole words, however they are capitalised, and the longest one wins. Scripts
without spaces have no words to tell, so there it replaces the text wherever it stands; in Korean a
particle may follow.
"""

from __future__ import annotations

import logging
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.errors import StorageError
from app.core.events import FinalCaption, Word
from app.vocabulary.files import is_entry, read_list
from app.vocabulary.matching import Phrases, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from app.core.events import Event
    from app.vocabulary.matching import Found

logger = logging.getLogger(__name__)

_FORM = "Each line is what is heard, a tab, and what is to be written."


@dataclass(frozen=True, slots=True)
class Correction:
    heard: str
    written: str


class Corrections:
    """A table of corrections, ready to be applied."""

    def __init__(self, table: Iterable[Correction] = ()) -> None:
        self.table = _latest(table)
        self._phrases = Phrases(c.heard for c in self.table)
        self._failed = False

    def text(self, text: str) -> str:
        """`text` with every correction made."""
        return self._written(text, 0, len(text), self._phrases.find(text))

    def apply(self, event: Event) -> Event:
        """A final caption corrected, its `original` what was heard; other events as they are.

        Never raises: a caption that cannot be corrected stays as it was heard, and the first
        reason is logged.
        """
        if not self.table or not isinstance(event, FinalCaption):
            return event
        try:
            return self._corrected(event)
        except Exception as exc:  # noqa: BLE001 - logged; no caption may be lost for its wording
            if not self._failed:
                logger.warning("captions stay as they were heard: corrections failed: %r", exc)
            self._failed = True
            return event

    def _corrected(self, caption: FinalCaption) -> FinalCaption:
        text = self.text(caption.text)
        if text == caption.text:
            return caption
        return replace(caption, text=text, words=self._words(caption.words), original=caption.text)

    def _words(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """`words` with the corrections made; the words of one correction become one word."""
        line = "".join(word.text for word in words)
        found = self._phrases.find(line)
        corrected, at = [], 0
        for group in _groups(words, found):
            end = at + sum(len(word.text) for word in group)
            inside = [phrase for phrase in found if at <= phrase.start < end]
            text = self._written(line, at, end, inside)
            corrected.extend([_joined(group, text)] if inside else group)
            at = end
        return tuple(corrected)

    def _written(self, text: str, begin: int, end: int, found: Sequence[Found]) -> str:
        """`text[begin:end]` with the phrases `found` in it corrected."""
        parts = []
        for phrase in found:
            parts += [text[begin : phrase.start], self.table[phrase.index].written]
            begin = phrase.end
        return "".join([*parts, text[begin:end]])


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
    return fold(_spaced(heard))


def _groups(words: Sequence[Word], found: Sequence[Found]) -> list[list[Word]]:
    """Words that one phrase of `found` (places in the line) touches stay together."""
    groups: list[list[Word]] = []
    at = 0
    for word in words:
        if any(phrase.start < at < phrase.end for phrase in found):
            groups[-1].append(word)
        else:
            groups.append([word])
        at += len(word.text)
    return groups


def _joined(words: Sequence[Word], text: str) -> Word:
    probability = min(word.probability for word in words)
    return Word(text, words[0].start, words[-1].end, probability)
