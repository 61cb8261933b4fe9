"""What the user wants written: the language heard or English, and which names to expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.speech.transcribe.whisper import DecodingTask

if TYPE_CHECKING:
    from app.speech.transcribe.whisper import Whisper

GLOSSARY_TOKENS = 48
"""What the names may take of the decoder's room; the prompt costs time at every step."""


@dataclass(frozen=True, slots=True)
class Guidance:
    """`terms` are names and terms, the most important ones first; what is too much is left out."""

    translate: bool = False
    terms: tuple[str, ...] = ()


class Guide:
    """Makes the tasks for one model. Raises LanguageError if it cannot translate and should."""

    def __init__(self, model: Whisper, guidance: Guidance) -> None:
        model.check_task(translate=guidance.translate)
        self._translate = guidance.translate
        self._glossary = tuple(glossary(model, guidance.terms))

    def task(self, language: str) -> DecodingTask:
        """What to do with speech in `language`, a code."""
        return DecodingTask(language, self._translate, self._glossary)


def glossary(model: Whisper, terms: tuple[str, ...]) -> list[int]:
    """The tokens of as many `terms` as there is room for, as a list in a text would be."""
    tokens: list[int] = []
    for count in range(1, len(terms) + 1):
        longer = model.tokens(" " + ", ".join(terms[:count]) + ".")
        if len(longer) > GLOSSARY_TOKENS:
            break
        tokens = longer
    return tokens
