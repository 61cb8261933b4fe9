"""How recording behaves on the screen, without a screen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    IDLE = "idle"
    STARTING = "starting"
    RECORDING = "recording"
    PAUSED = "paused"
    SAVING = "saving"


ACTIVE = frozenset({RecordingState.RECORDING, RecordingState.PAUSED})


@dataclass(frozen=True, slots=True)
class Controls:
    """What can be pressed in a state. `record_visible` is the large button that starts."""

    record_visible: bool
    record: bool
    pause: bool
    stop: bool
    choices: bool
    pulsing: bool


def controls(state: RecordingState) -> Controls:
    active = state in ACTIVE
    return Controls(
        record_visible=state in (RecordingState.IDLE, RecordingState.STARTING),
        record=state is RecordingState.IDLE,
        pause=active,
        stop=active,
        choices=state is RecordingState.IDLE,
        pulsing=state is RecordingState.RECORDING,
    )


def clock_text(seconds: float) -> str:
    """Elapsed time as HH:MM:SS."""
    whole = max(0, int(seconds))
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def stamp_text(seconds: float) -> str:
    """A time stamp in a transcript: M:SS, with hours only where there are some."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    if hours:
        return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"
    return f"{rest // 60}:{rest % 60:02d}"


class Stopwatch:
    """Time that was recorded, without the pauses; `now` comes from a monotonic clock."""

    def __init__(self) -> None:
        self._before = 0.0
        self._since: float | None = None

    def start(self, now: float) -> None:
        self._since = now

    def pause(self, now: float) -> None:
        self._before = self.elapsed(now)
        self._since = None

    def reset(self, before: float = 0.0) -> None:
        """Stand still at `before` seconds."""
        self._before, self._since = before, None

    def advance(self, elapsed: float, now: float) -> None:
        """It is later than was thought: the computer slept."""
        self._before += elapsed - self.elapsed(now)

    def elapsed(self, now: float) -> float:
        return self._before + (0.0 if self._since is None else now - self._since)


LATE_S = 5.0
"""Seconds by which saving may be behind before it is a reason to worry."""


class SavedLag:
    """Whether saving falls behind the clock.

    The two clocks do not begin together, so what counts is by how much they drift apart.
    """

    def __init__(self) -> None:
        self.saved: float | None = None
        self._least: float | None = None

    def reset(self) -> None:
        self.saved = self._least = None

    def rebase(self) -> None:
        """The sound may have stood still, or jumped: what was lost then is told elsewhere."""
        self._least = None

    def note(self, saved: float, elapsed: float) -> None:
        """Everything up to `saved` is on disk."""
        self.saved = saved
        apart = elapsed - saved
        self._least = apart if self._least is None else min(self._least, apart)

    def behind(self, elapsed: float) -> float:
        """Seconds that should be on disk and are not; 0 while that is no reason to worry."""
        apart = elapsed - (self.saved or 0.0) - (self._least or 0.0)
        return apart if apart > LATE_S else 0.0


FLOOR_DB = -60.0


def meter_share(db: float) -> float:
    """A level in dB below full scale as a share of the meter, 0 to 1."""
    return min(1.0, max(0.0, 1.0 - db / FLOOR_DB))
