"""Where lines may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.events import AudioGap, RecognitionSkipped

if TYPE_CHECKING:
    from collections.abc import Iterator


def without(
    gap: AudioGap | RecognitionSkipped, start: float, end: float
) -> Iterator[AudioGap | RecognitionSkipped]:
    """What is left of `gap` once the audio from `start` to `end` has been recognised."""
    if isinstance(gap, AudioGap) or end <= gap.start or gap.end <= start:
        yield gap
        return
    if gap.start < start:
        yield RecognitionSkipped(gap.start, start)
    if end < gap.end:
        yield RecognitionSkipped(end, gap.end)
