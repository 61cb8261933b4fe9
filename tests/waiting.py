"""Waiting for something that another process does: ask again until it is so, or fail."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def wait_for(what: str, ask: Callable[[], T | None], *, timeout: float = 10.0) -> T:
    """The first answer of `ask` that is true; TimeoutError naming `what` after `timeout` s."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()  # never set: another process has no way to wake us
    while not (answer := ask()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} s")
        pause.wait(0.05)
    return answer
