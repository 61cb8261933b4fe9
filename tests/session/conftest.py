"""What holds for tests of meetings on disk."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of meetings are written here; tests about when something is synced watch `fsync`."""
    monkeypatch.setattr(os, "fsync", lambda _descriptor: None)
