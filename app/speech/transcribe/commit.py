"""Which of the newest words may be committed while somebody speaks: how long a word waits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.speech.transcribe.options import AlignAttOptions
    from app.speech.transcribe.words import PlacedPiece

_BEFORE, _AFTER = 0.15, 0.35  # weights of a word's neighbours; its own is 1
_LIKELIEST = 0.997  # beyond this a probability says nothing more
_LONGEST = 60  # encoder frames (20 ms) that the least certain word waits


@dataclass(frozen=True, slots=True)
class CommitPolicy:
    """Decides how many of the new words may be committed."""

    options: AlignAttOptions

    def count_while_speaking(
        self, placed: Sequence[PlacedPiece], frames: int, before: float
    ) -> int:
        """Words in front that end early enough before `frames`, the encoder frames of audio.

        `before` is the probability of the word in front of them.
        """
        for index, certainty in enumerate(certainties(placed, before)):
            if frames - placed[index].end <= self._threshold(certainty):
                return index
        return len(placed)

    def _threshold(self, certainty: float) -> float:
        """Encoder frames that must follow a word: the more certain, the fewer."""
        options = self.options
        wanted = options.frame_threshold - options.frames_per_certainty * certainty
        return min(_LONGEST, max(options.frame_threshold_sure, wanted))


def certainties(placed: Sequence[PlacedPiece], before: float) -> list[float]:
    """How certain each word is, as log odds: 0 is as likely as not.

    Errors come together. So the neighbours count as well: the word in front, and the one behind
    even more, which nothing is known of where no word follows.
    """
    odds = [_log_odds(before), *(_log_odds(word.probability) for word in placed), 0.0]
    total = 1.0 + _BEFORE + _AFTER
    return [
        (odds[index] + _BEFORE * odds[index - 1] + _AFTER * odds[index + 1]) / total
        for index in range(1, len(odds) - 1)
    ]


def _log_odds(probability: float) -> float:
    likely = min(_LIKELIEST, max(1 - _LIKELIEST, probability))
    return math.log(likely / (1 - likely))
