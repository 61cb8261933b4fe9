"""Sound devices and sound servers that go away and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.drill.outcome import NotRunError

if TYPE_CHECKING:
    from app.drill.outcome import Outcome
    from app.drill.run import Run


def device(run: Run) -> list[Outcome]:
    raise NotRunError("not yet")


def server(run: Run) -> list[Outcome]:
    raise NotRunError("not yet")
