"""Two stages that share a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.pipeline.protocol import Stage

In = TypeVar("In")
Mid = TypeVar("Mid")
Out = TypeVar("Out")


class Chain(Generic[In, Mid, Out]):
    """`first` feeds `second`; to the outside they are one stage with the second's name."""

    def __init__(self, first: Stage[In, Mid], second: Stage[Mid, Out]) -> None:
        self._first = first
        self._second = second

    @property
    def name(self) -> str:
        return self._second.name

    def open(self) -> None:
        self._first.open()
        self._second.open()

    def feed(self, items: Sequence[In], /) -> Iterator[Out]:
        yield from self._pass_on(self._first.feed(items))

    def flush(self) -> Iterator[Out]:
        yield from self._pass_on(self._first.flush())
        yield from self._second.flush()

    def close(self) -> None:
        try:
            self._first.close()
        finally:
            self._second.close()

    def _pass_on(self, items: Iterable[Mid]) -> Iterable[Out]:
        found = list(items)
        return self._second.feed(found) if found else ()
