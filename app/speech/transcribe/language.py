"""Finds the spoken language once there is enough speech to be sure of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.core.events import LanguageDetected

if TYPE_CHECKING:
    from app.speech.transcribe.options import LanguageOptions
    from app.speech.transcribe.whisper import Whisper


class LanguageFinder:
    """Names the language of a stream; `language` is fixed from the start unless it is "auto"."""

    def __init__(self, model: Whisper, options: LanguageOptions, language: str) -> None:
        self._model = model
        self._options = options
        self._fixed = language != "auto"
        self._probability = 0.0
        self.language = language if self._fixed else "en"

    @property
    def ready(self) -> bool:
        """Whether there is a language to decode in."""
        return self._fixed or self._probability > 0.0

    @property
    def settled(self) -> bool:
        """Whether looking further is pointless."""
        return self._fixed or self._probability >= self._options.floor

    def consider(self, encoded: Any, seconds: float, *, patient: bool) -> LanguageDetected | None:
        """Judge `seconds` of encoded speech; an unsure answer counts only when not `patient`."""
        if patient and seconds < self._options.needed:
            return None
        named = self._model.name_language(encoded)
        language, probability = named[0] if named else (self.language, 0.0)
        hopeful = patient and seconds < self._options.patience
        if (hopeful and probability < self._options.floor) or probability <= self._probability:
            return None
        changed = language != self.language or not self.ready
        self.language, self._probability = language, probability
        return LanguageDetected(language, round(probability, 3)) if changed else None
