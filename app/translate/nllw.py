"""Simultaneous translation with NLLW over an NLLB model, its CTranslate2 back end.

NLLW commits what successive translations of an utterance have in common and keeps sentences apart
by their marks. It counts words by spaces and translates nothing below three of them, so languages
that are written without spaces are left to our own policy, and short sentences wait for the next.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from app.core.errors import TranslationError
from app.translate.decoding import SPACE
from app.translate.languages import is_unspaced
from app.translate.nllb import Nllb, NllbEngine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.translate.decoding import Decoder
    from app.translate.protocol import GrowingTranslation, PairTranslator

logger = logging.getLogger(__name__)

_FEWEST_WORDS = 3
_MARKS = ".!?\u3002\uff01\uff1f"
"""What ends a sentence for NLLW."""
_FAILURES = (RuntimeError, ValueError, TypeError, KeyError, IndexError, AttributeError)


def is_installed() -> bool:
    """Whether NLLW can be imported; imports nothing."""
    return all(importlib.util.find_spec(name) for name in ("nllw", "torch", "transformers"))


class NllwEngine(NllbEngine):
    """NLLB with NLLW's streaming policy where it works; whole texts are translated directly."""

    def __init__(self, folder: Path) -> None:
        """Raises TranslationError if NLLW is not installed. Imports and loads nothing."""
        if not is_installed():
            raise TranslationError(
                "NLLW is not installed", hint="Run: pip install 'captionist[translation]'"
            )
        super().__init__(folder)
        self._tokenizers: dict[str, Any] = {}

    @property
    def name(self) -> str:
        return "nllw"

    def growing(self, source: str, target: str) -> GrowingTranslation | None:
        """Raises PairMissingError, TranslationError."""
        if is_unspaced(source):
            return None
        whole = self.pair(source, target)
        model = self.model()
        languages = model.token_of(source), model.token_of(target)
        return NllwTranslation(self._online(model, *languages), whole)

    def close(self) -> None:
        super().close()
        self._tokenizers.clear()

    def _online(self, model: Nllb, source: str, target: str) -> Any:
        nllw = _nllw()
        try:
            tokenizer = self._tokenizer(nllw, source)
            translation_model = nllw.TranslationModel(
                translator=_Translator(model.decoder),
                device="cpu",
                tokenizer={source: _Unscanned(tokenizer)},
                backend_type="ctranslate2",
                model_name=str(self._folder),
            )
            online = nllw.OnlineTranslation(translation_model, [source], [target])
        except (*_FAILURES, OSError) as exc:
            raise TranslationError(
                f"NLLW cannot use the model in {self._folder}",
                hint="It needs tokenizer.json and tokenizer_config.json beside the model.",
            ) from exc
        online.backend.tokenizer = tokenizer
        online.backend.sentence_end_token_ids = sentence_ends(tokenizer)
        return online

    def _tokenizer(self, nllw: Any, source: str) -> Any:
        if source not in self._tokenizers:
            self._tokenizers[source] = nllw.core.NllbTokenizer.from_pretrained(
                str(self._folder),
                src_lang=source,
                clean_up_tokenization_spaces=True,
                local_files_only=True,
            )
        return self._tokenizers[source]


class NllwTranslation:
    """A `GrowingTranslation` by NLLW's OnlineTranslation, which belongs to one utterance."""

    def __init__(self, online: Any, whole: PairTranslator) -> None:
        self._online = online
        self._whole = whole
        self._taken = ""  # all text that was handed to NLLW
        self._open = ""  # what of it is not finished by a mark
        self._shown = ""  # what stands
        self._buffer = ""  # the translation of the rest, which may still change
        self._covered = False  # whether that is all the rest

    def grow(self, text: str) -> str:
        """What stands by now. Raises TranslationError."""
        if not text.startswith(self._taken):
            return self._shown  # it changed behind our back: the final text will tell
        new = text[len(self._taken) :]
        if not new.strip() or self._is_short(self._open + new):
            return self._shown
        self._taken, self._open = text, self._open + new
        self._insert(new)
        self._process()
        if self._open and not self._covered and not self._is_short(self._open):
            self._process()  # what follows the mark
        return self._shown

    def finish(self, text: str) -> str:
        """All of it: what was shown if that is everything, else translated as a whole."""
        known = bool(self._taken) and text.split() == self._taken.split() and self._covered
        found = self._shown + self._buffer
        self._online.validate_buffer_and_reset()
        self._taken = self._open = self._shown = self._buffer = ""
        self._covered = False
        return found.strip() if known and found.strip() else self._whole.translate(text)

    def _is_short(self, text: str) -> bool:
        """NLLW would throw a short sentence away."""
        sentence, _ = _cut(text)
        return len((sentence or text).split()) < _FEWEST_WORDS

    def _insert(self, text: str) -> None:
        self._online.insert_tokens([_nllw().TimedText(text=text)])

    def _process(self) -> None:
        backend = self._online.backend
        try:
            stable, buffer = self._online.process()
            if stable.text:
                self._shown += self._space(backend.new_produced_tokens) + stable.text.lstrip()
            self._buffer = ""
            if buffer.text:
                self._buffer = self._space(backend.previous_tokens) + buffer.text.lstrip()
        except _FAILURES as exc:
            raise TranslationError("NLLW could not translate what was said") from exc
        sentence, rest = _cut(self._open)
        self._open = rest if sentence else self._open
        self._covered = not sentence or not rest.strip()

    def _space(self, tokens: Sequence[int]) -> str:
        """A space if the first piece begins a word: NLLW's texts have lost it."""
        if not self._shown or not len(tokens):
            return ""
        (piece,) = self._online.backend.tokenizer.convert_ids_to_tokens([int(tokens[0])])
        return " " if str(piece).startswith(SPACE) else ""


class _Translator:
    """What NLLW takes for CTranslate2's translator: ours, bounded and kept out of loops."""

    def __init__(self, decoder: Decoder) -> None:
        self._decoder = decoder

    def translate_batch(
        self, batch: list[list[str]], *, target_prefix: list[list[str]], **_options: Any
    ) -> list[SimpleNamespace]:
        found = [
            self._decoder.translate(source, begin)
            for source, begin in zip(batch, target_prefix, strict=True)
        ]
        return [SimpleNamespace(hypotheses=[pieces]) for pieces in found]


class _Unscanned:
    """A tokenizer that spares NLLW a look at every word it knows: seconds for each utterance."""

    vocab_size = 0

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


def sentence_ends(tokenizer: Any) -> set[int]:
    """Numbers of the pieces that are nothing but a mark at the end of a sentence."""
    vocabulary: dict[str, int] = tokenizer.get_vocab()
    return {
        number
        for piece, number in vocabulary.items()
        if piece.replace(SPACE, " ").strip().strip("'\"").strip() in set(_MARKS)
    }


def _cut(text: str) -> tuple[str, str]:
    """`text` up to its last mark, and the rest."""
    last = max(text.rfind(mark) for mark in _MARKS)
    return text[: last + 1], text[last + 1 :]


def _nllw() -> Any:
    """The library, without the notes that it prints for its developers."""
    try:
        nllw = importlib.import_module("nllw")
        core = importlib.import_module("nllw.core")
    except (ImportError, OSError, *_FAILURES) as exc:
        logger.info("NLLW cannot be imported", exc_info=exc)
        raise TranslationError(
            "NLLW cannot be loaded", hint="Run: pip install 'captionist[translation]'"
        ) from exc
    vars(core)["print"] = _say_nothing  # found before the builtin, in this module only
    return nllw


def _say_nothing(*_words: object, **_options: object) -> None:
    return None
