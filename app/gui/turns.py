"""Lets work that is in no hurry give way to whatever a person wants of the same meeting."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 20.0
"""Longer is not waited for work to give way; the meeting is then said to be in use."""


class Turns:
    """Who may have a meeting. Used from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._wanted: dict[str, int] = {}  # meeting -> how many want it
        self._slow: set[str] = set()

    @contextlib.contextmanager
    def wanted(self, meeting: str) -> Iterator[None]:
        """Have the meeting for oneself: slow work on it ends first, and none begins meanwhile."""
        with self._changed:
            self._wanted[meeting] = self._wanted.get(meeting, 0) + 1
            self._changed.wait_for(lambda: meeting not in self._slow, PATIENCE_S)
        try:
            yield
        finally:
            with self._changed:
                self._wanted[meeting] -= 1
                if not self._wanted[meeting]:
                    del self._wanted[meeting]

    def is_wanted(self, meeting: str) -> bool:
        with self._changed:
            return meeting in self._wanted

    @contextlib.contextmanager
    def slow(self, meeting: str) -> Iterator[Callable[[], bool] | None]:
        """Gives a question whether to end now; None if the meeting is wanted already."""
        with self._changed:
            free = meeting not in self._wanted and meeting not in self._slow
            if free:
                self._slow.add(meeting)
        try:
            yield (lambda: self.is_wanted(meeting)) if free else None
        finally:
            if free:
                with self._changed:
                    self._slow.discard(meeting)
                    self._changed.notify_all()
