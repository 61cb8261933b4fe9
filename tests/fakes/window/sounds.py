"""A sound check that finds what the test says."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.gui.rows import Sound, SoundRow, SoundWish

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class FakeSounds:
    """Sources that were recorded as the test says."""

    def __init__(self) -> None:
        self.rows = {
            name: SoundRow(name, Sound.FINE, -12.0, clip=name) for name in ("mic", "system")
        }
        self.calls: list[tuple[str, ...]] = []
        self.may_end = threading.Event()
        self.may_end.set()
        self.problem: AppError | None = None

    def check(
        self, wishes: Sequence[SoundWish], level: Callable[[str, float], object]
    ) -> list[SoundRow]:
        for wish in wishes:
            self.calls.append(("check", wish.source, wish.device))
            level(wish.source, -20.0)
        self.may_end.wait()
        return [self.rows[wish.source] for wish in wishes]

    def play(self, row: SoundRow, cancelled: Callable[[], bool]) -> None:
        self.calls.append(("play", row.source))
        if self.problem is not None:
            raise self.problem
