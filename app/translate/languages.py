"""Languages by BCP-47 code, and what Whisper, NLLB and Argos call them.

A code is a language with, where it matters, a script or a region: "en", "zh-Hant", "pt-BR". Names
here are English; a view shows its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from app.core.errors import LanguageError
from app.core.languages import ALIASES, UNSPACED
from app.translate.flores import FLORES


@dataclass(frozen=True, slots=True)
class Language:
    """`flores` is NLLB's code, "" if NLLB does not know the language."""

    code: str
    name: str
    flores: str


_NOT_IN_FLORES = (("br", "Breton"), ("haw", "Hawaiian"), ("la", "Latin"))
_SAME = ALIASES | {"no": "nb", "jw": "jv", "kmr": "ku", "sh": "sr"}
"""Other codes -> ours; "no" and "jw" are Whisper's."""
_TRADITIONAL = {"zh-Hant", "zh-TW", "zh-HK", "zh-MO"}
_ARGOS = {
    "zh-Hant": ("zt", "zh"),
    "pt-BR": ("pb", "pt"),
    "pt": ("pt", "pb"),
    "nb": ("nb", "no"),
}
_FROM_ARGOS = {"zt": "zh-Hant", "pb": "pt-BR", "no": "nb"}
_OTHER_NAMES = {
    "chinese (simplified)": "zh",
    "mandarin": "zh",
    "simplified chinese": "zh",
    "traditional chinese": "zh-Hant",
    "brazilian portuguese": "pt-BR",
    "norwegian bokmål": "nb",
    "farsi": "fa",
    "flemish": "nl",
    "castilian": "es",
    "filipino": "tl",
    "kurdish": "ku",
    "fulfulde": "ff",
    "haitian": "ht",
    "myanmar": "my",
    "standard arabic": "ar",
}
_HINT = "Use a code such as en, pt-BR or zh-Hant, or an English name such as German."
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


@cache
def languages() -> tuple[Language, ...]:
    """All that are known, by English name."""
    rows = [Language(code, name, flores) for code, flores, name in FLORES]
    rows += [Language(code, name, "") for code, name in _NOT_IN_FLORES]
    return tuple(sorted(rows, key=lambda language: language.name))


@cache
def _by_code() -> dict[str, Language]:
    return {language.code: language for language in languages()}


@cache
def _by_name() -> dict[str, str]:
    return {language.name.casefold(): language.code for language in languages()} | _OTHER_NAMES


def base_of(code: str) -> str:
    """The language without script and region: "pt" for "pt-BR"."""
    return code.partition("-")[0]


def is_unspaced(code: str) -> bool:
    """Whether the language is written without spaces between words."""
    return base_of(code) in UNSPACED


def normalise(tag: str) -> str:
    """A tag as we write it: "pt-BR" for "pt_br", "he" for "iw", "zh-Hant" for "zh-TW".

    Raises LanguageError if the language is not known.
    """
    tag = tag.strip()
    if not _TAG.fullmatch(tag):
        raise _unknown(tag)
    first, *rest = tag.replace("_", "-").split("-")
    first = first.lower()
    code = "-".join((_SAME.get(first, first), *(_subtag(part) for part in rest)))
    if any(code == tag or code.startswith(f"{tag}-") for tag in _TRADITIONAL):
        return "zh-Hant"
    if code.startswith("zh-"):  # the simplified script, with or without its name
        return "zh"
    if base_of(code) not in _by_code():
        raise _unknown(tag)
    return code


def parse_target(text: str) -> str:
    """The code of a language that a person typed: a tag or an English name.

    Raises LanguageError with a hint.
    """
    by_name = _by_name().get(" ".join(text.casefold().split()))
    return by_name or normalise(text)


def from_whisper(code: str) -> str:
    """The code of what Whisper calls a language; an unknown one is kept as it is."""
    return _SAME.get(code, code)


def english_name(code: str) -> str:
    """The English name; of an unknown language its code."""
    language = _entry(code)
    if language is None:
        return code
    region = code[len(language.code) + 1 :]
    return f"{language.name} ({region})" if region else language.name


def flores_of(code: str) -> str:
    """NLLB's code. Raises LanguageError if NLLB does not know the language."""
    language = _entry(code)
    if language is None:
        raise _unknown(code)
    if not language.flores:
        raise LanguageError(
            f"NLLB does not know {language.name}", hint="Choose another engine of translation."
        )
    return language.flores


def argos_codes(code: str) -> tuple[str, ...]:
    """What Argos may call the language, the best fit first."""
    base = base_of(code)
    return _ARGOS.get(code) or _ARGOS.get(base) or (base,)


def argos_of(code: str) -> str:
    """What Argos calls the language."""
    return argos_codes(code)[0]


def from_argos(code: str) -> str:
    """The BCP-47 code of one of Argos; an unknown one is kept as it is."""
    return _FROM_ARGOS.get(code, code)


def same_language(one: str, other: str) -> bool:
    """Whether nothing is to be translated between the two: they differ in region at most."""
    return _plain(one) == _plain(other)


def _plain(code: str) -> str:
    entry = _entry(code)
    return entry.code if entry else code


def _entry(code: str) -> Language | None:
    """The most exact entry: "zh-Hant-HK" is "zh-Hant", "pt-BR" is "pt"."""
    code = _SAME.get(code, code)
    while code not in _by_code() and "-" in code:
        code = code.rpartition("-")[0]
    return _by_code().get(code)


def _subtag(part: str) -> str:
    """Scripts have four letters and a capital, regions two capitals."""
    if len(part) == 4:
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def _unknown(text: str) -> LanguageError:
    return LanguageError(f"The language {text!r} is not known", hint=_HINT)
