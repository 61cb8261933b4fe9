"""One model for one pair of languages (Marian, converted for CTranslate2), and its pieces.

A package has the sentencepiece model of its source language only, so that texts in the target
language are cut into pieces of the vocabulary here.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

from app.core.errors import TranslationError
from app.modelstore.packages import METADATA, SENTENCEPIECE
from app.translate.decoding import Decoder, joined_pieces
from app.translate.pieces import Pieces
from app.translate.sentences import split
from app.translate.signs import Parted, calmed, parted

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 160
"""Pieces of the source that are translated at a time."""
_REMEMBERED = 32


class Marian:
    """The loaded model. Used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        """Raises TranslationError if the folder does not hold a package that can be used."""
        import sentencepiece

        inside = folder / "model" if (folder / "model").is_dir() else folder
        self.decoder = Decoder(inside)
        try:
            self._source = sentencepiece.SentencePieceProcessor(
                model_file=str(folder / SENTENCEPIECE)
            )
            self._target = Pieces(_vocabulary(inside))
            self._first = _target_prefix(folder)
        except (OSError, RuntimeError, ValueError, TypeError) as exc:
            raise damaged(folder) from exc

    def close(self) -> None:
        self.decoder.close()

    def cut(self, text: str) -> list[str]:
        """The pieces of a text in the source language."""
        pieces: list[str] = self._source.encode(text, out_type=str)
        return pieces

    def translate(self, pieces: list[str], begin: list[str]) -> list[str]:
        """Pieces of the translation, which begins with `begin`. Raises TranslationError."""
        found = self.decoder.translate(pieces, [*self._first, *begin])
        return found[len(self._first) :]

    def pieces_of(self, prefix: str) -> list[str]:
        """The pieces of a text in the target language, as the model may have written it."""
        return self._target.of(prefix)


class PieceModel(Protocol):
    """Translates pieces of words between two languages."""

    def cut(self, text: str) -> list[str]:
        """The pieces of a text in the source language."""
        ...

    def pieces_of(self, prefix: str) -> list[str]:
        """The pieces of a text in the target language."""
        ...

    def translate(self, pieces: list[str], begin: list[str]) -> list[str]:
        """Pieces of the translation, which begins with `begin`. Raises TranslationError."""
        ...


class TextTranslator:
    """A `PairTranslator` with one model."""

    def __init__(self, model: PieceModel) -> None:
        self._model = model
        self._last: list[str] = []
        self._whole: OrderedDict[str, str] = OrderedDict()

    def translate(self, text: str, prefix: str = "") -> str:
        """Sentence by sentence; a prefix is spent on the first ones. Raises TranslationError."""
        sentences = split(calmed(text.encode("utf-8", "ignore").decode()))  # no half characters
        found, left = "", prefix
        for place, sentence in enumerate(sentences):
            last = place == len(sentences) - 1
            if left and not last and (done := self._spent(sentence, left)):
                found, left = found + done, left[len(done) :]
                continue
            gap = " " if found and not left and not found[-1].isspace() else ""
            made = self._sentence(sentence, left)
            found, left = found + gap + made, ""
        return found or text

    def _spent(self, sentence: str, left: str) -> str:
        """What of the prefix the sentence accounts for; "" if the prefix ends within it."""
        key = sentence.strip()
        if key not in self._whole:
            self._sentence(sentence, "")
        whole = self._whole.get(key, "")
        if not whole or not left.startswith(whole):
            return ""
        rest = left[len(whole) :]
        return whole + rest[: len(rest) - len(rest.lstrip())]

    def _sentence(self, sentence: str, prefix: str) -> str:
        parts = parted(sentence)
        if not parts.words:
            return prefix if prefix.strip() else sentence
        found = self._words(parts, prefix)
        if not prefix:
            self._whole[sentence.strip()] = found
            while len(self._whole) > _REMEMBERED:
                self._whole.popitem(last=False)
        return found

    def _words(self, parts: Parted, prefix: str) -> str:
        pieces = self._model.cut(parts.words)
        found, left = "", prefix
        for start in range(0, len(pieces), _LONGEST):
            made = self._piece(pieces[start : start + _LONGEST], left)
            found = f"{found} {made}" if found else made
            left = ""
        return f"{found} {parts.tail}" if parts.tail and not found.endswith(parts.tail) else found

    def _piece(self, pieces: list[str], prefix: str) -> str:
        begin = self._begin(prefix)
        found = self._model.translate(pieces, begin)
        self._last = found
        if not prefix:
            return joined_pieces(found).strip()
        rest = joined_pieces(found[len(begin) :])
        return prefix + (rest.lstrip() if prefix[-1].isspace() else rest)

    def _begin(self, prefix: str) -> list[str]:
        """As the model itself wrote it a moment ago, if it did: that is what it goes on best."""
        wanted = " ".join(prefix.split())
        if not wanted:
            return []
        for end in range(1, len(self._last) + 1):
            if joined_pieces(self._last[:end]).strip() == wanted:
                return self._last[:end]
        return self._model.pieces_of(wanted)


def damaged(folder: Path) -> TranslationError:
    return TranslationError(
        f"The model {folder.name} cannot be loaded: files are missing or damaged",
        hint=f"Run 'captionist models remove {folder.name}' and fetch it again.",
    )


def _vocabulary(folder: Path) -> list[str]:
    """The pieces that the model writes. Raises OSError, ValueError."""
    for name in ("target_vocabulary", "shared_vocabulary"):
        if (folder / f"{name}.json").exists():
            rows = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
            return [str(row) for row in rows]
        if (folder / f"{name}.txt").exists():
            return (folder / f"{name}.txt").read_text(encoding="utf-8").split("\n")
    raise FileNotFoundError(folder)


def _target_prefix(folder: Path) -> list[str]:
    """The piece that tells a model for several languages which to write, if there is one."""
    raw: Any = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    piece = str(raw.get("target_prefix") or "")
    return [piece] if piece else []
