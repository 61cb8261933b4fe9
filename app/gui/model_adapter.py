"""The real `Models`: the model store.

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.rows import ModelRow
from app.gui.translation_adapter import MEGABYTE, pulled, translation_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.modelstore.store import InstalledModel, ModelStore


class StoredModels:
    """`Models` over the model store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _store(self) -> ModelStore:
        from app.modelstore.store import ModelStore

        return ModelStore(self._folder)

    def rows(self) -> list[ModelRow]:
        store = self._store()
        known = {m.name: m for m in store.known() if m.kind == "speech"}
        installed = {m.name: m for m in store.installed() if m.complete and m.kind == "speech"}
        rows = [_installed_row(m, known[n].license if n in known else "")
                for n, m in installed.items()]  # fmt: skip
        rows += [
            ModelRow(
                manifest.name,
                manifest.size / MEGABYTE,
                manifest.license,
                installed=False,
                description=manifest.title,
                languages=() if manifest.multilingual else ("en",),
            )
            for name, manifest in known.items()
            if name not in installed
        ]
        return rows

    def voices(self) -> ModelRow:
        from app.modelstore.manifest import VOICES

        there = any(m.name == VOICES.name and m.complete for m in self._store().installed())
        return ModelRow(
            *(VOICES.name, VOICES.size / MEGABYTE, VOICES.license),
            installed=there,
            description=VOICES.title,
        )

    def pull(
        self,
        name: str,
        progress: Callable[[float, float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        pulled(self._folder, name, progress, cancelled)

    def translations(self) -> list[ModelRow]:
        return translation_rows(self._folder)

    def remove(self, name: str) -> None:
        self._store().remove(name)


def _installed_row(model: InstalledModel, licence: str) -> ModelRow:
    return ModelRow(
        model.name,
        model.size / MEGABYTE,
        licence,
        installed=True,
        languages=() if model.multilingual else ("en",),
    )
