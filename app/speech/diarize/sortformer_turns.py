"""From how likely each speaker speaks, frame by frame, to turns.

A turn begins at one probability and goes on down to a lower one; it is widened a little, dropped if
it is short, and joined with the next one if the silence between is. All four speakers are judged
for themselves, so turns overlap. What later frames cannot change is settled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

from app.core.events import SpeakerTurn, TurnsFound
from app.speech.diarize.sortformer_cache import SPEAKERS
from app.speech.diarize.sortformer_presets import FRAME_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities (0 to 1) and times (seconds); NVIDIA's values for v2, tuned on CallHome."""

    onset: float = 0.641
    offset: float = 0.561
    pad_onset: float = 0.229
    pad_offset: float = 0.079
    min_turn: float = 0.511  # shorter ones are dropped, padding included
    min_silence: float = 0.296  # shorter ones between two turns are filled, padding excluded


@dataclass(frozen=True, slots=True)
class _Span:
    start: float
    end: float


class _Voice:
    """One speaker's turns, in seconds; nothing lies before `first`."""

    def __init__(self, limits: Thresholds, first: float) -> None:
        self._limits = limits
        self._first = self._now = first
        self._speaking = False
        self._kept: _Span | None = None  # a turn that may still grow, or be joined with the next
        self._growing: _Span | None = None  # after it, still too short to be one
        self._done: list[_Span] = []

    @property
    def spans(self) -> list[_Span]:
        """All turns that have not been forgotten, in order; only the last may be told longer."""
        return [*self._done, self._kept] if self._kept else self._done

    @property
    def settled(self) -> float:
        """Up to here nothing will change."""
        if self._kept and (self._growing is None or self._joins(self._growing.start)):
            return min(self._kept.end, self._now)
        return self._growing.start if self._growing else self._horizon

    @property
    def _horizon(self) -> float:
        """No turn that is not known yet can begin before."""
        return max(self._first, self._now - self._limits.pad_onset)

    def hear(self, probability: float, start: float, end: float) -> None:
        """One frame."""
        limits = self._limits
        self._now = end
        self._speaking = probability >= (limits.offset if self._speaking else limits.onset)
        if self._speaking:
            self._extend(max(self._first, start - limits.pad_onset), end + limits.pad_offset)
            return
        if self._growing and self._horizon > self._growing.end:
            self._growing = None
        if self._growing is None and not self._joins(self._horizon):
            self._retire()

    def finish(self) -> None:
        """No frame follows."""
        self._growing = None
        self._retire()

    def forget(self, before: float) -> None:
        """Turns that have been told to their end."""
        self._done = [span for span in self._done if span.end > before]

    def _extend(self, start: float, end: float) -> None:
        if self._growing is None and self._kept and start <= self._kept.end:
            self._kept = replace(self._kept, end=end)
            return
        if self._growing and start <= self._growing.end:
            start = self._growing.start
        self._growing = _Span(start, end)
        if end - start >= self._limits.min_turn:
            self._keep(self._growing)

    def _keep(self, span: _Span) -> None:
        self._growing = None
        if self._kept and self._joins(span.start):
            self._kept = replace(self._kept, end=span.end)
            return
        self._retire()
        self._kept = span

    def _joins(self, start: float) -> bool:
        """Whether a turn that begins at `start` goes on with the last one."""
        return self._kept is not None and start - self._kept.end < self._limits.min_silence

    def _retire(self) -> None:
        if self._kept:
            self._done.append(self._kept)
        self._kept = None


class TurnFinder:
    """Keeps the speakers' numbers, in the order in which they were first heard."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._limits = thresholds
        self._numbers: dict[int, int] = {}
        self.restart(0.0)

    def restart(self, at: float) -> None:
        """Sound begins at `at`, in seconds; what came before was finished or lost."""
        self._start = self._told = at
        self._frames = 0
        self._voices = [_Voice(self._limits, at) for _ in range(SPEAKERS)]

    def feed(self, activity: NDArray[np.float32], sound_end: float = inf) -> Iterator[TurnsFound]:
        """Probabilities of the next frames (n, SPEAKERS) -> what is settled, and what is not.

        `sound_end` is the second at which the last frame is cut short.
        """
        now = self._start + self._frames * FRAME_S
        for row in activity.tolist():
            start = now
            self._frames += 1
            now = min(sound_end, self._start + self._frames * FRAME_S)
            for voice, probability in zip(self._voices, row, strict=True):
                voice.hear(probability, start, now)
        yield from self._settle(min(voice.settled for voice in self._voices))
        if now > self._told:
            yield TurnsFound(self._told, now, self._turns(self._told, now), final=False)

    def finish(self, end: float) -> Iterator[TurnsFound]:
        """The sound ended at `end`, in seconds."""
        for voice in self._voices:
            voice.finish()
        yield from self._settle(end)

    def _settle(self, until: float) -> Iterator[TurnsFound]:
        if until <= self._told:
            return
        yield TurnsFound(self._told, until, self._turns(self._told, until), final=True)
        self._told = until
        for voice in self._voices:
            voice.forget(until)

    def _turns(self, start: float, end: float) -> tuple[SpeakerTurn, ...]:
        """The turns that reach into a stretch, whole but for what lies beyond `end`."""
        found = [
            (span.start, slot, min(span.end, end))
            for slot, voice in enumerate(self._voices)
            for span in voice.spans
            if span.start < end and span.end > start
        ]
        return tuple(
            SpeakerTurn(begin, stop, self._numbers.setdefault(slot, len(self._numbers)))
            for begin, slot, stop in sorted(found)
        )
