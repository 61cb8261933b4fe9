"""Loads a model once for all the stages of a run that share it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.speech.transcribe.hardware import Fitting
    from app.speech.transcribe.whisper import Whisper


class SharedModel:
    """Calling it gives the model, loading it at the first call; thread-safe.

    `locate` finds the model's folder; what it raises is raised to every caller. `fit`, if given,
    loads the model as it fits this machine.
    """

    def __init__(
        self, locate: Callable[[], Path], threads: int = 1, fit: Fitting | None = None
    ) -> None:
        self._locate = locate
        self._threads = threads
        self._fit = fit
        self._preset = "balanced"
        self._lock = threading.Lock()
        self._model: Whisper | None = None

    @property
    def preset(self) -> str:
        """The preset that suits this machine; to be asked when the model is there."""
        return self._preset

    def __call__(self) -> Whisper:
        with self._lock:
            if self._model is None:
                self._model = self._loaded()
            return self._model

    def _loaded(self) -> Whisper:
        from app.speech.transcribe.whisper import Whisper

        folder = self._locate()

        def load(threads: int) -> Whisper:
            return Whisper(folder, threads=threads)

        if self._fit is None:
            return load(self._threads)
        fitted = self._fit(load, self._threads)
        self._preset = fitted.preset
        return fitted.model
