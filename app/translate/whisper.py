"""English of any language by the recognition model itself, which hears it: no package is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from app.core.errors import PairMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioChunk
    from app.core.events import FinalCaption
    from app.translate.protocol import GrowingTranslation, PairTranslator


class HeardSpeech(Protocol):
    """An utterance with its sound; `spoken` is its language, if the caption's is another."""

    @property
    def caption(self) -> FinalCaption: ...

    @property
    def audio(self) -> AudioChunk: ...

    @property
    def spoken(self) -> str: ...


class WhisperEngine:
    """A `TranslationEngine` that translates sound, not text: into English, and only at the end.

    `decode` writes English: sound and the model's code of its language -> text.
    """

    name = "whisper"
    target = "en"

    def __init__(self, decode: Callable[[AudioChunk, str], str]) -> None:
        self._decode = decode

    def check(self, source: str, target: str) -> None:
        if target.partition("-")[0] != self.target:
            raise PairMissingError(
                f"Whisper translates into English only, not into {target}",
                hint="Choose the target en, or translate with another engine.",
            )

    def hear(self, speech: HeardSpeech) -> str:
        """What was said, in English. Raises ModelError."""
        return self._decode(speech.audio, speech.spoken or speech.caption.language).strip()

    def pair(self, source: str, target: str) -> PairTranslator:
        self.check(source, target)
        raise PairMissingError(
            "Whisper translates speech, not text",
            hint="Translate with another engine: run 'captionist models list' to see them.",
        )

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        return None

    def close(self) -> None:
        """The model belongs to recognition."""
