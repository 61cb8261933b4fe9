"""CTranslate2 for translation: bounded in length and threads, and kept out of loops."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from app.core.errors import TranslationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BEAM = 2
"""Takes a sixth more time than 1 and leaves out less; 4 takes a tenth more than 2."""
SPACE = "\u2581"
"""Stands for a space in pieces."""
_MOST_PIECES = 256
_SPECIAL = re.compile(r"<(unk|s|/s|pad|blank|mask)>|[a-z]{3}_[A-Z][a-z]{3}")
"""Pieces that stand for no text; the last kind are NLLB's languages."""
_LONGEST_CYCLE = 12
_TIMES = 4
"""Repetitions in a row that are a loop, and not somebody who says it again."""


class Decoder:
    """A loaded model. Used by one thread at a time."""

    def __init__(self, folder: Path, *, beam: int = BEAM) -> None:
        """Raises TranslationError if the model cannot be loaded."""
        import ctranslate2

        self._beam = beam
        self._name = folder.name
        try:
            self._translator: Any = ctranslate2.Translator(
                str(folder), device="cpu", compute_type="int8", inter_threads=1, intra_threads=1
            )
        except (RuntimeError, ValueError, MemoryError, UnicodeError) as exc:
            raise TranslationError(
                f"The model in {folder} cannot be loaded: {_first_line(exc)}",
                hint="Run 'captionist models list', then remove and fetch it again.",
            ) from exc

    def close(self) -> None:
        self._translator.unload_model()

    def translate(self, pieces: Sequence[str], begin: Sequence[str]) -> list[str]:
        """Pieces of the translation, `begin` included, with which it begins.

        Raises TranslationError.
        """
        found = self._decode(pieces, begin, no_repeat=0)
        if loop_start(found[len(begin) :]) is None:
            return found
        again = self._decode(pieces, begin, no_repeat=3)
        end = loop_start(again[len(begin) :])
        return again if end is None else again[: len(begin) + end]

    def _decode(self, pieces: Sequence[str], begin: Sequence[str], *, no_repeat: int) -> list[str]:
        try:
            (result,) = self._translator.translate_batch(
                [list(pieces)],
                target_prefix=[list(begin)] if begin else None,
                beam_size=self._beam,
                max_decoding_length=len(begin) + min(_MOST_PIECES, 3 * len(pieces) + 16),
                no_repeat_ngram_size=no_repeat,
            )
        except (RuntimeError, ValueError) as exc:
            raise TranslationError(f"A text could not be translated: {_first_line(exc)}") from exc
        found: list[str] = result.hypotheses[0]
        return found


def loop_start(pieces: Sequence[str]) -> int | None:
    """Where the second round of the same few pieces begins; None if nothing goes round.

    A single piece is counted only from eight times on: "no, no, no" is said.
    """
    for cycle in range(1, _LONGEST_CYCLE + 1):
        times = 2 * _TIMES if cycle < 3 else _TIMES
        length = cycle * times
        for start in range(len(pieces) - length + 1):
            stretch = pieces[start : start + length]
            if stretch[cycle:] == stretch[:-cycle]:
                return start + cycle
    return None


def joined_pieces(pieces: Sequence[str]) -> str:
    """The text that pieces stand for, with a space in front if it begins with a word."""
    return "".join(piece for piece in pieces if not _SPECIAL.fullmatch(piece)).replace(SPACE, " ")


def _first_line(exc: BaseException) -> str:
    return (str(exc) or type(exc).__name__).splitlines()[0].rstrip(".")
