"""Voices of named speakers in memory."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.core.errors import AppError
from app.gui.rows import NameGuess, VoiceRow
from tests.fakes.window.gate import opened_before

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeVoices:
    """Voices in memory. `problem` is raised when one is played or guessed."""

    def __init__(self) -> None:
        self.kept: list[VoiceRow] = []
        self.calls: list[tuple[object, ...]] = []
        self.suggestion: NameGuess | None = None
        self.problem: AppError | None = None
        self.may_end = threading.Event()
        self.may_end.set()

    def play(self, meeting: str, speaker: int, cancelled: Callable[[], bool]) -> None:
        self.calls.append(("play", meeting, speaker))
        if self.problem is not None:
            raise self.problem
        if not opened_before(self.may_end, cancelled):
            self.calls.append(("cancelled",))

    def guess(self, meeting: str, speaker: int) -> NameGuess | None:
        self.calls.append(("guess", meeting, speaker))
        return self.suggestion

    def learn(self, meeting: str, speaker: int | None = None) -> None:
        self.calls.append(("learn", meeting, speaker))

    def rows(self) -> list[VoiceRow]:
        return list(self.kept)

    def remove(self, name: str) -> None:
        self.kept = [row for row in self.kept if row.name != name]

    def clear(self) -> None:
        self.kept = []
