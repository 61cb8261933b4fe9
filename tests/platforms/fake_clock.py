"""A clock that goes on when it is looked at, or when the test says so."""

from __future__ import annotations


class FakeClock:
    def __init__(self, now: float = 100.0, step: float = 0.0) -> None:
        self.now = now
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now
