"""Where sound enters a meeting, and what is noted about sound that recognition could not take."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from app.core.audio import AudioBlock
from app.core.events import RecognitionSkipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.pipeline.channel import Channel


class Intake:
    """Where a source's blocks enter: takes pauses out of the clock and offers what is left.

    A block that is refused leaves a jump in the clock, which the recorder reports as a gap.
    """

    def __init__(self, inbox: Channel[AudioBlock]) -> None:
        self._inbox = inbox
        self._lock = threading.Lock()
        self._paused = False
        self._left_out = 0  # frames that came while paused
        self._heard_at: float | None = None
        self.seconds = 0.0

    @property
    def stream_time(self) -> float:
        return 0.0 if self._heard_at is None else time.monotonic() - self._heard_at

    def take(self, block: AudioBlock) -> None:
        if self._heard_at is None:
            self._heard_at = time.monotonic() - block.end
        with self._lock:
            if self._paused:
                self._left_out += block.frames
                return
            first = block.first_frame - self._left_out
        kept = AudioBlock(first, block.samples, block.format)
        self.seconds = kept.end
        self._inbox.offer(kept)

    def pause(self) -> bool:
        """False if it was paused already."""
        return self._set_paused(paused=True)

    def resume(self) -> bool:
        return self._set_paused(paused=False)

    def _set_paused(self, *, paused: bool) -> bool:
        with self._lock:
            changed = self._paused is not paused
            self._paused = paused
        return changed


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
