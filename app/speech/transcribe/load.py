"""What live recognition leaves out when it falls behind the sound, and when it takes that up again.

Whoever is behind is told so by what waits for him: the seconds of sound between the newest block
taken in and the oldest that has not been recognised. First the steps grow, then the preview stops,
then the waiting sound is skipped but for its end; it is in the recording, and is caught up from
there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from app.core.events import LoadChanged, LoadLevel, RecognitionSkipped
from app.speech.transcribe.pauses import from_a_pause

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.core.audio import AudioBlock
    from app.pipeline.protocol import Stage

Out = TypeVar("Out")
OutCo = TypeVar("OutCo", covariant=True)

_LEVELS = tuple(LoadLevel)
Governed: TypeAlias = LoadChanged | RecognitionSkipped


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """Seconds behind the sound at which less is done, and how long calm must last."""

    longer_steps: float = 3.0
    no_preview: float = 8.0
    paused: float = 20.0
    calm: float = 1.5  # no further behind than this ...
    patience: float = 10.0  # ... for so many seconds of sound, and one level more is done again


class LoadGovernor:
    """Chooses the level. Worse at once, better one level at a time, so that nothing flutters."""

    def __init__(self, options: LoadOptions | None = None) -> None:
        self._options = options or LoadOptions()
        self._calm_since: float | None = None
        self.level = LoadLevel.NORMAL

    def note(self, behind: float, now: float) -> list[LoadChanged]:
        """`behind` seconds of sound wait; `now` is the end of the newest one (s).

        A stall may be worth several levels. Each of them is told, in order.
        """
        before, needed = self.level, self._needed(behind)
        if _rank(needed) > _rank(before):
            self.level = needed
            self._calm_since = None
            passed = _LEVELS[_rank(before) + 1 : _rank(needed) + 1]
            return [LoadChanged(level, round(behind, 3), round(now, 3)) for level in passed]
        if before is LoadLevel.PAUSED:  # what waited is gone: go on, carefully
            self.level = LoadLevel.NO_PREVIEW
        elif before is not LoadLevel.NORMAL:
            self._look_for_calm(behind, now)
        if self.level is before:
            return []
        return [LoadChanged(self.level, round(behind, 3), round(now, 3))]

    def _needed(self, behind: float) -> LoadLevel:
        options = self._options
        if behind >= options.paused:
            return LoadLevel.PAUSED
        if behind >= options.no_preview:
            return LoadLevel.NO_PREVIEW
        return LoadLevel.LONGER_STEPS if behind >= options.longer_steps else LoadLevel.NORMAL

    def _look_for_calm(self, behind: float, now: float) -> None:
        if behind > self._options.calm:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = now
        elif now - self._calm_since >= self._options.patience:
            self.level = _LEVELS[_rank(self.level) - 1]
            self._calm_since = now


def _rank(level: LoadLevel) -> int:
    return _LEVELS.index(level)


class Eased(Protocol[OutCo]):
    """A stage that can be told to do less."""

    def ease(self, level: LoadLevel) -> None: ...

    def leave_out(self, start: float, end: float) -> Iterator[OutCo | RecognitionSkipped]:
        """The sound between two times (s) will not come.

        Tells what is to be caught up: that, and what does not stand yet of the sound before it.
        """
        ...


class GovernedStage(Generic[Out]):
    """Runs `inner`, tells `eased` how much to do, and skips what waits when that is too much.

    The newest seconds, from a pause on, are not skipped: recognition goes on where words begin.
    What waits while the models are loaded says nothing about their speed: the first call never
    skips.
    """

    def __init__(
        self,
        inner: Stage[AudioBlock, Out],
        eased: Eased[Out],
        governor: LoadGovernor | None = None,
    ) -> None:
        self._inner = inner
        self._eased = eased
        self._governor = governor or LoadGovernor()
        self._warm = False
        self._kept: list[AudioBlock] = []  # of what waited: recognition goes on with it

    @property
    def name(self) -> str:
        return self._inner.name

    def open(self) -> None:
        self._warm = False
        self._kept = []
        self._inner.open()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[Out | Governed]:
        yield from self._leave_out_kept_before(items[0])
        waiting = [*self._kept, *items]
        self._kept = []
        start, end = waiting[0].start, waiting[-1].end
        changes = self._governor.note(end - start, end) if self._warm else []
        self._warm = True
        for changed in changes:
            self._eased.ease(changed.level)
            yield changed
        if changes and self._governor.level is LoadLevel.PAUSED:
            self._kept = from_a_pause(waiting)
            until = self._kept[0].start if self._kept else end
            yield from self._eased.leave_out(start, until)
        else:
            yield from self._inner.feed(waiting)

    def flush(self) -> Iterator[Out]:
        if self._kept:
            kept, self._kept = self._kept, []
            yield from self._inner.feed(kept)
        yield from self._inner.flush()

    def close(self) -> None:
        self._kept = []
        self._inner.close()

    def _leave_out_kept_before(self, item: AudioBlock) -> Iterator[Out | RecognitionSkipped]:
        """If more was lost in the meantime: a few seconds on their own are no place to go on."""
        if self._kept and self._kept[-1].end_frame != item.first_frame:
            start, end = self._kept[0].start, self._kept[-1].end
            self._kept = []
            yield from self._eased.leave_out(start, end)
