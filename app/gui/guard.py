"""Keeps an error in an overridden Qt method from taking the program down."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")


def guarded(method: Callable[P, None]) -> Callable[P, None]:
    """An override whose exceptions go to `sys.excepthook`, like those of a slot.

    WORKAROUND(PySide 6.11 on Python 3.11): errors that C code raises, such as the TypeError of
    int([]), end the process with a segmentation fault when they leave an override.
    """

    @functools.wraps(method)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            method(*args, **kwargs)
        except Exception:  # noqa: BLE001 - the boundary to Qt: the hook shows and logs it
            kind, value, trace = sys.exc_info()
            if kind is not None and value is not None:
                sys.excepthook(kind, value, trace)

    return wrapper
