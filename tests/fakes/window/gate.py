"""Work that goes on when the test lets it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable


def opened_before(gate: threading.Event, cancelled: Callable[[], bool]) -> bool:
    """Wait until the test sets `gate`; False if the work was cancelled first."""
    while not gate.wait(0.01):
        if cancelled():
            return False
    return True
