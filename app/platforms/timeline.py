"""A device that sends nothing while nothing plays: how long that lasted, told by the clock."""

from __future__ import annotations

from dataclasses import dataclass

HOLD_SECONDS = 0.25
"""A packet may come this late before its time counts as silence."""
SLEPT_SECONDS = 5.0
"""Silence is filled several times a second; a longer hole means that we did not run ourselves."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Frames without sound before what comes next: silence, or sound that was missed."""

    silent: int = 0
    lost: int = 0


NO_GAP = Gap()


class Timeline:
    """Counts the frames of a stream that began at `start` (seconds) and has `rate` frames a second.

    While sound flows, frames are counted and not timed. Only over an interruption the clock tells,
    and always from `start`, so that nothing adds up however often the sound comes and goes.
    """

    def __init__(self, rate: int, start: float) -> None:
        self._rate = rate
        self._start = start
        self._frames = 0
        self._heard_at = start

    @property
    def end(self) -> float:
        """Seconds of the clock up to which there is sound or a gap."""
        return self._start + self._frames / self._rate

    def arrived(self, frames: int, at: float, *, broken: bool = False) -> Gap:
        """What was missing before a packet of `frames` that came at `at`."""
        missing = max(0, self._due(at) - frames - self._frames)
        paused = at - self._heard_at > HOLD_SECONDS + frames / self._rate
        first = self._frames == 0
        self._heard_at = at
        gap = NO_GAP
        if broken:
            gap = Gap(lost=max(1, missing))  # at least one, so that a loss is never silent
        elif first or paused:
            gap = self._fill(missing)
        self._frames += gap.silent + gap.lost + frames
        return gap

    def waiting(self, now: float) -> Gap:
        """The silence until shortly before `now`, as no packet is waiting to be taken."""
        if now - self._heard_at <= HOLD_SECONDS:
            return NO_GAP
        gap = self._fill(max(0, self._due(now - HOLD_SECONDS) - self._frames))
        self._frames += gap.silent + gap.lost
        return gap

    def missed(self, now: float) -> Gap:
        """Nobody listened until `now`."""
        gap = Gap(lost=max(0, self._due(now) - self._frames))
        self._heard_at = now
        self._frames += gap.lost
        return gap

    def _due(self, moment: float) -> int:
        return round((moment - self._start) * self._rate)

    def _fill(self, missing: int) -> Gap:
        if missing > SLEPT_SECONDS * self._rate:
            return Gap(lost=missing)
        return Gap(silent=missing)
