"""What every streaming policy has in common: audio in, words that stand and a preview out."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from app.speech.transcribe.whisper import FRAME_SECONDS
from app.speech.transcribe.words import ends_word

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.core.events import Word
    from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions
    from app.speech.transcribe.whisper import DecodingTask, Whisper
    from app.speech.transcribe.words import PlacedPiece

_UNHEARD = 2  # encoder frames at the end of the audio in which no word can have been heard
_LONGEST_PROMPT = 223  # tokens: half of what the decoder holds, less the start of the prompt
_LONGEST_STATIC = 100  # tokens of it for the prompt that stays


class Pause(IntEnum):
    """How long it has been silent: the longer, the more of the tail is committed."""

    NONE = 0
    SHORT = 1
    LONG = 2


class StreamingDecoder(Protocol):
    """Decides when words stand. Used from one thread; a step is the only slow call.

    `task` may be set between two steps, and so may `careful`: whether a step may take longer where
    the model is in doubt. `fresh` is how many seconds of audio have come since the last step.
    """

    task: DecodingTask
    fresh: float
    careful: bool

    @property
    def preview(self) -> str:
        """The text behind the committed words that may still change."""
        ...

    @property
    def seconds(self) -> float:
        """Seconds of audio held."""
        ...

    def restart(self, first_sample: int) -> None:
        """New audio begins at `first_sample`; what waits is dropped, what stands is context."""

    def append(self, samples: NDArray[np.float32]) -> None:
        """More audio: mono, 16 kHz, right behind what came before."""

    def step(self, pause: Pause, silence: float) -> list[Word]:
        """Decode what is held and commit what may be; `silence` is its length at the end (s).

        Words are never taken back and never committed twice. After Pause.LONG there is no preview.
        """
        ...


def static_tokens(model: Whisper, text: str) -> list[int]:
    """The tokens of a prompt that stays; what is too long for one loses its end."""
    return model.tokens(" " + text.strip())[:_LONGEST_STATIC] if text.strip() else []


def full_prompt(static: Sequence[int], older: Sequence[int], kept: int) -> list[int]:
    """The prompt that stays, then the newest `kept` tokens of older text, as many as fit."""
    room = max(0, min(kept, _LONGEST_PROMPT - len(static)))
    return [*static, *older[max(0, len(older) - room) :]]


def count_before_last_word(placed: Sequence[PlacedPiece]) -> int:
    """How many pieces come before the last word and the marks behind it."""
    words = [index for index, item in enumerate(placed) if not ends_word(item.piece.text)]
    return words[-1] if words else 0


def count_in_pause(
    placed: Sequence[PlacedPiece],
    frames: int,
    silence: float,
    pause: Pause,
    options: AlignAttOptions | LocalAgreementOptions,
) -> int:
    """How many pieces in front are probable enough and begin before the `silence` (s).

    That is at the end of the audio, which has so many encoder `frames`. In a long pause the
    utterance is over and its sound is dropped: an improbable word is kept if a probable one
    follows, as only what trails behind may be made up.
    """
    count, over = 0, pause is Pause.LONG
    floor = options.long_pause_floor if over else options.short_pause_floor
    latest = frames - (silence - options.pause_slack) / FRAME_SECONDS
    for index, word in enumerate(placed):
        if word.start >= frames - _UNHEARD or word.start > latest:
            break
        if word.probability >= floor:
            count = index + 1
        elif not over:
            break
    return count
