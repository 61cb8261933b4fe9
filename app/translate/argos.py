"""Translation with packages of Argos Translate: CTranslate2 and sentencepiece, one pair each.

Where no package translates directly, two are used with English between them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.core.errors import PairMissingError
from app.modelstore.packages import Pair, pair_of
from app.modelstore.translations import ARGOS_PAIRS
from app.translate.languages import argos_codes, argos_of, english_name, same_language
from app.translate.marian import Marian, TextTranslator

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.translate.protocol import GrowingTranslation, PairTranslator

_PIVOT = "en"


class ArgosEngine:
    """A `TranslationEngine` over the model folders of packages; others among them are passed over.

    A model is loaded when a pair first needs it and stays until `close`.
    """

    def __init__(self, folders: Iterable[Path]) -> None:
        found = ((pair_of(folder), folder) for folder in folders)
        self._folders = {pair: folder for pair, folder in found if pair is not None}
        self._models: dict[Pair, Marian] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return "argos"

    def check(self, source: str, target: str) -> None:
        """Raises PairMissingError that says which packages to fetch."""
        self._route(source, target)

    def pair(self, source: str, target: str) -> PairTranslator:
        """Raises PairMissingError, or TranslationError if a model cannot be loaded."""
        steps = [TextTranslator(self._model(step)) for step in self._route(source, target)]
        return steps[0] if len(steps) == 1 else Pivot(steps[0], steps[1])

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        return None

    def close(self) -> None:
        with self._lock:
            for model in self._models.values():
                model.close()
            self._models.clear()

    def _model(self, pair: Pair) -> Marian:
        with self._lock:
            if pair not in self._models:
                self._models[pair] = Marian(self._folders[pair])
            return self._models[pair]

    def _route(self, source: str, target: str) -> tuple[Pair, ...]:
        if same_language(source, target):
            raise PairMissingError(f"{english_name(source)} needs no translation into itself")
        if direct := self._direct(source, target):
            return (direct,)
        first, second = self._direct(source, _PIVOT), self._direct(_PIVOT, target)
        if first and second:
            return (first, second)
        raise PairMissingError(
            f"No package that is installed translates {english_name(source)} into "
            f"{english_name(target)}",
            hint=_hint(source, target, first, second),
        )

    def _direct(self, source: str, target: str) -> Pair | None:
        for to in argos_codes(target):
            for of in argos_codes(source):
                if Pair(of, to) in self._folders:
                    return Pair(of, to)
        return None


class Pivot:
    """A `PairTranslator` through a language in between."""

    def __init__(self, first: PairTranslator, second: PairTranslator) -> None:
        self._first, self._second = first, second

    def translate(self, text: str, prefix: str = "") -> str:
        return self._second.translate(self._first.translate(text), prefix)


def packages_for(source: str, target: str) -> tuple[str, ...]:
    """Names of the models to pull, in order to translate so; empty if none are published."""
    if names := _published(source, target):
        return names
    first, second = _published(source, _PIVOT), _published(_PIVOT, target)
    return (*first, *second) if first and second else ()


def _published(source: str, target: str) -> tuple[str, ...]:
    for to in argos_codes(target):
        for of in argos_codes(source):
            if (of, to) in ARGOS_PAIRS:
                return (f"argos-{of}-{to}",)
    return ()


def _hint(source: str, target: str, first: Pair | None, second: Pair | None) -> str:
    names = packages_for(source, target)
    if len(names) == 2:
        names = tuple(name for name, there in zip(names, (first, second), strict=True) if not there)
    if not names:
        return (
            "Choose another engine of translation, or take in a package that you have with "
            f"'captionist models add FILE.argosmodel' ({argos_of(source)} to {argos_of(target)})."
        )
    commands = " and ".join(f"'captionist models pull {name}'" for name in names)
    return f"Run {commands}."
