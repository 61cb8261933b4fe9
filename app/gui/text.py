"""Small rules about written text that several views share."""

from __future__ import annotations

WIDE = (("\u2e80", "\u9fff"), ("\uf900", "\ufaff"), ("\uff00", "\uff60"))
"""Ranges of Chinese and Japanese characters, which stand without spaces."""

CLOSING = ".,!?;:…%)"
"""Marks that belong to the word before them: a preview may be nothing but the end of a sentence."""


def joined(before: str, after: str) -> str:
    """`after` follows `before` with a space, except where none is written."""
    if not before or not after or after[0].isspace() or before[-1].isspace():
        return before + after
    if after[0] in CLOSING:
        return before + after
    if _is_wide(before[-1]) and _is_wide(after[0]):
        return before + after
    return f"{before} {after}"


def _is_wide(character: str) -> bool:
    return any(low <= character <= high for low, high in WIDE)
