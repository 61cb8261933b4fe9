"""Models in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.errors import AppError, DownloadCancelledError, DownloadError
from app.gui.rows import ModelRow
from tests.fakes.window.gate import opened_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

BASE = ModelRow("base", 145.3, "MIT", installed=True, description="Whisper base, 99 languages")
TINY = ModelRow(
    "tiny.en",
    78.1,
    "MIT",
    installed=False,
    description="Whisper tiny, English only",
    languages=("en",),
)
ZH_EN = ModelRow("argos-zh-en", 85.0, "CC-BY-4.0", installed=True, pair=("zh", "en"))
EN_KO = ModelRow("argos-en-ko", 100.0, "CC-BY-4.0", installed=False, pair=("en", "ko"))
NLLB = ModelRow(
    "nllb-600M",
    2500.0,
    "CC-BY-NC-4.0",
    installed=False,
    description="NLLB-200, 200 languages",
    conditions="Only for purposes that are not commercial.",
)
VOICES = ModelRow("voices", 34.3, "MIT", installed=True, description="Tells speakers apart")


class FakeModels:
    """Models in memory. A pull ends when `arrived` is set, in failure if `problem` is."""

    def __init__(self, rows: Sequence[ModelRow]) -> None:
        self.all = list(rows)
        self.speakers = VOICES
        self.arrived = threading.Event()
        self.problem: DownloadError | None = None
        self.pairs = [ZH_EN, EN_KO, NLLB]
        self.stuck: AppError | None = None

    def rows(self) -> list[ModelRow]:
        return list(self.all)

    def voices(self) -> ModelRow:
        return self.speakers

    def pull(
        self,
        name: str,
        progress: Callable[[float, float], object],
        cancelled: Callable[[], bool],
    ) -> None:
        progress(50e6, 145e6)
        if not opened_before(self.arrived, cancelled):
            raise DownloadCancelledError("The download was cancelled")
        if self.problem is not None:
            raise self.problem
        self._change(name, is_installed=True)

    def translations(self) -> list[ModelRow]:
        return sorted(self.pairs, key=lambda row: not row.installed)

    def remove(self, name: str) -> None:
        if self.stuck is not None:
            raise self.stuck
        self._change(name, is_installed=False)

    def _change(self, name: str, *, is_installed: bool) -> None:
        def changed(rows: list[ModelRow]) -> list[ModelRow]:
            return [replace(r, installed=is_installed) if r.name == name else r for r in rows]

        self.all, self.pairs = changed(self.all), changed(self.pairs)
