"""The tracks of a meeting: a recorder for each source, and what they tell together."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from app.core.audio import AudioBlock
from app.core.errors import DiskFullError, StorageError
from app.core.events import AudioGap, AudioSaved, SpaceMeasured
from app.intake import Passage
from app.session.recorder import RecorderStage
from app.session.space import SavedTogether

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from app.core.events import Event, StageChanged
    from app.hearing import Ear, Hearing
    from app.pipeline.pipeline import Pipeline
    from app.pipeline.protocol import Stage

_BEGINNING = 1.0  # seconds within which sources begin


class Recording:
    """Puts the sound of all ears on disk. Each block is `heard` once that is done.

    `keep` gets the recorders' events. Both are called from the recorders' threads.
    """

    def __init__(
        self,
        hearing: Hearing,
        keep: Callable[[Event], object],
        heard: Callable[[str, AudioBlock], object],
    ) -> None:
        self._hearing = hearing
        self._keep = keep
        self._heard = heard
        self._begin = 0.0
        self._together = SavedTogether(())
        self._space_told: set[bool] = set()
        self._guard = threading.RLock()
        self._recorders: list[RecorderStage] = []
        self._given_up = 0

    @property
    def erasers(self) -> list[Callable[[float, float], None]]:
        """What makes the recorders forget a stretch."""
        return [recorder.forget for recorder in self._recorders]

    def add_to(self, pipeline: Pipeline, folder: Path | None, begin: float) -> None:
        """A track for each ear in `folder`, from `begin` (s) on; None: nothing is saved."""
        self._begin = begin
        self._together = SavedTogether(self._hearing.names)
        for ear in self._hearing.ears:
            first: Stage[AudioBlock, AudioBlock | Event] = Passage()
            if folder is not None:
                recorder = RecorderStage(folder, ear.name)
                self._recorders.append(recorder)
                first = _TrackStage(recorder, partial(self.rest, ear.name))
            pipeline.add(first, ear.inbox, partial(self._take, ear))

    def rest(self, source: str) -> None:
        """Nothing comes from `source`: it does not keep the others from being saved."""
        self._tell_saved(partial(self._together.ended, source))

    def failed(self, event: StageChanged) -> None:
        """A recorder has given up: once nothing is recorded any more the meeting is over."""
        with self._guard:
            self._given_up += 1
            is_last = self._given_up == len(self._recorders)
        if is_last:
            self._hearing.shut(StorageError(event.error, hint=event.hint))

    def _take(self, ear: Ear, item: AudioBlock | Event) -> None:
        match item:
            case AudioBlock():
                ear.doubt(item)
                self._heard(ear.name, item)
            case AudioSaved():
                self._tell_saved(partial(self._together.saved, ear.name, item.seconds))
            case AudioGap():
                self._tell_gap(ear.explained(item))
            case SpaceMeasured():
                self._tell_space(item)
            case _:
                self._keep(item)

    def _tell_saved(self, note: Callable[[], AudioSaved | None]) -> None:
        """How far all tracks are saved; they must not tell it in another order."""
        with self._guard:
            saved = note()
            if saved is not None:
                self._keep(saved)

    def _tell_gap(self, gap: AudioGap) -> None:
        """Of a track that is new in a meeting that goes on, nothing before that is missing."""
        if gap.end > self._begin + _BEGINNING or not self._begin:
            self._keep(replace(gap, start=max(gap.start, self._begin)))

    def _tell_space(self, measured: SpaceMeasured) -> None:
        """Every track's recorder measures the same disk."""
        with self._guard:
            new = measured.stopping not in self._space_told
            self._space_told.add(measured.stopping)
        if not new:
            return
        self._keep(measured)
        if measured.stopping:
            self._hearing.shut(DiskFullError("The recording was stopped: the disk is nearly full"))


class _TrackStage:
    """A recorder that tells when it is over."""

    def __init__(self, inner: RecorderStage, over: Callable[[], object]) -> None:
        self._inner = inner
        self._over = over

    @property
    def name(self) -> str:
        return self._inner.name

    def open(self) -> None:
        self._inner.open()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterable[AudioBlock | Event]:
        return self._inner.feed(items)

    def flush(self) -> Iterable[AudioBlock | Event]:
        return self._inner.flush()

    def close(self) -> None:
        try:
            self._inner.close()
        finally:
            self._over()
