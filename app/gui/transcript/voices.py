"""How speakers look and are called on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.core.events import YOU

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ON_LIGHT = (
    "#2f5fc4", "#a8500f", "#1d7a48", "#9b2f86", "#0b7285", "#b02a37", "#6741b8", "#6b6512",
)  # fmt: skip
_ON_DARK = (
    "#7fa8ff", "#f2a765", "#5fce97", "#e58ad3", "#5cc7d8", "#ff8a93", "#b59cff", "#d0c95c",
)  # fmt: skip


def colour_of(speaker: int, *, dark: bool) -> str:
    """Colours that stand out from each other and can be read on the background."""
    colours = _ON_DARK if dark else _ON_LIGHT
    return colours[speaker % len(colours)]


def name_of(speaker: int, names: Mapping[int, str]) -> str:
    """The name that a person gave, or "You", or "Speaker 1" and so on."""
    if speaker == YOU:
        return names.get(YOU, "") or QCoreApplication.translate("Transcript", "You")
    default = QCoreApplication.translate("Transcript", "Speaker {n}")
    return names.get(speaker, "") or default.format(n=speaker + 1)


def label_of(speakers: Sequence[int], names: Mapping[int, str]) -> str:
    """All who speak at the same time."""
    return ", ".join(name_of(speaker, names) for speaker in speakers)
