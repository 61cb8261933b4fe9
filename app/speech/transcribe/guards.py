"""Against Whisper's best-known failure: the same phrase again and again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.speech.transcribe.words import ends_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import Word

_LOOKBACK = 40  # tokens of standing text that a repetition may have begun in
_LONGEST_PHRASE = 24
_SHORTEST_ECHO = 3  # tokens
_SECONDS_PER_TOKEN = 0.08  # of speech, less than anybody needs
_GUESSED = 0.12  # probability
_UNLIKELY = 0.25  # probability, on the whole
_LEAST = 0.001  # probability, that of a word as unlikely as can be
_IMPOSSIBLE = 0.02  # probability
_NO_TIME = 0.03  # seconds
_GUESSED_BRIEFLY = 0.5


@dataclass(frozen=True, slots=True)
class Repetition:
    """A phrase of `length` tokens again and again, from the token `begin` to before `end`."""

    begin: int
    length: int
    end: int

    @property
    def copies(self) -> int:
        """Whole ones; another may have begun."""
        return (self.end - self.begin) // self.length

    def span(self, copy: int) -> tuple[int, int]:
        """First token of a copy, counted from 0, and the one behind its last."""
        begin = self.begin + copy * self.length
        return begin, begin + self.length


def find_repetition(tokens: Sequence[int], base: int) -> Repetition | None:
    """The first phrase that repeats itself too often and does so still at `base` or behind it.

    Two copies are too many for a phrase of four tokens or more, three for two or three tokens, four
    for a single one: for that they are only suspected, as people do repeat themselves.
    """
    earliest = max(0, base - _LOOKBACK)
    for end in range(base, len(tokens)):
        for length in range(1, _LONGEST_PHRASE + 1):
            begin = end + 1 - _copies_allowed(length) * length
            if begin >= earliest and _repeats(tokens, begin, end, length):
                while end + 1 < len(tokens) and tokens[end + 1] == tokens[end + 1 - length]:
                    end += 1
                return Repetition(begin, length, end + 1)
    return None


def is_echo(text: Sequence[int], new: Sequence[int], seconds: float) -> bool:
    """Whether `new` says again what stands in `text`, in `seconds` of speech: too few for it.

    That is what a model writes when the audio has ended and it has not noticed.
    """
    in_time = seconds > time_for(len(new))
    return len(new) >= _SHORTEST_ECHO and not in_time and _holds(text[-_LOOKBACK:], new)


def time_for(tokens: int) -> float:
    """Seconds that nobody needs less of to say so many tokens."""
    return _SECONDS_PER_TOKEN * tokens


def _holds(tokens: Sequence[int], phrase: Sequence[int]) -> bool:
    last = len(tokens) - len(phrase)
    return any(list(tokens[at : at + len(phrase)]) == list(phrase) for at in range(last + 1))


def _copies_allowed(length: int) -> int:
    if length >= 4:
        return 2
    return 3 if length >= 2 else 4


def _repeats(tokens: Sequence[int], begin: int, end: int, length: int) -> bool:
    return all(tokens[i] == tokens[i + length] for i in range(begin, end + 1 - length))


def is_guesswork(written: Sequence[Word], *, brief: bool = False) -> bool:
    """Whether this is what Whisper writes about noise, in any language; marks do not count.

    No word is likely; or all are unlikely on the whole and most have no time: of a set phrase only
    the first word is in doubt, as the others follow from it, but nobody has said them. In a `brief`
    sound, such as a cough that was taken for speech, one word at least must be sure.
    """
    words = [word for word in written if not ends_word(word.text)] or written
    limit = _GUESSED_BRIEFLY if brief else _GUESSED
    if all(word.probability < limit for word in words):
        return True
    timeless = sum(word.end - word.start < _NO_TIME for word in words)
    return 2 * timeless > len(words) and is_unlikely(words)


def is_made_up(word: Word) -> bool:
    """Whether a word among others can have been neither heard nor said."""
    return word.probability < _IMPOSSIBLE and word.end - word.start < _NO_TIME


def is_unlikely(words: Sequence[Word], limit: float = _UNLIKELY) -> bool:
    """Whether words are so unlikely on the whole that they need a reason to stay.

    By the geometric mean: a word that cannot be counts for more than those that follow from it.
    """
    logarithms = [math.log(max(word.probability, _LEAST)) for word in words]
    return sum(logarithms) < math.log(limit) * len(logarithms)


def is_loop(tokens: Sequence[int]) -> bool:
    """Whether the text ends in four or more copies of a phrase, 24 tokens or more in all.

    Even if all that was spoken, it leads a model that reads it into a loop.
    """
    for length in range(1, 9):
        copies = 1
        while _copy_before(tokens, length, copies):
            copies += 1
        if copies >= 4 and copies * length >= 24:
            return True
    return False


def _copy_before(tokens: Sequence[int], length: int, copies: int) -> bool:
    end = len(tokens) - copies * length
    return end >= length and tokens[-length:] == tokens[end - length : end]
