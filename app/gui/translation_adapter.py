"""The real answers to what can be translated on this computer, and the models for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.errors import TranslationError
from app.core.settings import load_settings
from app.gui.rows import ModelRow, Obstacle, TranslationPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.core.paths import Paths
    from app.modelstore.manifest import ModelManifest
    from app.modelstore.store import InstalledModel, ModelStore
    from app.session.store import Meeting
    from app.translation import Spoken, TranslationWish

MEGABYTE = 1_000_000


class StoredTranslators:
    """`Translators` over the model store and the settings."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def languages(self, engine: str) -> list[str]:
        from app.modelstore.translations import ARGOS_PAIRS
        from app.translate.languages import from_argos, languages

        if engine == "whisper":
            return ["en"]
        if engine == "argos":
            return sorted({from_argos(target) for _source, target in ARGOS_PAIRS})
        return [language.code for language in languages()]

    def obstacles(self, plan: TranslationPlan) -> list[Obstacle]:
        """One for each target at most."""
        return [
            found for target in plan.targets if (found := self._obstacle(plan, target)) is not None
        ]

    def possible(self, targets: tuple[str, ...], engine: str, spoken: Spoken) -> tuple[str, ...]:
        """Those of `targets` for which nothing is missing: a meeting begins without the others."""
        plan = TranslationPlan(spoken.languages, targets, engine, spoken.model)
        missing = {found.target for found in self.obstacles(plan)}
        return tuple(target for target in targets if target not in missing)

    def _obstacle(self, plan: TranslationPlan, target: str) -> Obstacle | None:
        from app.translation import Spoken, check_wish

        wish = wish_for(self._paths, (target,), plan.engine)
        try:
            check_wish(wish, Spoken(plan.sources, plan.model), self._paths)
        except TranslationError as exc:
            missing = tuple(self._missing(plan, target))
            return Obstacle(target, str(exc), exc.hint, missing)
        return None

    def _missing(self, plan: TranslationPlan, target: str) -> Iterator[ModelRow]:
        """Packages that are not there yet, without which it cannot be done."""
        from app.translate.argos import packages_for
        from app.translate.languages import same_language

        if plan.engine == "nllw":
            names = ["nllb-600M"]
        elif plan.engine in ("auto", "argos"):
            sources = [s for s in plan.sources if not same_language(s, target)]
            names = [name for source in sources for name in packages_for(source, target)]
        else:
            names = []
        store = _store(self._paths.models)
        there = {model.name for model in store.installed() if model.complete}
        for name in dict.fromkeys(names):
            if name not in there:
                yield known_row(store.manifest(name))


def wish_for(paths: Paths, targets: tuple[str, ...], engine: str) -> TranslationWish:
    """What to translate with which engine; the rest is as the settings say."""
    from app.translation import TranslationWish, wish_of

    settings = load_settings(paths.settings).settings.translation
    server = wish_of(replace(settings, targets="")).server
    return TranslationWish(targets, engine, server=server)


def translation_rows(folder: Path) -> list[ModelRow]:
    """Models that translate: the installed ones, then those that are published."""
    from app.modelstore.translations import ARGOS_PAIRS

    store = _store(folder)
    installed = {m.name: m for m in store.installed() if m.complete and m.kind == "translation"}
    names = [m.name for m in store.known() if m.kind == "translation" and m.pair is None]
    names += sorted(f"argos-{source}-{target}" for source, target in ARGOS_PAIRS)
    rows = [_installed_row(store, model) for model in installed.values()]
    return rows + [known_row(store.manifest(name)) for name in names if name not in installed]


def _installed_row(store: ModelStore, model: InstalledModel) -> ModelRow:
    from app.core.errors import ModelMissingError

    try:
        row = known_row(store.manifest(model.name))
    except ModelMissingError:  # it was added by hand
        row = ModelRow(model.name, 0.0, "", installed=True, pair=_codes(model.pair))
    return replace(row, size_mb=model.size / MEGABYTE, installed=True)


def known_row(manifest: ModelManifest) -> ModelRow:
    """A model that can be fetched."""
    return ModelRow(
        manifest.name,
        manifest.size / MEGABYTE,
        manifest.license,
        installed=False,
        description=manifest.title,
        pair=_codes(manifest.pair),
        conditions=manifest.conditions,
    )


def _codes(pair: tuple[str, str] | None) -> tuple[str, str] | None:
    from app.translate.languages import from_argos

    return None if pair is None else (from_argos(pair[0]), from_argos(pair[1]))


def _store(folder: Path) -> ModelStore:
    from app.modelstore.store import ModelStore

    return ModelStore(folder)


def pulled(
    folder: Path,
    name: str,
    progress: Callable[[float, float], object],
    cancelled: Callable[[], bool],
) -> None:
    """Fetch a model whose conditions, if any, the user has accepted."""
    _store(folder).pull(
        name,
        lambda step: progress(float(step.done_bytes), float(step.total_bytes)),
        cancelled,
        accepted=True,
    )


def spoken_languages(meeting: Meeting) -> tuple[str, ...]:
    """The languages that were heard, as far as they are known."""
    from app.translate.languages import from_whisper
    from app.translation import spoken_in

    heard = {from_whisper(line.language) for line in meeting.transcript.lines} - {""}
    info = meeting.info
    known = spoken_in(info.language, info.model, english=info.translated).only
    return tuple(sorted(heard)) or ((known,) if known else ())
