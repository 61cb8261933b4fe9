"""Text as it is compared: Whisper's own normalisers, with the marks that belong to letters.

Whisper's basic normaliser replaces combining marks by blanks, so that a Hindi or Thai word falls
apart at each vowel sign and those signs are never compared. Here they pass through it. Points that
Arabic and Hebrew mostly leave out are left out of both texts, as are invisible joiners.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

_OPTIONAL = re.compile(
    "[\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew points
    "\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"  # Arabic points
    "\u0640\u200b-\u200f\u2060\ufe00-\ufe0f]"  # the stretched line, joiners, variants of symbols
)
_PRIVATE = 0x100000
"""Where marks hide from the normaliser: code points that are neither mark nor symbol."""


def normalised(text: str, language: str) -> str:
    """`text` without capitals, punctuation and what else should not count as an error.

    Raises AppError if the package that does it is not installed.
    """
    if language == "en":
        return _normaliser("en")(text)
    lower = unicodedata.normalize("NFKC", text.lower()).replace("i\u0307", "i")
    hidden = "".join(map(_hidden, _OPTIONAL.sub("", lower)))
    return "".join(map(_shown, _normaliser("other")(hidden)))


def is_mark(character: str) -> bool:
    """Whether it is written on, below or around the letter before it."""
    return unicodedata.category(character).startswith("M")


def _hidden(character: str) -> str:
    return chr(_PRIVATE + ord(character)) if is_mark(character) else character


def _shown(character: str) -> str:
    return chr(ord(character) - _PRIVATE) if ord(character) >= _PRIVATE else character


@cache
def _normaliser(kind: str) -> Callable[[str], str]:
    try:
        if kind == "en":
            from whisper_normalizer.english import EnglishTextNormalizer as Normaliser
        else:
            from whisper_normalizer.basic import BasicTextNormalizer as Normaliser
    except ImportError as exc:
        raise missing_packages() from exc
    normaliser: Callable[[str], str] = Normaliser()
    return normaliser


def missing_packages() -> AppError:
    return AppError(
        "The packages that count errors are not installed",
        hint="Install them with: pip install 'captionist[bench]'",
    )
