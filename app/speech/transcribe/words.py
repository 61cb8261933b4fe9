"""From Whisper's tokens to words with times."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.events import Word
from app.core.languages import UNSPACED
from app.speech.transcribe.graphemes import continues
from app.speech.transcribe.quiet import rest_between
from app.speech.transcribe.whisper import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.speech.transcribe.quiet import Rest
    from app.speech.transcribe.whisper import Alignment

SENTENCE_END = re.compile(r"[.?!…。？！؟۔।॥።။។։]['\"”’)\]»」]*$")
_PUNCTUATION = re.compile(r"[^\w\s]+")
_OPENING = re.compile(r"\s*[\"“‘'(\[«¿¡「『（《〈【]+")
_NO_TIME = 6  # encoder frames (20 ms), less than anybody needs for a word
_REST = 0.15  # seconds without sound; stops within words are shorter
_LONG_TIME = 0.6  # seconds
_NEVER_CLOSING = re.compile(r"[(\[¿¡「『（《〈【]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A word as tokens; the marks that end a word are pieces of their own."""

    text: str
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece and where it lies, in encoder frames (20 ms) from the start of the window.

    `probability` is that of its least likely token.
    """

    piece: Piece
    start: int
    end: int
    probability: float

    def shifted(self, frames: int) -> PlacedPiece:
        """The same, `frames` later; nothing lies before the window."""
        start, end = max(0, self.start + frames), max(0, self.end + frames)
        return replace(self, start=start, end=end)

    def as_word(self, origin: float) -> Word:
        """The word on the source's clock; `origin` is the window's start in seconds."""
        return Word(
            self.piece.text,
            round(origin + self.start * FRAME_SECONDS, 3),
            round(origin + self.end * FRAME_SECONDS, 3),
            round(self.probability, 3),
        )


def split(
    tokens: Sequence[int], decode: Callable[[Sequence[int]], str], language: str
) -> list[Piece]:
    """Cut tokens into pieces; bytes of an incomplete character wait for the rest of it.

    No piece but the first begins inside of a grapheme cluster. Where no spaces are written, a word
    is what a complete token spells.
    """
    pieces: list[Piece] = []
    for text, ids in _complete_texts(tokens, decode):
        piece = Piece(text, ids)
        if pieces and continues(pieces[-1].text, text):
            last = pieces.pop()
            piece = Piece(last.text + text, (*last.tokens, *ids))
        elif language not in UNSPACED and not text.startswith(" ") and not _is_mark(text):
            while pieces and not piece.text.startswith(" "):
                last = pieces.pop()
                piece = Piece(last.text + piece.text, (*last.tokens, *piece.tokens))
        pieces.append(piece)
    return pieces


def _complete_texts(
    tokens: Sequence[int], decode: Callable[[Sequence[int]], str]
) -> Iterator[tuple[str, tuple[int, ...]]]:
    part: list[int] = []
    for token in tokens:
        part.append(token)
        text = decode(part)
        if not text.endswith("\ufffd"):  # what is broken further in front stays broken
            yield text.replace("\ufffd", ""), tuple(part)
            part = []


def _is_mark(text: str) -> bool:
    return _PUNCTUATION.fullmatch(text) is not None


def ends_word(text: str) -> bool:
    """Whether `text` is nothing but marks, which belong to the word before them."""
    return _is_mark(text) and _NEVER_CLOSING.fullmatch(text) is None


def is_wordless(text: str) -> bool:
    """Whether nothing in `text` can be said: marks, a note, a dash."""
    return not any(c.isalnum() for c in text)


def opens(mark: str, text: str) -> bool:
    """Whether `mark` opens the word `text`, which follows at once: not behind a space."""
    return _OPENING.fullmatch(mark) is not None and not text.startswith(" ")


def without_leading_marks(words: Sequence[Word]) -> Sequence[Word]:
    """`words` from the first that can be said; what marks are before that end another line."""
    spoken = (index for index, word in enumerate(words) if not is_wordless(word.text))
    return words[next(spoken, len(words)) :]


def ends_sentence(
    before: Word, after: Word, found: Sequence[Rest], *, pressing: bool = False
) -> bool:
    """Whether a sentence ends between two words, with `found`, the rests of their sound.

    The mark alone does not tell: after "Mr." nobody rests. Where noise hides the rests, a long time
    between the words stands for one; a shorter one is due to where attention happens to place them.
    Where it is `pressing`, any rest will do.
    """
    if SENTENCE_END.search(before.text) is None:
        return False
    rest = rest_between(before, after, found)
    shortest = 0.0 if pressing else _REST
    return after.start - before.end >= _LONG_TIME or (rest is not None and rest.length > shortest)


def place(pieces: Sequence[Piece], alignment: Alignment, first: int) -> list[PlacedPiece]:
    """Give each piece its frames; `first` is the index of its first token in the alignment."""
    placed: list[PlacedPiece] = []
    for piece in pieces:
        after = first + len(piece.tokens)
        start, end = int(alignment.starts[first]), int(alignment.starts[after])
        likeliness = float(alignment.probabilities[first:after].min())
        placed.append(PlacedPiece(piece, start, end, likeliness))
        first = after
    return placed


def since(frame: int, words: Sequence[PlacedPiece]) -> list[PlacedPiece]:
    """Those of `words` that do not end before `frame`; none of them begins before it."""
    return [replace(word, start=max(word.start, frame)) for word in words if word.end >= frame]


def without_stutter(words: Sequence[PlacedPiece]) -> list[PlacedPiece]:
    """`words` without those that say the one before them again in no time.

    So a model fills up sound that it has not understood, mostly at the beginning of an utterance.
    Scripts without spaces repeat characters as a matter of course.
    """
    return [
        word
        for index, word in enumerate(words)
        if not (
            index
            and word.piece.tokens == words[index - 1].piece.tokens
            and word.piece.text.startswith(" ")
            and word.end - word.start <= _NO_TIME
        )
    ]


def join_marks(words: Sequence[Word]) -> tuple[Word, ...]:
    """Attach marks to the word before them, and opening marks to the word after them.

    The halves of a character that was committed in two steps become one word again.
    """
    joined: list[Word] = []
    for word in words:
        last = joined[-1] if joined else None
        if last and _OPENING.fullmatch(last.text):
            joined[-1] = replace(word, text=last.text + word.text)
        elif last and ends_word(word.text):
            joined[-1] = replace(last, text=last.text + word.text)
        elif last and continues(last.text, word.text):
            joined[-1] = replace(last, text=last.text + word.text, end=max(last.end, word.end))
        else:
            joined.append(word)
    return tuple(joined)
