"""Where sound enters a meeting, and what is noted about sound that recognition could not take."""

from __future__ import annotations

import threading
import time
from math import inf
from typing import TYPE_CHECKING, Any

from app.core.audio import AudioBlock
from app.core.events import RecognitionSkipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.pipeline.channel import Channel


class Pauses:
    """What is left out of a meeting, for all of its sources alike: they keep one clock.

    A pause begins where the source that is furthest has come to, and ends likewise.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spans: list[tuple[float, float]] = []
        self._since: float | None = None  # of the pause that lasts
        self._reached = 0.0

    def pause(self) -> bool:
        """False if it was paused already."""
        with self._lock:
            if self._since is not None:
                return False
            self._since = self._reached
            return True

    def resume(self) -> bool:
        with self._lock:
            if self._since is None:
                return False
            self._spans.append((self._since, max(self._since, self._reached)))
            self._since = None
            return True

    def cut(self, block: AudioBlock) -> list[AudioBlock]:
        """What of `block` belongs to the meeting, at its place there."""
        with self._lock:
            self._reached = max(self._reached, block.end)
            spans = self._spans if self._since is None else [*self._spans, (self._since, inf)]
            return list(_parts(block, spans))


def _parts(block: AudioBlock, spans: Iterable[tuple[float, float]]) -> Iterator[AudioBlock]:
    """The parts of `block` outside of `spans`, moved up by what was left out before them."""
    rate, place, left_out = block.format.rate, block.first_frame, 0.0
    for start, end in spans:
        until = min(round(start * rate), block.end_frame)
        yield from _part(block, place, until, round(left_out * rate))
        if end == inf:
            return
        place = max(place, round(end * rate))
        left_out += end - start
    yield from _part(block, place, block.end_frame, round(left_out * rate))


def _part(block: AudioBlock, start: int, end: int, left_out: int) -> Iterator[AudioBlock]:
    if start < end:
        offset = block.first_frame
        yield AudioBlock(
            start - left_out, block.samples[start - offset : end - offset], block.format
        )


class Intake:
    """Where a source's blocks enter: takes pauses out of the clock and offers what is left.

    A block that is refused leaves a jump in the clock, which the recorder reports as a gap.
    Several sources of one meeting share `pauses`. The clock of a meeting that goes on is at
    `begin` (s) when the source's first frame comes.
    """

    def __init__(
        self, inbox: Channel[AudioBlock], pauses: Pauses | None = None, begin: float = 0.0
    ) -> None:
        self._inbox = inbox
        self._pauses = pauses or Pauses()
        self._begin = begin
        self._heard_at: float | None = None
        self._shut = False
        self.seconds = begin
        self.refused = 0
        """Blocks for which there was no room."""

    @property
    def stream_time(self) -> float:
        """The meeting's clock as if it never paused; `begin` until something is heard."""
        return self._begin if self._heard_at is None else time.monotonic() - self._heard_at

    def take(self, block: AudioBlock) -> None:
        if self._shut:
            return
        if self._heard_at is None:
            self._heard_at = time.monotonic() - block.end - self._begin
        for kept in self._pauses.cut(block):
            placed = later(kept, self._begin)
            self.seconds = placed.end
            if not self._inbox.offer(placed):
                self.refused += 1

    def shut(self) -> None:
        """Take nothing more; the source may go on."""
        self._shut = True

    def pause(self) -> bool:
        """False if it was paused already."""
        return self._pauses.pause()

    def resume(self) -> bool:
        return self._pauses.resume()


def later(block: AudioBlock, seconds: float) -> AudioBlock:
    """`block` at a place so much later (or, below 0, earlier)."""
    if not seconds:
        return block
    first = block.first_frame + round(seconds * block.format.rate)
    return AudioBlock(first, block.samples, block.format)


class SkippedSpeech:
    """Gathers consecutive blocks that recognition could not take into one fact."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._end = 0.0

    def note(self, block: AudioBlock, *, accepted: bool) -> RecognitionSkipped | None:
        if accepted:
            return self.end()
        self._start = block.start if self._start is None else self._start
        self._end = block.end
        return None

    def end(self) -> RecognitionSkipped | None:
        start, self._start = self._start, None
        return None if start is None else RecognitionSkipped(start, self._end)


class Passage:
    """Stands where the recorder would, for captions that are not saved."""

    name = "passage"

    def open(self) -> None: ...

    def feed(self, items: Sequence[AudioBlock], /) -> Sequence[AudioBlock]:
        return items

    def flush(self) -> Iterator[AudioBlock]:
        return iter(())

    def close(self) -> None: ...


class Nowhere:
    """A stage from which nothing comes, in the place of one that is not wanted."""

    name = "nowhere"

    def open(self) -> None: ...

    def feed(self, _items: Sequence[Any], /) -> tuple[Any, ...]:
        return ()

    def flush(self) -> tuple[Any, ...]:
        return ()

    def close(self) -> None: ...


def seconds_of(block: AudioBlock) -> float:
    """How long `block` lasts."""
    return block.frames / block.format.rate
