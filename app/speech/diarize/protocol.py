"""What every diarizer does: audio in, speaker turns out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.core.audio import AudioChunk
    from app.core.events import SpeakerTurn, TurnsFound


class Diarizer(Protocol):
    """A stage that hears a meeting as it goes on.

    It takes all the audio, speech or not, on the one sample clock. What it tells about a stretch
    may be told anew until it is final.
    """

    @property
    def name(self) -> str: ...

    @property
    def latency(self) -> float:
        """Seconds of audio that it waits for before it says who spoke."""
        ...

    def open(self) -> None:
        """Load the models. Raises AppError."""

    def feed(self, items: Sequence[AudioChunk], /) -> Iterable[TurnsFound]: ...

    def flush(self) -> Iterable[TurnsFound]: ...

    def close(self) -> None: ...


class OfflineDiarizer(Protocol):
    """Hears a whole recording at once, which is better than any live result."""

    def diarize(
        self,
        samples: NDArray[np.float32],
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> tuple[SpeakerTurn, ...]:
        """Mono audio at 16 kHz -> its turns in order of their starts.

        `progress` hears shares of 1. Returns no turns if `cancelled` says so.
        """
        ...
