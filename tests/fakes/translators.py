"""Engines of translation whose work a test can foresee."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.core.errors import PairMissingError, TranslationError


@dataclass
class FakePair:
    """Translates each word into capitals; `fixed` has other translations of whole texts."""

    fixed: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    problem: Exception | None = None

    def translate(self, text: str, prefix: str = "") -> str:
        self.asked.append((text, prefix))
        if self.problem is not None:
            raise self.problem
        found = self.fixed.get(text, text.upper())
        return found if found.startswith(prefix) else prefix + found[len(prefix) :]


@dataclass
class FakeEngine:
    """Translates between `pairs` of languages."""

    pairs: dict[tuple[str, str], FakePair] = field(default_factory=dict)
    name: str = "fake"
    is_open: bool = True
    loaded: list[tuple[str, str]] = field(default_factory=list)

    def check(self, source: str, target: str) -> None:
        if (source, target) not in self.pairs:
            raise PairMissingError(f"Nothing translates from {source} into {target}", hint="Pull.")

    def pair(self, source: str, target: str) -> FakePair:
        self.check(source, target)
        self.loaded.append((source, target))
        return self.pairs[source, target]

    def growing(self, source: str, target: str) -> None:
        return None

    def close(self) -> None:
        self.is_open = False


def slow_server() -> TranslationError:
    """A failure after which the same may succeed."""
    error = TranslationError("The server did not answer")
    error.retryable = True
    return error
