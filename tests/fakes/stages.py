"""Stages that do as they are told, for tests of what drives them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field


def _nothing() -> None: ...


@dataclass
class FakeStage:
    """Passes numbers on, tenfold; keeps a diary. The callables may wait or raise."""

    name: str = "fake"
    on_open: Callable[[], object] = _nothing
    on_feed: Callable[[], object] = _nothing
    on_flush: Callable[[], object] = _nothing
    on_close: Callable[[], object] = _nothing
    diary: list[str] = field(default_factory=list)
    fed: list[int] = field(default_factory=list)

    def open(self) -> None:
        self.diary.append("open")
        self.on_open()

    def feed(self, items: Sequence[int], /) -> Iterator[int]:
        self.diary.append("feed")
        self.fed += items
        self.on_feed()
        for item in items:
            yield 10 * item

    def flush(self) -> Iterator[int]:
        self.diary.append("flush")
        self.on_flush()
        yield -1

    def close(self) -> None:
        self.diary.append("close")
        self.on_close()
