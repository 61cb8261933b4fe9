"""Diarization errors as NIST's md-eval and dscore count them: no collar, overlap is scored.

Times are cut at every boundary of reference and hypothesis. In each piece with `r` true and `h`
found voices, of which `c` fit under the best one-to-one mapping of speakers, max(0, r - h) voices
were missed, max(0, h - r) are false alarms, and min(r, h) - c are confused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.assignment import best_assignment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.core.events import SpeakerTurn


@dataclass(frozen=True, slots=True)
class SpeakerErrors:
    """Seconds of speech (overlapping voices count each), and what of it is wrong.

    `jaccard` is the sum over true speakers of 1 - intersection / union with the voice found for
    them; `speakers` and `found` count the voices of reference and hypothesis.
    """

    speech: float = 0.0
    missed: float = 0.0
    false_alarm: float = 0.0
    confused: float = 0.0
    jaccard: float = 0.0
    speakers: int = 0
    found: int = 0

    def __add__(self, other: SpeakerErrors) -> SpeakerErrors:
        return SpeakerErrors(
            self.speech + other.speech,
            self.missed + other.missed,
            self.false_alarm + other.false_alarm,
            self.confused + other.confused,
            self.jaccard + other.jaccard,
            self.speakers + other.speakers,
            self.found + other.found,
        )

    @property
    def der(self) -> float | None:
        """Diarization error rate; None without speech."""
        wrong = self.missed + self.false_alarm + self.confused
        return wrong / self.speech if self.speech else None

    @property
    def jer(self) -> float | None:
        """Jaccard error rate, the mean over the true speakers; None without any."""
        return self.jaccard / self.speakers if self.speakers else None


def count_speaker_errors(
    truth: Sequence[SpeakerTurn], found: Sequence[SpeakerTurn]
) -> SpeakerErrors:
    """Compare who spoke when; the numbers of the speakers need not be the same on both sides."""
    edges = np.unique([edge for turn in (*truth, *found) for edge in (turn.start, turn.end)])
    lengths = np.diff(edges)
    true, heard = _activity(truth, edges), _activity(found, edges)
    shared = (true * lengths) @ heard.T
    pairs = best_assignment(shared)
    voices, guesses = true.sum(axis=0), heard.sum(axis=0)
    right = float(sum(shared[row, column] for row, column in pairs))
    return SpeakerErrors(
        speech=float(voices @ lengths),
        missed=float(np.maximum(0, voices - guesses) @ lengths),
        false_alarm=float(np.maximum(0, guesses - voices) @ lengths),
        confused=float(np.minimum(voices, guesses) @ lengths) - right,
        jaccard=_jaccard(true, heard, lengths),
        speakers=len(true),
        found=len(heard),
    )


def _activity(turns: Sequence[SpeakerTurn], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 where a speaker speaks -> (speakers, pieces); a speaker's own turns may overlap."""
    speakers = {turn.speaker: None for turn in turns if turn.end > turn.start}
    rows = {speaker: row for row, speaker in enumerate(speakers)}
    active = np.zeros((len(rows), max(0, len(edges) - 1)))
    for turn in turns:
        if turn.end > turn.start:
            begin, end = np.searchsorted(edges, [turn.start, turn.end])
            active[rows[turn.speaker], begin:end] = 1
    return active


def _jaccard(
    true: NDArray[np.float64], heard: NDArray[np.float64], lengths: NDArray[np.float64]
) -> float:
    """The sum of each true speaker's Jaccard error under the mapping that makes it smallest."""
    shared = (true * lengths) @ heard.T
    union = (true @ lengths)[:, None] + (heard @ lengths)[None, :] - shared
    likeness = shared / np.maximum(union, 1e-9)
    return len(true) - float(sum(likeness[pair] for pair in best_assignment(likeness)))
