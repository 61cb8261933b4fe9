"""Real models for tests that are marked `model`, fetched once and kept for later runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs
import pytest

from app.core.errors import DownloadError, ModelCorruptError, StorageError
from app.modelstore.store import ModelStore


def starter_model(name: str = "tiny.en") -> Path:
    """The folder of a model; skips the test, and says why, if it cannot be had here.

    For a model that `CAPTIONIST_REQUIRE_MODELS` names (several with commas) that is a failure.
    """
    try:
        return ModelStore(models_folder()).pull(name)
    except (DownloadError, ModelCorruptError, StorageError) as exc:
        if name in os.environ.get("CAPTIONIST_REQUIRE_MODELS", "").split(","):
            pytest.fail(str(exc))
        pytest.skip(str(exc))


def models_folder() -> Path:
    """Where test models are kept; a program under test gets it as CAPTIONIST_MODELS."""
    chosen = os.environ.get("CAPTIONIST_TEST_MODELS")
    return Path(chosen or platformdirs.user_cache_dir("captionist-tests", appauthor=False))
