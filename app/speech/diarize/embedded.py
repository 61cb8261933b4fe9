"""The embedded diarizer, live: no limit on speakers, small files, one thread.

Every second the last ten seconds are heard anew. Speakers are kept as one sum of directions each;
the pieces of the last half minute are grouped around them, so that what was just said is still
corrected when a new voice turns out to be one, or two to be the same. What is older is final and
becomes part of its speaker. Nothing grows with the length of a meeting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.core.events import SpeakerTurn, TurnsFound
from app.speech.diarize.clustering import SpeakerRange
from app.speech.diarize.crowd import Crowd
from app.speech.diarize.labelling import Canvas, frame_at, name_pieces, turns_of
from app.speech.diarize.pieces import hear
from app.speech.diarize.voices import FRAME_S, WINDOW, Voices, load_voices

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.core.audio import AudioChunk
    from app.speech.diarize.pieces import Window

__all__ = ["EmbeddedDiarizer", "SpeakerRange", "Voices", "load_voices"]

STEP = SPEECH_RATE
"""Samples from one look to the next."""
HORIZON_S = 30.0
"""Seconds for which what was told may still change."""
_LOST_S = 2.0  # lost sound of up to this is heard as silence; after more, hearing starts anew
_SHORTEST = SPEECH_RATE // 2  # samples at the end of the sound that are worth another look
_UNKNOWN = SpeakerRange()


class EmbeddedDiarizer:
    """See `Diarizer`. `load` gives the networks when the stage is opened."""

    name = "diarize"
    latency = STEP / SPEECH_RATE
    """At most this much sound waits before something is said about it."""

    def __init__(self, load: Callable[[], Voices], speakers: SpeakerRange = _UNKNOWN) -> None:
        self._load = load
        self._voices: Voices | None = None
        self._crowd = Crowd(speakers)
        self._restart(0)

    def open(self) -> None:
        self._voices = self._load()

    def feed(self, items: Sequence[AudioChunk], /) -> Iterator[TurnsFound]:
        for chunk in items:
            lost = chunk.first_sample - self._next
            if lost > _LOST_S * SPEECH_RATE or (lost and self._next == self._begin):
                yield from self.flush()
                self._restart(chunk.first_sample)
            elif lost > 0:
                yield from self._take(np.zeros(lost, np.float32))
            yield from self._take(chunk.samples[max(0, -lost) :])

    def flush(self) -> Iterator[TurnsFound]:
        if self._next - self._heard >= _SHORTEST:
            self._hear(self._next)
        if self._next > self._begin:
            yield from self._tell(final=True)
        self._crowd.settle(float("inf"))
        self._restart(self._next)

    def close(self) -> None:
        self._voices = None

    def _restart(self, first_sample: int) -> None:
        """Sound begins at `first_sample`; the speakers are remembered."""
        self._begin = self._next = self._heard = first_sample
        self._sound = np.zeros(0, np.float32)  # the last WINDOW samples, and what waits
        self._windows: list[Window] = []
        self._settled = first_sample / SPEECH_RATE
        self._told: tuple[SpeakerTurn, ...] = ()
        self._told_until = self._settled

    def _take(self, samples: NDArray[np.float32]) -> Iterator[TurnsFound]:
        for at in range(0, len(samples), STEP):
            part = samples[at : at + STEP]
            self._sound = np.concatenate([self._sound, part])[-(WINDOW + STEP) :]
            self._next += len(part)
            if self._next - self._heard >= STEP:
                self._hear(self._heard + STEP)
                yield from self._tell(final=False)

    def _hear(self, end: int) -> None:
        """Look at the window that ends at the sample `end`."""
        if self._voices is None:
            return
        first = max(self._begin, end - WINDOW)
        samples = self._sound[len(self._sound) - (self._next - first) :][: end - first]
        before = self._windows[-1] if self._windows else None
        window = hear(self._voices, first, samples, before)
        if before is not None and before.first_sample == first:
            self._windows.pop()  # the same window, before it was full
        self._windows.append(window)
        self._heard = end
        self._crowd.meet(window)

    def _tell(self, *, final: bool) -> Iterator[TurnsFound]:
        """What changed, and what will not change any more."""
        now = (self._next if final else self._heard) / SPEECH_RATE
        turns = self._turns(now)
        settled = now if final else max(self._settled, now - HORIZON_S)
        if settled > self._settled:
            yield TurnsFound(
                self._settled, settled, _within(turns, self._settled, settled), final=True
            )
            self._crowd.settle(settled)
            self._windows = [w for w in self._windows if _end(w) > settled]
        changed = max(settled, self._first_change(turns))
        self._settled, self._told, self._told_until = settled, turns, now
        if now > changed:
            yield TurnsFound(changed, now, _within(turns, changed, now), final=False)

    def _first_change(self, turns: tuple[SpeakerTurn, ...]) -> float:
        """Up to where `turns` are what was told last."""
        known = set(_within(self._told, self._settled, self._told_until))
        new = set(_within(turns, self._settled, self._told_until))
        return min([self._told_until, *(turn.start for turn in known ^ new)])

    def _turns(self, now: float) -> tuple[SpeakerTurn, ...]:
        """Who spoke since what is settled, a little before it included."""
        known, numbers = self._crowd.known()
        if not numbers or not self._windows:
            return ()
        first = frame_at(self._windows[0].first_sample)
        canvas = Canvas(first, round(now / FRAME_S), len(numbers))
        for window in self._windows:
            canvas.add(window, name_pieces(window, known))
        found = turns_of(first, *canvas.heard(), now)
        return tuple(SpeakerTurn(t.start, t.end, numbers[t.speaker]) for t in found)


def _within(turns: Sequence[SpeakerTurn], start: float, end: float) -> tuple[SpeakerTurn, ...]:
    return tuple(
        SpeakerTurn(max(turn.start, start), min(turn.end, end), turn.speaker)
        for turn in turns
        if turn.start < end and turn.end > start
    )


def _end(window: Window) -> float:
    return (window.first_sample + window.length) / SPEECH_RATE
