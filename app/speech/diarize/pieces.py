"""Cuts a window of sound into pieces of one voice each.

The segmentation network follows up to three voices through a window, but gives two alike voices
the same track if they do not overlap. So a track is cut at its pauses, and each piece is embedded
for itself: of the pieces of a simulated Korean conversation with two alike voices, 3 % mix voices;
of whole tracks, 30 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.speech.diarize.features import HOP, WIDTH, filter_banks
from app.speech.diarize.voices import FIRST_CENTRE, FRAME, FRAME_S, FRAMES, TRACKS, WINDOW

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from app.speech.diarize.voices import Voices

_ACTIVE = 0.5
_PAUSE = round(0.25 / FRAME_S)  # frames of silence that end a piece
_SHORTEST = 20  # filter-bank frames (0.2 s) below which nothing can be said about a voice
_CLEAN_ENOUGH = 0.6  # seconds without other voices that are embedded rather than all of the piece
_SAME = 0.1  # seconds by which the ends of a piece may differ in the next window


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """One voice in one window, without pauses.

    `begin` and `end` are frames of the window; `start` and `stop` seconds of the source;
    `direction` (192,) of length 1 is the voice, `seconds` how much sound that was taken from and
    `clean` whether others were silent meanwhile.
    """

    track: int
    begin: int
    end: int
    start: float
    stop: float
    direction: NDArray[np.float32]
    seconds: float
    clean: bool


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What was heard in WINDOW samples from `first_sample` on; `length` of them are sound.

    `activity` (FRAMES, TRACKS) is a float16 probability.
    """

    first_sample: int
    length: int
    activity: NDArray[np.float16]
    pieces: tuple[Piece, ...]


def hear(
    voices: Voices, first_sample: int, samples: NDArray[np.float32], before: Window | None = None
) -> Window:
    """Listen to at most WINDOW samples.

    Pieces that the window `before` has heard alike are not embedded again.
    """
    sound = samples[:WINDOW]
    activity = voices.activity(sound)
    active = activity > _ACTIVE
    spans = [(t, b, e) for t in range(TRACKS) for b, e in runs(active[:, t], _PAUSE)]
    known = [p for p in before.pieces if p.stop < _last_second(before)] if before else []
    banks: NDArray[np.float32] | None = None
    pieces: list[Piece] = []
    for track, begin, end in spans:
        start, stop = seconds_at(first_sample, begin), seconds_at(first_sample, end)
        piece = _heard_before(known, track, (begin, end), (start, stop))
        if piece is None:
            banks = filter_banks(sound) if banks is None else banks
            piece = _embedded(voices, banks, active, (track, begin, end), (start, stop))
        if piece is not None:
            pieces.append(piece)
    return Window(first_sample, len(sound), activity.astype(np.float16), tuple(pieces))


def runs(active: NDArray[np.bool_], pause: int) -> list[tuple[int, int]]:
    """Stretches (begin, end) of True; holes of fewer than `pause` frames are part of them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]])))
    found: list[tuple[int, int]] = []
    for begin, end in edges.reshape(-1, 2).tolist():
        if found and begin - found[-1][1] < pause:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def seconds_at(first_sample: int, frame: int) -> float:
    """Where a frame of a window begins on the clock of the source."""
    return (first_sample + FIRST_CENTRE - FRAME / 2 + frame * FRAME) / 16_000


def _last_second(window: Window) -> float:
    return (window.first_sample + window.length) / 16_000 - 1.0


def _heard_before(
    known: list[Piece], track: int, frames: tuple[int, int], times: tuple[float, float]
) -> Piece | None:
    alike = [piece for piece in known if _is_same(piece, frames, times)]
    if len(alike) != 1:  # two voices at once
        return None
    return Piece(track, *frames, *times, alike[0].direction, alike[0].seconds, alike[0].clean)


def _is_same(piece: Piece, frames: tuple[int, int], times: tuple[float, float]) -> bool:
    """What began before the window is the same if it ends at the same time: only less is left."""
    started = abs(piece.start - times[0]) < _SAME or (frames[0] <= 1 and piece.start < times[0])
    return started and abs(piece.stop - times[1]) < _SAME


def _embedded(
    voices: Voices,
    banks: NDArray[np.float32],
    active: NDArray[np.bool_],
    span: tuple[int, int, int],
    times: tuple[float, float],
) -> Piece | None:
    track, begin, end = span
    own = np.zeros(FRAMES, np.bool_)
    own[begin:end] = active[begin:end, track]
    alone = own & (active.sum(axis=1) == 1)
    clean = alone.sum() * FRAME_S >= min(_CLEAN_ENOUGH, 0.7 * own.sum() * FRAME_S)
    chosen = banks[(alone if clean else own)[_frames_of_banks(len(banks))]]
    if len(chosen) < _SHORTEST:
        return None
    return Piece(track, begin, end, *times, voices.embed(chosen), len(chosen) / 100, bool(clean))


def _frames_of_banks(count: int) -> NDArray[np.int_]:
    """The frame of activity in whose middle each filter-bank frame lies."""
    centres = np.arange(count) * HOP + WIDTH // 2
    frames: NDArray[np.int_] = np.rint((centres - FIRST_CENTRE) / FRAME).astype(int)
    return frames.clip(0, FRAMES - 1)


def covered(pieces: Sequence[Piece]) -> float:
    """Seconds of the source in which any of the pieces lies; windows overlap."""
    total, end = 0.0, float("-inf")
    for piece in sorted(pieces, key=lambda p: p.start):
        total += max(0.0, piece.stop - max(piece.start, end))
        end = max(end, piece.stop)
    return total
