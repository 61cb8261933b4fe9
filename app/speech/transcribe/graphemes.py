"""Where text must not be cut: inside of what a reader takes for one character (UAX #29)."""

from __future__ import annotations

import unicodedata
from itertools import takewhile

_JOINERS = frozenset("\u200c\u200d")
_JOINER = "\u200d"
_SPACING_VOWELS = frozenset("\u0e33\u0eb3")  # Thai and Lao "am": letters that never stand alone
_LINKERS = frozenset("\u094d\u09cd\u0acd\u0b4d\u0c4d\u0d4d")  # bind two consonants into one sign


def continues(before: str, text: str) -> bool:
    """Whether the first character of `text` belongs to the same cluster as the last of `before`."""
    if not text:
        return False
    if is_extending(text[0]):
        return True
    if not before:
        return False
    last, first = before[-1], text[0]
    bound = last in _LINKERS and unicodedata.category(first) == "Lo"
    return last == _JOINER or bound or _same_syllable(last, first) or _same_flag(before, first)


def is_extending(character: str) -> bool:
    """Whether `character` cannot begin a cluster: marks, joiners, skin tones, tags."""
    return (
        unicodedata.category(character) in ("Mn", "Mc", "Me")
        or character in _JOINERS
        or character in _SPACING_VOWELS
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def may_go_on(text: str) -> bool:
    """Whether the next token may well add to the last character: scripts that write marks."""
    last = text[-1:]
    if not last or unicodedata.category(last) not in ("Lo", "Mn", "Mc", "So", "Cf"):
        return False
    return not ("\u3041" <= last <= "\u9fff" or "\uac00" <= last <= "\ud7a3")


def _same_syllable(last: str, first: str) -> bool:
    """Hangul written as jamo: leading consonants, vowels, trailing consonants."""
    if _is_leading(last):
        return _is_leading(first) or _is_vowel(first) or "\uac00" <= first <= "\ud7a3"
    if _is_vowel(last) or _is_open_syllable(last):
        return _is_vowel(first) or _is_trailing(first)
    return (_is_trailing(last) or "\uac00" <= last <= "\ud7a3") and _is_trailing(first)


def _is_leading(character: str) -> bool:
    return "\u1100" <= character <= "\u115f"


def _is_vowel(character: str) -> bool:
    return "\u1160" <= character <= "\u11a7"


def _is_trailing(character: str) -> bool:
    return "\u11a8" <= character <= "\u11ff"


def _is_open_syllable(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3" and (ord(character) - 0xAC00) % 28 == 0


def _same_flag(before: str, first: str) -> bool:
    """Flags are pairs of letters of their own."""
    if not _is_flag_letter(first):
        return False
    return len(list(takewhile(_is_flag_letter, reversed(before)))) % 2 == 1


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
