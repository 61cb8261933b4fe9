"""The Qt binding itself can be trusted on this Python."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QObject

CALLS = 1_000


def test_calls_that_return_nothing_take_no_references(qapp: QCoreApplication) -> None:
    """PySide6 6.12.0 on Python 3.11 eats `None` up, which ends the program after a while."""
    thing = QObject(qapp)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        thing.setObjectName("thing")
    assert abs(sys.getrefcount(None) - before) < CALLS / 10
