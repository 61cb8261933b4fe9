"""Who said what: the concatenated minimum-permutation word error rate (cpWER).

As defined for CHiME-6 (Watanabe et al., 2020): the words of each true speaker and of each found one
are joined in the order of time, and found speakers are paired with true ones so that the errors
add up to as few as possible. Who is left over counts as inserted or deleted as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.bench.manifest import words_beside
from app.bench.run import offline_captions
from app.bench.score import Errors, count_errors
from app.core.assignment import best_assignment
from app.core.events import TurnsFound
from app.modelstore.store import ModelStore
from app.session.speakers import Speakers
from app.speech.transcribe.loading import SharedModel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from app.bench.manifest import TimedText
    from app.core.events import FinalCaption, SpeakerTurn
    from app.core.paths import Paths

    Hear = Callable[[NDArray[np.float32]], Sequence[FinalCaption]]


class WordJudge:
    """Counts the errors of found turns in the words that `hear` recognises. Raises AppError.

    Words are normalised as those of `language` are, of the first one heard if it is "auto".
    """

    def __init__(self, hear: Hear, language: str) -> None:
        self._hear = hear
        self._language = language

    def __call__(
        self, audio: Path, samples: NDArray[np.float32], turns: Sequence[SpeakerTurn]
    ) -> Errors | None:
        """None for a recording without words of known speakers beside it."""
        truth = true_texts(words_beside(audio))
        if truth is None:
            return None
        captions = self._hear(samples)
        language = captions[0].language if captions and self._language == "auto" else self._language
        return count_cp_errors(truth, found_texts(captions, turns), language)


def whole_hearing(paths: Paths, model: str, language: str) -> Hear:
    """Recognition by an offline pass of `model`; `language` is a code or "auto".

    Raises ModelError at once if the model is not there.
    """
    folder = ModelStore(paths.models).locate(model)
    shared = SharedModel(lambda: folder)
    return lambda samples: offline_captions(shared, samples, language)


def count_cp_errors(truth: Sequence[str], heard: Sequence[str], language: str) -> Errors:
    """Errors under the best pairing of true and found speakers, a text each, in any order."""
    size = max(len(truth), len(heard))
    rows, columns = ([*texts, *[""] * (size - len(texts))] for texts in (list(truth), list(heard)))
    errors = [[count_errors(row, column, language) for column in columns] for row in rows]
    gain = np.array([[-_wrong(cell) for cell in row] for row in errors], float)
    return sum((errors[row][column] for row, column in best_assignment(gain)), Errors())


def true_texts(words: Iterable[TimedText]) -> list[str] | None:
    """What each speaker said; None without words, or if one of them is nobody's."""
    said: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: word.start):
        said.setdefault(word.speaker, []).append(word.text)
    return [" ".join(texts) for texts in said.values()] if said and "" not in said else None


def found_texts(captions: Iterable[FinalCaption], turns: Sequence[SpeakerTurn]) -> list[str]:
    """What each found speaker said, as a transcript tells it; nobody's words are a text too."""
    speakers = Speakers()
    end = max((turn.end for turn in turns), default=0.0)
    speakers.apply(TurnsFound(0.0, end, tuple(turns), final=True))
    said: dict[int | None, list[str]] = {}
    for caption in captions:
        words = caption.words
        parts = speakers.parts(caption.utterance, words)
        if not parts:
            said.setdefault(None, []).append("".join(word.text for word in words))
        for part in parts:
            piece = words[part.first : part.last]
            said.setdefault(part.speakers[0], []).append("".join(word.text for word in piece))
    return [" ".join(texts) for texts in said.values()]


def _wrong(errors: Errors) -> int:
    return errors.substitutions + errors.insertions + errors.deletions
