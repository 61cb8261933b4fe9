"""What one speaker of a meeting sounds like, taken from where nobody else speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.speech.diarize.features import filter_banks
from app.speech.diarize.voices import VOICE_FILE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from app.core.events import SpeakerTurn
    from app.speech.diarize.voices import Voices

    Span = tuple[float, float]

MODEL = VOICE_FILE.removesuffix(".onnx")
"""Directions of another network mean something else."""

CLIP_S = 3.0
"""Seconds of a voice that a person needs to know it."""

_EDGE = 0.1  # seconds at both ends of a turn that may belong to somebody else
_SHORTEST = 1.0  # seconds below which a stretch says little about a voice
_LONGEST = 10.0  # seconds of a stretch that are heard at once
_ENOUGH = 60.0  # seconds after which a voice does not become clearer


def clean_stretches(turns: Sequence[SpeakerTurn], speaker: int) -> list[tuple[float, float]]:
    """Where only `speaker` speaks (s), the longest first."""
    others = sorted((t.start, t.end) for t in turns if t.speaker != speaker)
    mine = [(t.start, t.end) for t in turns if t.speaker == speaker]
    alone = [part for span in mine for part in _without(span, others)]
    found = [(start + _EDGE, end - _EDGE) for start, end in alone if end - start > 2 * _EDGE]
    return sorted(found, key=lambda span: (span[0] - span[1], span[0]))


def _without(span: Span, others: Iterable[Span]) -> list[Span]:
    start, stop = span
    parts = []
    for begin, end in others:
        if end <= start or begin >= stop:
            continue
        if begin > start:
            parts.append((start, begin))
        start = max(start, end)
    return [*parts, (start, stop)] if start < stop else parts


def clip_of(turns: Sequence[SpeakerTurn], speaker: int) -> tuple[float, float] | None:
    """Up to CLIP_S seconds out of the middle of the longest clean stretch; None if there is none.

    Somebody who never speaks alone is heard with others.
    """
    spans = clean_stretches(turns, speaker)
    if not spans:
        spans = [(t.start, t.end) for t in turns if t.speaker == speaker]
        spans.sort(key=lambda span: span[0] - span[1])
    if not spans:
        return None
    start, end = spans[0]
    first = max(start, (start + end - CLIP_S) / 2)
    return first, min(end, first + CLIP_S)


def worth_hearing(turns: Sequence[SpeakerTurn], speaker: int) -> list[tuple[float, float]]:
    """Clean stretches (s) that say what a speaker is like, a minute of them at most."""
    found: list[Span] = []
    total = 0.0
    for start, end in clean_stretches(turns, speaker):
        end = min(end, start + _LONGEST)
        if end - start < _SHORTEST or total >= _ENOUGH:
            break
        found.append((start, end))
        total += end - start
    return found


def direction_of(
    voices: Voices, stretches: Iterable[NDArray[np.float32]]
) -> tuple[NDArray[np.float32], float]:
    """Sounds of one voice at 16 kHz -> its direction (192,) of length 1, and seconds heard.

    Nothing heard is a direction of zeros.
    """
    total, seconds = np.zeros(0, np.float32), 0.0
    for samples in stretches:
        length = len(samples) / SPEECH_RATE
        if length >= _SHORTEST:
            part = voices.embed(filter_banks(samples)) * length
            total = total + part if len(total) else part
            seconds += length
    return mean_direction([total]) if seconds else total, seconds


def mean_direction(weighted: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """The sum of directions, each as long as it counts -> a direction of length 1."""
    total = np.sum(weighted, axis=0)
    found: NDArray[np.float32] = (total / max(float(np.linalg.norm(total)), 1e-9)).astype(
        np.float32
    )
    return found
