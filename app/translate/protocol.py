"""What an engine of translation is."""

from __future__ import annotations

from typing import Protocol


class PairTranslator(Protocol):
    """Translates from one language into another; used by one thread at a time."""

    def translate(self, text: str, prefix: str = "") -> str:
        """The translation of `text`, beginning with `prefix` if the engine can be made to.

        An engine that cannot begin with a given text ignores `prefix`. Text without anything to
        translate (empty, only signs) is returned as it is. Raises TranslationError.
        """
        ...


class GrowingTranslation(Protocol):
    """The translation of one utterance while it grows; used by one thread at a time."""

    def grow(self, text: str) -> str:
        """Take in all of the utterance's text so far; the translation that stands by now.

        What was returned once is the beginning of all that is returned later.
        """
        ...

    def finish(self, text: str) -> str:
        """The translation of the whole utterance, whose final text is `text`."""
        ...


class TranslationEngine(Protocol):
    """Knows the pairs of languages (BCP-47 codes) it can translate between."""

    @property
    def name(self) -> str: ...

    def check(self, source: str, target: str) -> None:
        """Raises PairMissingError if it cannot translate so; loads nothing."""

    def pair(self, source: str, target: str) -> PairTranslator:
        """Load what is needed. Raises PairMissingError or TranslationError."""
        ...

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        """For engines with a streaming policy of their own; None: use ours over `pair`."""
        ...

    def close(self) -> None:
        """Release what was loaded."""
