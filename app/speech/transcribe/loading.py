"""Loads a model once for all the stages of a run that share it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.speech.transcribe.whisper import Whisper


class SharedModel:
    """Calling it gives the model, loading it at the first call; thread-safe.

    `locate` finds the model's folder; what it raises is raised to every caller.
    """

    def __init__(self, locate: Callable[[], Path], threads: int = 1) -> None:
        self._locate = locate
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Whisper | None = None

    @property
    def preset(self) -> str:
        """The preset that suits this machine; to be asked when the model is there."""
        return "balanced"

    def __call__(self) -> Whisper:
        with self._lock:
            if self._model is None:
                from app.speech.transcribe.whisper import Whisper

                self._model = Whisper(self._locate(), threads=self._threads)
            return self._model
