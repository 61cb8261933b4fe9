"""Keeps from an engine what makes it invent: emoji, texts without a letter, endless repetition."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_EMOJI_PARTS = frozenset("\u200d\ufe0e\ufe0f\u20e3")
_SAID_OVER = re.compile(r"(\D{1,40}?)\1{3,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Parted:
    """`words` is what is to be translated, "" if nothing is; `tail` the emoji at the end."""

    words: str
    tail: str


def parted(text: str) -> Parted:
    """`text` without its emoji, which stay only behind the last word."""
    text = text.strip()
    body = text
    while body and _is_emoji(body[-1]):
        body = body[:-1].rstrip()
    tail = text[len(body) :].strip()
    words = " ".join("".join(" " if _is_emoji(c) else c for c in body).split())
    return Parted(words if any(c.isalpha() for c in words) else "", tail)


def calmed(text: str) -> str:
    """`text` with what is said more than three times in a row said three times; not digits."""
    return _SAID_OVER.sub(r"\1\1\1", text)


def _is_emoji(character: str) -> bool:
    if character in _EMOJI_PARTS or "\U0001f3fb" <= character <= "\U0001f3ff":
        return True
    return unicodedata.category(character) in {"So", "Co", "Cs", "Cn"}
