"""Against Whisper's best-known failure: the same phrase again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LOOKBACK = 40  # tokens of standing text that a repetition may have begun in
_LONGEST_PHRASE = 24
_SHORTEST_ECHO = 3  # tokens
_ECHO_SECONDS = 0.08  # of speech for each token, less than anybody needs
_GUESSED = 0.12  # probability
_GUESSED_BRIEFLY = 0.5


def cut_repeats(prefix: Sequence[int], new: Sequence[int]) -> list[int]:
    """`new` up to the end of the first copy of a phrase that repeats itself at once.

    Two copies are too many for a phrase of four tokens or more, three for two or three tokens, four
    for a single one.
    """
    tokens = [*prefix[-_LOOKBACK:], *new]
    base = len(tokens) - len(new)
    for end in range(base, len(tokens)):
        for length in range(1, _LONGEST_PHRASE + 1):
            begin = end + 1 - _copies_allowed(length) * length
            if begin >= 0 and _repeats(tokens, begin, end, length):
                return tokens[base : max(base, begin + length)]
    return list(new)


def is_echo(text: Sequence[int], new: Sequence[int], seconds: float) -> bool:
    """Whether `new` says again what stands in `text`, in `seconds` of speech: too few for it.

    That is what a model writes when the audio has ended and it has not noticed.
    """
    in_time = seconds > _ECHO_SECONDS * len(new)
    return len(new) >= _SHORTEST_ECHO and not in_time and _holds(text[-_LOOKBACK:], new)


def _holds(tokens: Sequence[int], phrase: Sequence[int]) -> bool:
    last = len(tokens) - len(phrase)
    return any(list(tokens[at : at + len(phrase)]) == list(phrase) for at in range(last + 1))


def _copies_allowed(length: int) -> int:
    if length >= 4:
        return 2
    return 3 if length >= 2 else 4


def _repeats(tokens: Sequence[int], begin: int, end: int, length: int) -> bool:
    return all(tokens[i] == tokens[i + length] for i in range(begin, end + 1 - length))


def is_guesswork(probabilities: Iterable[float], *, brief: bool = False) -> bool:
    """Whether no word is likely at all: what Whisper writes about noise, in any language.

    In a `brief` sound, such as a cough that was taken for speech, one word at least must be sure.
    """
    limit = _GUESSED_BRIEFLY if brief else _GUESSED
    return all(probability < limit for probability in probabilities)


def is_loop(tokens: Sequence[int]) -> bool:
    """Whether the text ends in three or more copies of a phrase, eight tokens or more in all."""
    for length in range(1, 9):
        copies = 1
        while _copy_before(tokens, length, copies):
            copies += 1
        if copies >= 3 and copies * length >= 8:
            return True
    return False


def _copy_before(tokens: Sequence[int], length: int, copies: int) -> bool:
    end = len(tokens) - copies * length
    return end >= length and tokens[-length:] == tokens[end - length : end]
