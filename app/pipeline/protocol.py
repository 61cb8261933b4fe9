"""The one shape every stage has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)


class Stage(Protocol[In, Out]):
    """A step of the pipeline: items in, items out, no threads, no locks, no Qt.

    The runner calls, always from one thread: `open` once, `feed` for what has arrived, `flush`
    once if the input ended normally, `close` once whatever happened. A stage raises to fail.
    """

    @property
    def name(self) -> str: ...

    def open(self) -> None:
        """Acquire what is slow or scarce: models, devices, files."""

    def feed(self, items: Sequence[In], /) -> Iterable[Out]:
        """Consume everything that is waiting, at least one item, and yield what is now known.

        More than one item means that this stage is behind; it may then do less work for each.
        """
        ...

    def flush(self) -> Iterable[Out]:
        """Yield what was still held back when the input ended."""
        ...

    def close(self) -> None:
        """Release everything. Safe to call after a failed `open`."""
