"""Brings a source's own count of frames onto the clock of the computer.

Two devices never agree about how long a second is: at 100 millionths they are 0.7 s apart after
two hours. A track that is recorded alone needs none of this.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioBlock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from app.capture.placing import Origin
    from app.capture.protocol import AudioSource
    from app.core.audio import AudioFormat

_WINDOW = 60  # seconds of arrivals from which the clock is estimated
_FEW = 5  # seconds after which the first estimate is made
_DEADBAND_S = 0.0005  # of error that is left alone
_SHARE = 0.001  # of a block's frames that may be inserted or dropped at most
_STEP_S = 0.1  # of error after a jump that is put right at once
_OUTLIER = 2.5  # deviations


@dataclass(frozen=True, slots=True)
class Clockwork:
    """A source's clock against the computer's: `late` seconds now, `drift` seconds a second."""

    late: float
    drift: float


class DriftEstimate:
    """How late blocks come, smoothed: a robust line through the medians of the last minute.

    What jitters is the arrival; what counts is the trend.
    """

    def __init__(self) -> None:
        self._bin: list[float] = []
        self._bin_end: float | None = None
        self._points: deque[tuple[float, float]] = deque(maxlen=_WINDOW)
        self._line = Clockwork(0.0, 0.0)
        self._known = False

    def note(self, end: float, late: float) -> None:
        """A block that ends at `end` of the source's count came `late` seconds after that."""
        if self._bin_end is None:
            self._bin_end = end + 1.0
        self._bin.append(late)
        if end >= self._bin_end:
            self._points.append((self._bin_end - 0.5, float(np.median(self._bin))))
            self._bin, self._bin_end = [], end + 1.0
            if len(self._points) >= _FEW:
                self._fit()

    def forget(self) -> None:
        """What comes next is from another device, or after a loss."""
        self._bin, self._bin_end = [], None
        self._points.clear()
        self._known = False

    def late(self, end: float) -> float | None:
        """How late the source's clock is at `end`; None until it can be told."""
        if not self._known:
            return None
        return self._line.late + self._line.drift * end

    @property
    def drift(self) -> float:
        """Seconds a second by which the source's clock is slow."""
        return self._line.drift

    def _fit(self) -> None:
        points = np.array(self._points)
        slope, offset = _line(points)
        error = points[:, 1] - offset - slope * points[:, 0]
        spread = 1.4826 * float(np.median(np.abs(error))) + 1e-6
        good = np.abs(error) <= _OUTLIER * spread
        if np.count_nonzero(good) >= _FEW:
            slope, offset = _line(points[good])
        self._line, self._known = Clockwork(offset, slope), True


class Aligner:
    """Gives each block its place on the common clock; one for each of several tracks.

    Frames are inserted or dropped one at a time, where the wave is flattest, and never more than a
    thousandth of them. Jumps of the source stay jumps.
    """

    def __init__(self) -> None:
        self._estimate = DriftEstimate()
        self._shift = 0  # frames inserted (or, below 0, dropped) so far
        self._next: int | None = None
        self._end = 0
        self._debt = 0.0

    @property
    def drift(self) -> float:
        """Seconds a second by which the source's clock is slow."""
        return self._estimate.drift

    def align(self, block: AudioBlock, arrived: float) -> AudioBlock:
        """`arrived` is the common clock when the block came, in seconds."""
        rate = block.format.rate
        if self._next is not None and block.first_frame != self._next:
            self._estimate.forget()
            self._step(block, round((arrived - block.end) * rate))
        self._next = block.end_frame
        self._estimate.note(block.end, arrived - block.end)
        samples = self._corrected(block, rate)
        first = block.first_frame + self._shift
        self._shift += len(samples) - block.frames
        self._end = first + len(samples)
        return AudioBlock(first, samples, block.format)

    def _step(self, block: AudioBlock, late: int) -> None:
        """After a jump: another device counts from where the clock is, and has not drifted yet."""
        if abs(late - self._shift) > _STEP_S * block.format.rate:
            self._shift = max(late, self._end - block.first_frame)

    def _corrected(self, block: AudioBlock, rate: int) -> NDArray[np.int16]:
        late = self._estimate.late(block.end)
        if late is None:
            return block.samples
        wanted = late - self._shift / rate
        if abs(wanted) < _DEADBAND_S:
            return block.samples
        self._debt = min(self._debt + _SHARE * block.frames, 1.0 + _SHARE * block.frames)
        count = min(int(self._debt), abs(round(wanted * rate)))
        self._debt -= count
        return _resized(block.samples, count if wanted > 0 else -count)


class AlignedSource:
    """A source whose blocks lie on the common clock, for a meeting that has more than one."""

    def __init__(self, source: AudioSource, origin: Origin) -> None:
        """`origin` is the one that all sources of the meeting share."""
        self._source = source
        self._origin = origin
        self._aligner = Aligner()

    @property
    def name(self) -> str:
        return self._source.name

    @property
    def failure(self) -> Exception | None:
        return self._source.failure

    def open(self) -> AudioFormat:
        return self._source.open()

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        def align(block: AudioBlock) -> None:
            arrived = self._origin.since(self._origin.clock())
            deliver(self._aligner.align(block, arrived))

        self._source.start(align, ended)

    def stop(self) -> None:
        self._source.stop()

    def close(self) -> None:
        self._source.close()


def _line(points: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the least squares."""
    x, y = points[:, 0], points[:, 1]
    middle = float(x.mean())
    across = x - middle
    slope = float(across @ y) / float(across @ across)
    return slope, float(y.mean()) - slope * middle


def _resized(samples: NDArray[np.int16], change: int) -> NDArray[np.int16]:
    """`change` frames more (or fewer), each where the wave moves least."""
    if not change or len(samples) < 4 * abs(change):
        return samples
    steps = np.abs(np.diff(samples.astype(np.int32), axis=0)).sum(axis=1)
    places = np.sort(np.argpartition(steps, abs(change) - 1)[: abs(change)]) + 1
    if change > 0:
        middle = (samples[places - 1].astype(np.int32) + samples[places]) // 2
        return np.insert(samples, places, middle.astype(np.int16), axis=0)
    return np.delete(samples, places, axis=0)
