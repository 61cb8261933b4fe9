"""The translation of utterances between two languages, by any engine."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from app.core.errors import AppError, PairMissingError
from app.pipeline.runner import failure_of
from app.translate.glossary import Keeper
from app.translate.languages import base_of
from app.translate.policy import AgreementTranslation, Sentences
from app.translate.whisper import WhisperEngine

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from app.core.events import StageChanged
    from app.translate.glossary import Glossary
    from app.translate.protocol import GrowingTranslation, TranslationEngine

    Way: TypeAlias = "PairWork | WhisperEngine | None"

STAGE = "translate"
"""Name of the stage; of one language in it: "translate:pt"."""

_TRIES = 3
"""Failures in a row after which a pair of languages is given up."""

_REMEMBERED = 64
"""Utterances that may still grow, or be revised."""


class PairWork:
    """Holds what is loaded for one pair of languages, and the utterances under way."""

    def __init__(
        self, engine: TranslationEngine, source: str, target: str, glossary: Glossary
    ) -> None:
        """Loads the pair. Raises PairMissingError, TranslationError."""
        self._engine = engine
        self._languages = source, target
        self._own = engine.growing(source, target)
        self._refined: Keeper | None = None
        entries = glossary.into(target)
        if self._own is None or entries:
            pair = engine.pair(source, target)
            self._refined = Keeper(pair, entries)
            self._sentences = Sentences(pair, self._refined.refine)
        self._under_way: OrderedDict[int, GrowingTranslation] = OrderedDict()

    def grow(self, utterance: int, text: str) -> str:
        """What stands of the translation of `text`, which may go on. Raises TranslationError."""
        return self._growing(utterance).grow(text)

    def finish(self, utterance: int, text: str) -> str:
        """The translation of a whole utterance, or of its revision. Raises TranslationError."""
        found = self._growing(utterance).finish(text)
        if self._own is None:
            return found
        del self._under_way[utterance]  # an engine's own state does not survive its end
        return self._refined.refine(text, found) if self._refined else found

    def _growing(self, utterance: int) -> GrowingTranslation:
        if utterance not in self._under_way:
            self._under_way[utterance] = self._make()
            while len(self._under_way) > _REMEMBERED:
                self._under_way.popitem(last=False)
        return self._under_way[utterance]

    def _make(self) -> GrowingTranslation:
        own = None if self._own is None else self._engine.growing(*self._languages)
        return own or AgreementTranslation(self._sentences)


class Pairs:
    """Loads pairs of languages when they are needed, and gives up those that fail.

    `hearing` translates into English what `engine` cannot. Used by one thread.
    """

    def __init__(
        self, engine: TranslationEngine, glossary: Glossary, hearing: WhisperEngine | None = None
    ) -> None:
        self._engine = engine
        self._engines = [engine]
        self._glossary = glossary
        self._hearing = hearing
        self._ways: dict[tuple[str, str], Way] = {}
        self._failures: dict[tuple[str, str], int] = {}
        self._told: set[tuple[str, str]] = set()
        self._news: list[StageChanged] = []

    def way(self, source: str, target: str) -> Way:
        """How to get from one language to the other; None if there is no way any more."""
        key = source, target
        if key not in self._ways:
            try:
                self._ways[key] = self._find(source, target)
            except Exception as exc:  # noqa: BLE001 - logged and told
                self._ways[key] = None
                self._tell(key, exc)
        return self._ways[key]

    def attempt(self, source: str, target: str, work: Callable[[], str]) -> str | None:
        """What `work` gives; None if it fails, which is told once for each pair."""
        key = source, target
        try:
            found = work()
        except Exception as exc:  # noqa: BLE001 - logged and told
            self._failures[key] = self._failures.get(key, 0) + 1
            again = isinstance(exc, AppError) and exc.retryable
            if not again or self._failures[key] >= _TRIES:
                self._ways[key] = None
            self._tell(key, exc)
            return None
        self._failures.pop(key, None)
        return found

    def news(self) -> list[StageChanged]:
        """What has failed since this was asked last."""
        news, self._news = self._news, []
        return news

    def lacks(self, source: str, target: str) -> bool:
        """Whether nothing was found for these languages, or it is not known yet."""
        return self._ways.get((source, target)) is None

    def renew(self, engine: TranslationEngine) -> None:
        """Ask `engine` from now on: what was missing may be there. What works goes on as it is."""
        self._engine = engine
        self._engines.append(engine)
        for key in [key for key, way in self._ways.items() if way is None]:
            del self._ways[key]
            self._failures.pop(key, None)
            self._told.discard(key)

    def close(self) -> None:
        self._ways.clear()
        for engine in self._engines:
            engine.close()

    def _find(self, source: str, target: str) -> Way:
        try:
            self._engine.check(source, target)
        except PairMissingError:
            if self._hearing is None or base_of(target) != self._hearing.target:
                raise
            return self._hearing
        if isinstance(self._engine, WhisperEngine):
            return self._engine
        return PairWork(self._engine, source, target, self._glossary)

    def _tell(self, key: tuple[str, str], exc: Exception) -> None:
        if key not in self._told:
            self._told.add(key)
            self._news.append(failure_of(f"{STAGE}:{key[1]}", exc))
