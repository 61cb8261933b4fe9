"""What live recognition leaves out when it falls behind the sound, and when it takes that up again.

Whoever is behind is told so by what waits for him: the seconds of sound between the newest block
taken in and the oldest that has not been recognised. First the steps grow, then the preview stops,
then the waiting sound is skipped as a whole; it is in the recording, and is caught up from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

from app.core.events import LoadChanged, LoadLevel, RecognitionSkipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.core.audio import AudioBlock
    from app.pipeline.protocol import Stage

Out = TypeVar("Out")

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

    def note(self, behind: float, now: float) -> LoadChanged | None:
        """`behind` seconds of sound wait; `now` is the end of the newest one (s)."""
        before = self.level
        if _rank(self._needed(behind)) > _rank(before):
            self.level = self._needed(behind)
            self._calm_since = None
        elif before is LoadLevel.PAUSED:  # what waited is gone: go on, carefully
            self.level = LoadLevel.NO_PREVIEW
        elif before is not LoadLevel.NORMAL:
            self._look_for_calm(behind, now)
        changed = self.level is not before
        return LoadChanged(self.level, round(behind, 3), round(now, 3)) if changed else None

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


class Eased(Protocol):
    """A stage that can be told to do less."""

    def ease(self, level: LoadLevel) -> None: ...


class GovernedStage(Generic[Out]):
    """Runs `inner`, tells `eased` how much to do, and skips what waits when that is too much.

    What waits while the models are loaded says nothing about their speed: the first call never
    skips.
    """

    def __init__(
        self, inner: Stage[AudioBlock, Out], eased: Eased, governor: LoadGovernor | None = None
    ) -> None:
        self._inner = inner
        self._eased = eased
        self._governor = governor or LoadGovernor()
        self._warm = False

    @property
    def name(self) -> str:
        return self._inner.name

    def open(self) -> None:
        self._warm = False
        self._inner.open()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[Out | Governed]:
        start, end = items[0].start, items[-1].end
        changed = self._governor.note(end - start, end) if self._warm else None
        self._warm = True
        if changed:
            self._eased.ease(changed.level)
            yield changed
        if changed and changed.level is LoadLevel.PAUSED:
            yield RecognitionSkipped(start, end)
        else:
            yield from self._inner.feed(items)

    def flush(self) -> Iterator[Out]:
        yield from self._inner.flush()

    def close(self) -> None:
        self._inner.close()
