"""Whether a Whisper model knows more languages than English."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MULTILINGUAL = 51_865
"""Tokens of the smallest multilingual vocabulary; English-only ones have one less."""


def is_multilingual(folder: Path) -> bool:
    """Whether the model in `folder` knows more than English; True if its vocabulary is unreadable.

    The engine judges by the vocabulary too. What config.json says of languages is no sign:
    published English-only models list all of them there.
    """
    try:
        return _tokens(folder) >= _MULTILINGUAL
    except (OSError, ValueError):
        return True


def _tokens(folder: Path) -> int:
    """Raises OSError or ValueError."""
    listed = folder / "vocabulary.json"
    if listed.is_file():
        tokens = json.loads(listed.read_text(encoding="utf-8"))
        if not isinstance(tokens, list):
            raise ValueError("no list of tokens")
        return len(tokens)
    return len((folder / "vocabulary.txt").read_bytes().rstrip(b"\n").split(b"\n"))
