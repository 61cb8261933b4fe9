"""NLLB-200: one model between any two of 200 languages, converted for CTranslate2.

The tokenizer is read with `tokenizers`, so that neither torch nor transformers is needed.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from app.core.errors import LanguageError, ModelError, PairMissingError, TranslationError
from app.modelstore.folders import translation_files
from app.translate.decoding import Decoder
from app.translate.languages import english_name, flores_of, same_language
from app.translate.marian import TextTranslator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.translate.protocol import GrowingTranslation, PairTranslator

MODEL = "nllb-600M"
_END = "</s>"
_BEAM = 1
"""A model of this size leaves no time for more."""
_RENAMED = {"sat_Olck": "sat_Beng"}
"""What published models call a language by a script that it is not written in."""


class Nllb:
    """The loaded model. Used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises TranslationError if the folder does not hold such a model."""
        check_folder(folder)
        from tokenizers import Tokenizer

        try:
            self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as exc:  # the library raises nothing more exact
            raise TranslationError(
                f"The file tokenizer.json in {folder} is damaged", hint="Fetch or copy it again."
            ) from exc
        self.decoder = Decoder(folder, beam=_BEAM)

    def token_of(self, code: str) -> str:
        """The piece that stands for a language. Raises PairMissingError."""
        flores = flores_of(code)
        for token in (flores, _RENAMED.get(flores, flores)):
            if self.tokenizer.token_to_id(token) is not None:
                return token
        raise PairMissingError(
            f"This model does not know {english_name(code)}", hint="Choose another model."
        )

    def close(self) -> None:
        self.decoder.close()


class NllbPair:
    """The model between two languages: what `TextTranslator` works with."""

    def __init__(self, model: Nllb, source: str, target: str) -> None:
        """Raises PairMissingError."""
        self._model = model
        self._source, self._target = model.token_of(source), model.token_of(target)

    def cut(self, text: str) -> list[str]:
        pieces: list[str] = self._model.tokenizer.encode(text, add_special_tokens=False).tokens
        return pieces

    def pieces_of(self, prefix: str) -> list[str]:
        return self.cut(prefix)

    def translate(self, pieces: Sequence[str], begin: Sequence[str]) -> list[str]:
        """Raises TranslationError."""
        text = [self._source, *pieces, _END]
        return self._model.decoder.translate(text, [self._target, *begin])[1:]


class NllbEngine:
    """A `TranslationEngine` over the folder of an NLLB model, loaded when it is first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._model: Nllb | None = None
        self._fits = False  # the folder was looked at
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return "nllb"

    def check(self, source: str, target: str) -> None:
        """Raises PairMissingError; TranslationError if the folder is not that of a model."""
        if same_language(source, target):
            raise PairMissingError(f"{english_name(source)} needs no translation into itself")
        for code in (source, target):
            try:
                flores_of(code)
            except LanguageError as exc:
                raise PairMissingError(str(exc), hint=exc.hint) from exc
        if not self._fits:
            check_folder(self._folder)
            self._fits = True

    def pair(self, source: str, target: str) -> PairTranslator:
        """Raises PairMissingError, TranslationError."""
        self.check(source, target)
        return TextTranslator(NllbPair(self.model(), source, target))

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        return None

    def model(self) -> Nllb:
        """The loaded model. Raises TranslationError."""
        with self._lock:
            if self._model is None:
                self._model = Nllb(self._folder)
            return self._model

    def close(self) -> None:
        with self._lock:
            if self._model is not None:
                self._model.close()
            self._model = None


def check_folder(folder: Path) -> None:
    """Raises TranslationError with what is missing in the folder of an NLLB model."""
    try:
        if not folder.is_dir():
            raise TranslationError(
                f"There is no folder {folder} with an NLLB model",
                hint=f"Run 'captionist models pull {MODEL}'.",
            )
        translation_files(folder)
    except ModelError as exc:
        raise TranslationError(str(exc), hint=exc.hint) from exc
    except OSError as exc:
        raise TranslationError(f"The folder {folder} cannot be read: {exc.strerror}") from exc
