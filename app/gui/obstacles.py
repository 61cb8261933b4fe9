"""Keeps what a dialog says of obstacles in step with what is being chosen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.gui.background import Background
    from app.gui.dialogs.targets import TargetsDialog
    from app.gui.rows import Obstacle, TranslationPlan
    from app.gui.services import Translators


class ObstacleWatch(QObject):
    """Lives as long as its dialog. `plan(targets, engine)` says what the choice would mean."""

    def __init__(
        self,
        dialog: TargetsDialog,
        translators: Translators,
        background: Background,
        plan: Callable[[tuple[str, ...], str], TranslationPlan],
    ) -> None:
        super().__init__(dialog)
        self._dialog = dialog
        self._translators = translators
        self._background = background
        self._plan = plan
        self._open = True
        dialog.looked.connect(self.look)
        dialog.finished.connect(self._on_finished)
        self.look()

    def _on_finished(self) -> None:
        self._open = False

    def _now(self) -> TranslationPlan:
        return self._plan(self._dialog.targets, self._dialog.engine_name)

    def look(self) -> None:
        """Find what is in the way of the choice of this moment."""
        if not self._open:
            return
        plan, translators = self._now(), self._translators

        def show(found: list[Obstacle]) -> None:
            if self._open and plan == self._now():
                self._dialog.show_obstacles(found)

        if plan.targets:
            job = self._background.job("check choice", lambda _job: translators.obstacles(plan))
            job.on_success(show).start()
