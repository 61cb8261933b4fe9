"""What people call the languages that are spoken: "pt", "pt_BR", "zh-TW", "ko,en-US", "auto"."""

from __future__ import annotations

import re

_TAG = re.compile(r"([a-z]{2,3})([-_][a-z0-9]{1,8})*")
ALIASES = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "fil": "tl",
    "cmn": "zh",
    "arb": "ar",
    "zsm": "ms",
    "swh": "sw",
    "mo": "ro",
}
"""Withdrawn codes, and members of a larger language -> the code that everybody uses."""
UNSPACED = frozenset({"zh", "ja", "th", "lo", "my", "km", "yue", "bo", "dz", "shn"})
"""Languages that are written without spaces between words."""
_WHISPERS = ALIASES | {"nb": "no", "jv": "jw"}


def spoken_code(tag: str) -> str:
    """Whisper's code of a language: recognition knows neither regions nor scripts.

    What is no tag stays as it is, in small letters; nobody checks whether a model knows it.
    """
    tag = tag.strip().lower()
    found = _TAG.fullmatch(tag)
    return _WHISPERS.get(found[1], found[1]) if found else tag


def languages_of(choice: str) -> tuple[str, ...]:
    """The codes in "ko", "ko,en-US" or "auto"; none for "auto", which allows all of them."""
    codes = tuple(dict.fromkeys(spoken_code(tag) for tag in choice.split(",")))
    return () if "auto" in codes else tuple(code for code in codes if code)


def spoken_choice(choice: str) -> str:
    """`choice` as it is kept: "zh" for "zh-TW", "ko,en" for "ko, en_US", "auto" for nothing."""
    return ",".join(languages_of(choice)) or "auto"
