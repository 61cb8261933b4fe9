"""What the lines of a meeting say in other languages, as a fold over what was told about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import Translation, TranslationEdited

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class LineTranslation:
    """What a whole utterance says in `language` (BCP-47).

    Until it is `final` more text may come; what a person `edited` stays.
    """

    language: str
    text: str
    final: bool = False
    edited: bool = False


class Translations:
    """The translations of each utterance, in the order in which the languages were first told."""

    def __init__(self) -> None:
        self._told: dict[int, dict[str, LineTranslation]] = {}

    def apply(self, event: Translation | TranslationEdited) -> bool:
        """Take `event` in; False if nothing of it counts: it is late, or a person knew better."""
        told = self._told.setdefault(event.utterance, {})
        before = told.get(event.language)
        if isinstance(event, TranslationEdited):
            told[event.language] = LineTranslation(
                event.language, event.text, final=True, edited=True
            )
        elif before is not None and (before.edited or (before.final and not event.final)):
            return False
        else:
            told[event.language] = LineTranslation(event.language, event.text, event.final)
        return told[event.language] != before

    def forget(self, utterance: int) -> None:
        """Nothing was told about `utterance`."""
        self._told.pop(utterance, None)

    def of(self, utterance: int) -> tuple[LineTranslation, ...]:
        """Those of one utterance that have a text."""
        told = self._told.get(utterance)
        return () if told is None else tuple(found for found in told.values() if found.text)


def languages_in(lines: Sequence[tuple[LineTranslation, ...]]) -> list[str]:
    """The languages of `lines`' translations, in the order in which they come first."""
    return list(dict.fromkeys(found.language for line in lines for found in line))
