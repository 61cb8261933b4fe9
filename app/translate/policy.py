"""Translates text while it grows, and takes nothing back.

The unfinished sentence is translated anew each time, beginning with what already stands; what two
translations in a row have in common stands from then on (local agreement). A finished sentence is
translated once.
"""

from __future__ import annotations

from collections import OrderedDict
from itertools import takewhile
from typing import TYPE_CHECKING

from app.translate.sentences import (
    continues,
    count_words,
    has_words,
    is_unspaced,
    split,
    split_growing,
    squeezed,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.translate.protocol import PairTranslator

_NEW_WORDS = 3
"""Words that an unfinished sentence must have, or have more than before, to be translated."""

_REMEMBERED = 256
"""Sentences whose translations are kept, for the revision of what was heard."""

_WORDIEST = 8
"""Characters of a translation for each of the text, beyond which the engine must be in a loop."""

_SLACK = 80


class Sentences:
    """Translations of whole sentences, each made once. Used by one thread.

    `refine` gives a finished translation its last form: text, translation -> translation.
    """

    def __init__(
        self,
        pair: PairTranslator,
        refine: Callable[[str, str], str] = lambda _text, translation: translation,
    ) -> None:
        self._pair = pair
        self._refine = refine
        self._known: OrderedDict[str, str] = OrderedDict()

    def draft(self, text: str, prefix: str) -> str:
        """The translation of an unfinished sentence. Raises TranslationError."""
        return self._pair.translate(text, prefix).strip()

    def translate(self, text: str, prefix: str = "") -> str:
        """The translation of a finished sentence. Raises TranslationError."""
        key = squeezed(text)
        if key not in self._known:
            self.keep(text, self._sound(text, prefix))
        self._known.move_to_end(key)
        return self._known[key]

    def keep(self, text: str, draft: str) -> None:
        """`draft` is all that has to be known about the sentence `text`."""
        self._known[squeezed(text)] = self._refine(text, draft)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _sound(self, text: str, prefix: str) -> str:
        """A prefix that leads into a loop is not forced."""
        if not has_words(text):
            return text
        found = self.draft(text, prefix)
        return self.draft(text, "") if prefix and is_loop(text, found) else found


class AgreementTranslation:
    """The translation of one utterance while it grows; a `GrowingTranslation`."""

    def __init__(self, sentences: Sentences) -> None:
        self._sentences = sentences
        self._settled: list[str] = []  # sentences that are finished, as they were said
        self._done = ""  # their translation
        self._rest = ""  # what was translated last, unfinished
        self._draft = ""  # its translation
        self._stable = ""  # the beginning of it that stands

    def grow(self, text: str) -> str:
        """All that stands of the translation of `text`, which may go on. TranslationError."""
        finished, rest = split_growing(text)
        if finished[: len(self._settled)] != self._settled:
            return self._shown()  # it grew in an unexpected way: the final text will tell
        for sentence in finished[len(self._settled) :]:
            self._settle(sentence)
        if count_words(rest) - count_words(self._rest) >= _NEW_WORDS:
            self._retranslate(rest)
        return self._shown()

    def finish(self, text: str) -> str:
        """The translation of the whole utterance. Raises TranslationError."""
        whole = ""
        for sentence in split(text):
            if squeezed(sentence) == squeezed(self._rest):
                self._sentences.keep(sentence, self._draft)  # it was translated just now
            going_on = self._rest and squeezed(sentence).startswith(squeezed(self._rest))
            translation = self._sentences.translate(sentence, self._stable if going_on else "")
            whole = joined(whole, translation)
        return whole

    def _settle(self, sentence: str) -> None:
        stable = self._stable
        if squeezed(sentence) == squeezed(self._rest):
            self._sentences.keep(sentence, self._draft)
        translation = self._sentences.translate(sentence, stable)
        if not translation.startswith(stable):  # what was shown is not taken back before the end
            translation = stable
        self._done = joined(self._done, translation)
        self._settled.append(sentence)
        self._rest = self._draft = self._stable = ""

    def _retranslate(self, rest: str) -> None:
        draft = self._sentences.draft(rest, self._stable)
        if is_loop(rest, draft):
            return
        common = common_words(self._draft, draft)
        if len(common) > len(self._stable) and common.startswith(self._stable):
            self._stable = common
        self._rest, self._draft = rest, draft

    def _shown(self) -> str:
        return joined(self._done, self._stable)


def joined(before: str, after: str) -> str:
    """Two sentences as one text, with a space between them where that is usual."""
    if not before or not after:
        return before or after
    return (
        before + after
        if is_unspaced(before[-1]) or _is_wide_mark(before[-1])
        else (f"{before} {after}")
    )


def common_words(one: str, other: str) -> str:
    """The words with which both texts begin, without marks behind the last one.

    Where words are not written apart these are whole characters.
    """
    pairs = zip(one, other, strict=False)
    length = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    while length and not (_may_end(one, length) and _may_end(other, length)):
        length -= 1
    while length and not _is_letter(one[length - 1]):
        length -= 1
    return one[:length]


def _may_end(text: str, place: int) -> bool:
    """Whether a word or a character of its own ends before `place`."""
    if place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    if continues(before, after):
        return False
    if is_unspaced(before) or is_unspaced(after) or before.isspace() or after.isspace():
        return True
    joined_on = _is_letter(after) or _is_letter(text[place + 1 : place + 2])
    return not (joined_on and _is_inner(before) and _is_inner(after))


def _is_letter(character: str) -> bool:
    """Whether it is a letter, a digit, or a mark on one."""
    return character.isalnum() or (character != "" and continues("", character))


def _is_inner(character: str) -> bool:
    """Whether it may stand within a word or a number: it's, 3.5."""
    return _is_letter(character) or character in "'\u2019-.,"


def is_loop(text: str, translation: str) -> bool:
    """Whether an engine said far more than the text does."""
    return len(translation) > _WORDIEST * len(text) + _SLACK


def _is_wide_mark(character: str) -> bool:
    return character in "\u3002\uff01\uff1f\uff0c\u3001\uff1b\uff1a\u300d\u300f\uff09"
