"""The same model in faster-whisper, on the whole file at once: what we are measured against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.speech.transcribe.ct2 import ctranslate2

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

BEAMS = 5


class OfflineReference:
    """faster-whisper with its own defaults: int8, one thread, beam search of width 5."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Any = None

    def transcribe(self, samples: NDArray[np.float32], language: str) -> str:
        """The text of mono samples at 16 kHz; `language` is a code or "auto"."""
        if self._model is None:
            from faster_whisper import WhisperModel

            self._model = WhisperModel(
                str(self._folder), device="cpu", compute_type="int8", cpu_threads=1
            )
        ctranslate2.set_random_seed(1)  # it rolls dice where it is not content with a text
        spoken = None if language == "auto" else language
        segments, _ = self._model.transcribe(samples, language=spoken, beam_size=BEAMS)
        return "".join(segment.text for segment in segments)
