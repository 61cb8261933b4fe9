"""Which scripts this machine can show, so that no name turns into empty boxes."""

from __future__ import annotations

import unicodedata
from functools import cache

from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontDatabase

from app.gui import languages
from app.translate.languages import english_name

EVERYWHERE = frozenset({"LATIN", "GREEK", "CYRILLIC", "MODIFIER"})
OTHER_NAMES = {"CJK": "SimplifiedChinese", "HIRAGANA": "Japanese", "HANGUL": "Korean"}


@cache
def _can_show(script: str) -> bool:
    """`script` is the first word of its characters' Unicode names, such as "DEVANAGARI"."""
    if script in EVERYWHERE:
        return True
    name = OTHER_NAMES.get(script, script.capitalize())
    system = getattr(QFontDatabase.WritingSystem, name, None)
    return system is not None and bool(QFontDatabase.families(system))


def _shown(native: str, english: str) -> bool:
    return native != english and _can_show(unicodedata.name(native[0], "UNKNOWN").split()[0])


@cache
def _names(code: str) -> tuple[str, str]:
    """The native and the English name of any language; the code itself if it is unknown."""
    if code in languages.NAMES:
        return languages.names(code)
    english = english_name(code)
    locale = QLocale(code)
    if locale.language() != QLocale.codeToLanguage(code.partition("-")[0]):
        return english, english  # Qt has never heard of it and answers for another one
    native = locale.nativeLanguageName()
    region = locale.nativeTerritoryName() if len(code.rpartition("-")[2]) == 2 < len(code) else ""
    native = f"{native} ({region})" if native and region else native
    return native[:1].upper() + native[1:] or english, english


def native_name(code: str) -> str:
    """How its speakers write a language; its English name where there is no font for that."""
    native, english = _names(code)
    return native if _shown(native, english) else english


def search_name(code: str) -> str:
    """The native name with the English one behind it, so that either finds it."""
    native, english = _names(code)
    return f"{native} ({english})" if _shown(native, english) else english
