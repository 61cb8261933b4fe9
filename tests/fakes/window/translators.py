"""What can be translated with the models in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.rows import Obstacle, TranslationPlan

if TYPE_CHECKING:
    from tests.fakes.window.models import FakeModels


class FakeTranslators:
    """Translates from Chinese into English; into Korean once the package is there."""

    def __init__(self, models: FakeModels) -> None:
        self._models = models
        self.plans: list[TranslationPlan] = []

    def languages(self, engine: str) -> list[str]:
        return ["en"] if engine == "whisper" else ["en", "ko", "zh", "zu"]

    def obstacles(self, plan: TranslationPlan) -> list[Obstacle]:
        self.plans.append(plan)
        installed = {row.pair[1] for row in self._models.pairs if row.installed and row.pair}
        missing = [target for target in plan.targets if target not in installed]
        package = {row.pair[1]: row for row in self._models.pairs if row.pair}
        return [
            Obstacle(
                target,
                f"Nothing translates into {target}",
                "Choose another engine.",
                (package[target],) if target in package else (),
            )
            for target in missing
        ]
