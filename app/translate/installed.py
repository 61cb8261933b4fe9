"""What can translate on this machine: the models in the store, by pair of languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.errors import PairMissingError, TranslationError
from app.modelstore.manifest import ModelKind
from app.translate.argos import ArgosEngine, packages_for
from app.translate.languages import english_name, from_argos
from app.translate.nllb import MODEL, NllbEngine
from app.translate.nllw import NllwEngine
from app.translate.nllw import is_installed as nllw_is_installed
from app.translate.server import ServerAccess, ServerEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.modelstore.store import ModelStore
    from app.translate.protocol import GrowingTranslation, PairTranslator, TranslationEngine


@dataclass(frozen=True, slots=True)
class InstalledTranslation:
    """A model that translates: between two languages (BCP-47), or any two if these are "".

    `size` in bytes; not `complete` if files are missing or cut short.
    """

    name: str
    folder: Path
    source: str
    target: str
    size: int
    complete: bool

    @property
    def title(self) -> str:
        """For people, in English."""
        if not self.source:
            return "200 languages"
        return f"{english_name(self.source)} to {english_name(self.target)}"


def installed_translations(store: ModelStore) -> list[InstalledTranslation]:
    """By name. Raises DataFolderError if the model folder cannot be read."""
    found: list[InstalledTranslation] = []
    for model in store.installed():
        if model.kind is ModelKind.TRANSLATION:
            source, target = model.pair or ("", "")
            languages = from_argos(source), from_argos(target)
            found.append(
                InstalledTranslation(
                    model.name, model.folder, *languages, model.size, model.complete
                )
            )
    return found


def argos_engine(store: ModelStore) -> ArgosEngine:
    """An engine with all packages that are whole."""
    return ArgosEngine(model.folder for model in _whole(store) if model.source)


def nllb_engine(store: ModelStore) -> NllbEngine | None:
    """An engine with the NLLB model that is installed, and with NLLW where that is."""
    models = [model for model in _whole(store) if not model.source]
    if not models:
        return None
    chosen = next((model for model in models if model.name == MODEL), models[0])
    return NllwEngine(chosen.folder) if nllw_is_installed() else NllbEngine(chosen.folder)


def installed_engine(store: ModelStore) -> FirstThatCan:
    """All that is installed: packages before NLLB, which needs ten times as much time."""
    nllb = nllb_engine(store)
    return FirstThatCan([argos_engine(store), *([nllb] if nllb else [])])


def engine_named(
    name: str, store: ModelStore, access: ServerAccess | None = None
) -> TranslationEngine:
    """The engine "auto", "argos", "nllw" or "server"; it loads and asks nothing yet.

    Raises TranslationError if it cannot be used here, with what to do.
    """
    if name == "argos":
        return argos_engine(store)
    if name == "nllw":
        nllb = nllb_engine(store)
        if nllb is None:
            raise TranslationError(
                "No NLLB model is installed", hint=f"Run 'captionist models pull {MODEL}'."
            )
        return nllb
    if name == "server":
        return ServerEngine(access or ServerAccess("", ""))
    return installed_engine(store)


def models_for(source: str, target: str) -> tuple[tuple[str, ...], ...]:
    """Ways to get a pair translated: each the names of the models to pull, the best one first."""
    packages = packages_for(source, target)
    return (packages, (MODEL,)) if packages else ((MODEL,),)


class FirstThatCan:
    """A `TranslationEngine` of several, which are asked in turn."""

    def __init__(self, engines: Sequence[TranslationEngine]) -> None:
        """`engines` must not be empty."""
        self._engines = engines

    @property
    def name(self) -> str:
        return "auto"

    def check(self, source: str, target: str) -> None:
        self._fitting(source, target)

    def pair(self, source: str, target: str) -> PairTranslator:
        return self._fitting(source, target).pair(source, target)

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        return self._fitting(source, target).growing(source, target)

    def close(self) -> None:
        for engine in self._engines:
            engine.close()

    def _fitting(self, source: str, target: str) -> TranslationEngine:
        problems: list[PairMissingError] = []
        for engine in self._engines:
            try:
                engine.check(source, target)
            except PairMissingError as exc:
                problems.append(exc)
            else:
                return engine
        raise problems[0]


def _whole(store: ModelStore) -> list[InstalledTranslation]:
    return [model for model in installed_translations(store) if model.complete]
