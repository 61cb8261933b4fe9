"""The embedded diarizer for a whole recording: better than live, as it knows how it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.core.events import SpeakerTurn
from app.speech.diarize.clustering import (
    Group,
    SpeakerRange,
    group_pieces,
    join_alike,
    worth_grouping,
)
from app.speech.diarize.labelling import Canvas, frame_at, name_pieces, turns_of
from app.speech.diarize.pieces import covered, hear
from app.speech.diarize.voices import FRAMES, WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from app.speech.diarize.pieces import Window
    from app.speech.diarize.voices import Voices

STEP = 2 * SPEECH_RATE
"""Samples from one window to the next: all is heard five times, in other company."""
_LISTENING = 0.95  # share of the work
_LEAST_SPEECH = 0.02, 1.5, 4.0  # of all speech, but from .. to .. seconds, make a speaker
_BLOCK = 16_384  # frames (4.6 minutes) that are put together at once
_UNKNOWN = SpeakerRange()


class WholeDiarizer:
    """See `OfflineDiarizer`. `load` gives the networks; what it raises is raised."""

    def __init__(self, load: Callable[[], Voices], speakers: SpeakerRange = _UNKNOWN) -> None:
        self._load = load
        self._speakers = speakers

    def diarize(
        self,
        samples: NDArray[np.float32],
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> tuple[SpeakerTurn, ...]:
        voices = self._load()
        windows: list[Window] = []
        for first in _starts(len(samples)):
            if cancelled():
                return ()
            windows.append(hear(voices, first, samples[first : first + WINDOW]))
            progress(_LISTENING * min(1.0, (first + WINDOW) / len(samples)))
        groups = _speakers_of(windows, self._speakers, cancelled)
        if cancelled() or not groups:
            return ()
        turns = _label(windows, np.array([group.direction for group in groups]), len(samples))
        progress(1.0)
        return in_order_of_appearance(turns)


def _starts(length: int) -> Iterable[int]:
    """First samples of the windows; the last one reaches the end."""
    return range(0, max(1, length - WINDOW + STEP), STEP) if length else ()


def _speakers_of(
    windows: Sequence[Window], speakers: SpeakerRange, cancelled: Callable[[], bool]
) -> list[Group]:
    pieces = [piece for window in windows for piece in window.pieces]
    if not pieces:
        return []
    share, shortest, longest = _LEAST_SPEECH
    enough = min(max(share * covered(pieces), shortest), longest)
    groups = group_pieces(worth_grouping(pieces, enough), SpeakerRange(speakers.low), cancelled)
    groups.sort(key=lambda group: -covered(group.pieces))
    heard = [group for group in groups if covered(group.pieces) >= enough]
    return join_alike(heard or groups[:1], speakers)


def _label(windows: Sequence[Window], known: NDArray[np.float64], length: int) -> list[SpeakerTurn]:
    """Turns whose speakers are rows of `known`."""
    last = frame_at(length)
    onset = np.zeros((last, len(known)), np.bool_)
    offset = np.zeros_like(onset)
    for begin in range(0, last, _BLOCK):
        end = min(begin + _BLOCK, last)
        canvas = Canvas(begin, end, len(known))
        for window in windows:
            if begin - FRAMES <= frame_at(window.first_sample) < end:
                canvas.add(window, name_pieces(window, known))
        onset[begin:end], offset[begin:end] = canvas.heard()
    return turns_of(0, onset, offset, length / SPEECH_RATE)


def in_order_of_appearance(turns: Iterable[SpeakerTurn]) -> tuple[SpeakerTurn, ...]:
    """The same turns, speakers numbered from 0 as they are first heard."""
    numbers: dict[int, int] = {}
    return tuple(
        SpeakerTurn(turn.start, turn.end, numbers.setdefault(turn.speaker, len(numbers)))
        for turn in turns
    )
