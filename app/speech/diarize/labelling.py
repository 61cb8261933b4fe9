"""From windows and known voices to turns."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import SPEECH_RATE
from app.core.events import SpeakerTurn
from app.speech.diarize.pieces import runs
from app.speech.diarize.voices import FIRST_CENTRE, FRAME, FRAME_S, FRAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from app.speech.diarize.pieces import Piece, Window

ONSET, OFFSET = 0.5, 0.4
"""A voice is heard where it is likelier than the second, if once in that stretch than the first."""
_PAUSE_S = 1.0  # pauses of one speaker up to this belong to the turn if nobody else speaks
_HOLE_S = 0.1  # shorter pauses do in any case
_SHORTEST_S = 0.15
_OWN_S = 1.0  # seconds of a piece that count as much as the other pieces of its track


def frame_at(sample: int) -> int:
    """The frame of the source, counted from its first sample, nearest to `sample`."""
    return round(sample / FRAME)


def name_pieces(window: Window, known: NDArray[np.float64]) -> list[int]:
    """The voice of each piece: a row of `known` (voices, 192), directions of length 1.

    A short piece goes with its track; two that overlap on different tracks are different voices.
    """
    pieces = window.pieces
    if not pieces:
        return []
    alike = np.array([piece.direction for piece in pieces]) @ known.T
    seconds = np.array([piece.seconds for piece in pieces])
    tracks = np.array([piece.track for piece in pieces])
    scores = np.empty_like(alike)
    for at in range(len(pieces)):
        same = tracks == tracks[at]
        whole = seconds[same] @ alike[same] / seconds[same].sum()
        own = seconds[at] / (seconds[at] + _OWN_S)
        scores[at] = own * alike[at] + (1 - own) * whole
    return _apart(pieces, scores)


def _apart(pieces: Sequence[Piece], scores: NDArray[np.float64]) -> list[int]:
    """The best voice for each piece, the longest first, others than those it overlaps with."""
    named: dict[int, int] = {}
    for at in sorted(range(len(pieces)), key=lambda at: -pieces[at].seconds):
        taken = {
            named[other]
            for other in named
            if pieces[other].track != pieces[at].track
            and _overlap(pieces[at], pieces[other]) > 0.5 * (pieces[at].end - pieces[at].begin)
        }
        free = [voice for voice in range(scores.shape[1]) if voice not in taken]
        named[at] = max(free or range(scores.shape[1]), key=lambda voice: float(scores[at, voice]))
    return [named[at] for at in range(len(pieces))]


def _overlap(one: Piece, other: Piece) -> int:
    return min(one.end, other.end) - max(one.begin, other.begin)


def voice_activity(window: Window, names: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """How likely each voice of a window is heard, (FRAMES,): its tracks, piece by piece."""
    found: dict[int, NDArray[np.float32]] = {}
    for track in {piece.track for piece in window.pieces}:
        mine = [at for at, piece in enumerate(window.pieces) if piece.track == track]
        mine.sort(key=lambda at: window.pieces[at].begin)
        middles = [(window.pieces[a].end + window.pieces[b].begin) // 2 for a, b in pairwise(mine)]
        for at, begin, end in zip(mine, [0, *middles], [*middles, FRAMES], strict=True):
            row = found.setdefault(names[at], np.zeros(FRAMES, np.float32))
            np.maximum(row[begin:end], window.activity[begin:end, track], out=row[begin:end])
    return found


class Canvas:
    """Adds up what windows say about a stretch of frames, from `first` to `last`."""

    def __init__(self, first: int, last: int, voices: int) -> None:
        self._first = first
        self._sum = np.zeros((max(0, last - first), voices), np.float32)
        self._seen = np.zeros(len(self._sum), np.float32)

    def add(self, window: Window, names: Sequence[int]) -> None:
        begin = frame_at(window.first_sample) - self._first
        low, high = max(0, begin), min(begin + FRAMES, len(self._sum))
        if low >= high:
            return
        self._seen[low:high] += 1
        for voice, activity in voice_activity(window, names).items():
            self._sum[low:high, voice] += activity[low - begin : high - begin]

    def heard(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Where each voice is above ONSET, and above OFFSET: (frames, voices) both."""
        share = self._sum / np.maximum(self._seen, 1)[:, None]
        return share > ONSET, share > OFFSET


def turns_of(
    first: int, onset: NDArray[np.bool_], offset: NDArray[np.bool_], end: float
) -> list[SpeakerTurn]:
    """Turns in order of their starts, none beyond `end` (s); frames count from `first`.

    Pauses within a turn are filled where nobody else speaks, what is left too short is dropped.
    """
    found = []
    for voice in range(onset.shape[1]):
        for begin, stop in runs(offset[:, voice], 1):
            if onset[begin:stop, voice].any():
                times = _seconds(first + begin), min(_seconds(first + stop), end)
                found.append(SpeakerTurn(*times, voice))
    found.sort(key=lambda turn: turn.start)
    return [turn for turn in _filled(found) if turn.end - turn.start >= _SHORTEST_S]


def _seconds(frame: int) -> float:
    return max(0.0, frame * FRAME_S + (FIRST_CENTRE - FRAME / 2) / SPEECH_RATE)


def _filled(turns: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
    last: dict[int, int] = {}  # speaker -> place of the last turn
    found: list[SpeakerTurn] = []
    for turn in turns:
        place = last.get(turn.speaker)
        if place is not None:
            before = found[place]
            pause = turn.start - before.end
            if pause < _HOLE_S or (pause < _PAUSE_S and _alone(turns, before.end, turn)):
                found[place] = SpeakerTurn(before.start, turn.end, turn.speaker)
                continue
        last[turn.speaker] = len(found)
        found.append(turn)
    return found


def _alone(turns: Iterable[SpeakerTurn], start: float, turn: SpeakerTurn) -> bool:
    """Whether nobody else speaks between `start` and `turn`."""
    return not any(
        other.start < turn.start and other.end > start
        for other in turns
        if other.speaker != turn.speaker
    )
