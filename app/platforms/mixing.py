"""Streams of any rate and number of channels, idle or not, as one run of stereo sound."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioFormat
from app.platforms.system_audio import Fragment
from app.platforms.timeline import Gap, Timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from app.platforms.feed import Packet

    Sound = NDArray[np.float32]
    """float32 of shape (frames, channels), in [-1, 1]."""
    Decode = Callable[[Packet], Sound]

FORMAT = AudioFormat(48_000, 2)
"""What comes out, whatever the devices run at."""
PATIENCE_SECONDS = 1.0
"""A stream that is further behind than this is mixed as silence."""
_HALF_POWER = 0.7071
_SURROUND = {  # (left, right) of each channel, in the order in which Windows sends them
    4: ((1, 0), (0, 1), (_HALF_POWER, 0), (0, _HALF_POWER)),
    6: ((1, 0), (0, 1), (_HALF_POWER, _HALF_POWER), (0, 0), (_HALF_POWER, 0), (0, _HALF_POWER)),
}
_SURROUND[8] = (*_SURROUND[6], (_HALF_POWER, 0), (0, _HALF_POWER))


def stereo(samples: Sound) -> Sound:
    """Two channels out of any number: (frames, n) to (frames, 2), not clipped."""
    channels = samples.shape[1]
    if channels == 1:
        return np.repeat(samples, 2, axis=1)
    if channels in _SURROUND:
        return samples @ np.array(_SURROUND[channels], np.float32)
    return samples[:, :2]


class Line:
    """One stream: its clock, its converter and what waits to be mixed.

    `decode` turns a packet into (frames, channels) of float32 at `rate`.
    """

    def __init__(self, rate: int, decode: Decode, start: float) -> None:
        self._timeline = Timeline(rate, start)
        self._decode = decode
        self._rate = rate
        self._filter = _filter(rate)
        self._pieces: deque[Sound | int] = deque()  # a number: frames that were lost
        self._owed = 0
        self.queued = 0

    def add(self, packet: Packet) -> None:
        sound = self._decode(packet)
        self._leave(self._timeline.arrived(len(sound), packet.at, broken=packet.broken))
        self._push(self._convert(stereo(sound)))

    def wait(self, now: float) -> None:
        """Fill up with silence: nothing has come until `now`."""
        self._leave(self._timeline.waiting(now))

    def miss(self, now: float) -> None:
        """Nobody listened until `now`."""
        self._leave(self._timeline.missed(now))

    @property
    def end(self) -> float:
        """Clock seconds up to which this stream has been accounted for."""
        return self._timeline.end

    @property
    def head(self) -> int:
        """Frames that can be cut in one piece."""
        return _length(self._pieces[0])

    def cut(self, frames: int) -> Sound | None:
        """The next frames; None if they were lost."""
        piece = self._pieces.popleft()
        rest: Sound | int = piece - frames if isinstance(piece, int) else piece[frames:]
        if _length(rest):
            self._pieces.appendleft(rest)
        self.queued -= frames
        return None if isinstance(piece, int) else piece[:frames]

    def skip(self, frames: int) -> None:
        """These frames were mixed without this stream: drop them when they come."""
        self._owed += frames

    def _leave(self, gap: Gap) -> None:
        if gap.lost:
            self._push(round(gap.lost * FORMAT.rate / self._rate))
        if gap.silent:
            self._push(self._convert(np.zeros((gap.silent, 2), np.float32)))

    def _push(self, piece: Sound | int) -> None:
        dropped = min(self._owed, _length(piece))
        self._owed -= dropped
        kept: Sound | int = piece - dropped if isinstance(piece, int) else piece[dropped:]
        if _length(kept):
            self._pieces.append(kept)
            self.queued += _length(kept)

    def _convert(self, samples: Sound) -> Sound:
        return samples if self._filter is None else self._filter(np.ascontiguousarray(samples))


class Mixer:
    """Adds up lines frame by frame; what one of them lost counts as silence in the others."""

    def __init__(self) -> None:
        self._lines: Sequence[Line] = ()
        self._lost = 0

    def use(self, lines: Sequence[Line]) -> None:
        """From now on these; what the earlier ones still hold is dropped."""
        self._lines = lines

    def take(self) -> Fragment | None:
        """The next piece of sound; None if some line has to be waited for."""
        while self._is_ready():
            sound = self._next()
            if sound is not None:
                lost, self._lost = self._lost, 0
                return Fragment(_int16(sound), lost)
        return None

    def _is_ready(self) -> bool:
        most = max((line.queued for line in self._lines), default=0)
        late = any(not line.queued for line in self._lines)
        return most > (PATIENCE_SECONDS * FORMAT.rate if late else 0)

    def _next(self) -> Sound | None:
        ready = [line for line in self._lines if line.queued]
        frames = min(line.head for line in ready)
        for line in self._lines:
            if not line.queued:
                line.skip(frames)
        sounds = [piece for line in ready if (piece := line.cut(frames)) is not None]
        if not sounds:
            self._lost += frames
            return None
        return sum(sounds[1:], start=sounds[0])


def _filter(rate: int) -> Callable[[Sound], Sound] | None:
    if rate == FORMAT.rate:
        return None
    import soxr

    stream = soxr.ResampleStream(rate, FORMAT.rate, FORMAT.channels, dtype="float32", quality="HQ")

    def convert(samples: Sound) -> Sound:
        converted: Sound = stream.resample_chunk(samples)
        return converted

    return convert


def _int16(samples: Sound) -> NDArray[np.int16]:
    return np.clip(np.rint(samples * 32_768), -32_768, 32_767).astype(np.int16)


def _length(piece: Sound | int) -> int:
    return piece if isinstance(piece, int) else len(piece)
