"""A bounded queue with an explicit end and a stated behaviour when it is full."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def _one(_item: object) -> float:
    return 1.0


class Channel(Generic[T]):
    """Connects producers to one consumer, which takes everything that waits at once.

    `put` waits for room: between stages. `offer` never waits and refuses: behind a sound card.
    `push` never waits and drops the oldest: for display. `insist` neither waits nor refuses: for
    what is small and must not be lost. `weigh` gives an item's share of
    `capacity` (one by default; seconds of audio, for example).
    `close` ends the input and what is left is still taken; `cancel` discards it.
    """

    def __init__(self, capacity: float, weigh: Callable[[T], float] = _one) -> None:
        self._items: deque[T] = deque()
        self._capacity = capacity
        self._weigh = weigh
        self._load = 0.0
        self._changed = threading.Condition()
        self._closed = False
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        return self._cancelled

    def put(self, item: T) -> bool:
        """Add `item`, waiting for room; False if the channel has ended."""
        with self._changed:
            while self._is_full() and not self._closed:
                self._changed.wait()
            return not self._closed and self._add(item)

    def offer(self, item: T) -> bool:
        """Add `item` if there is room; False if there is none or the channel has ended."""
        with self._changed:
            return not (self._closed or self._is_full()) and self._add(item)

    def push(self, item: T) -> bool:
        """Add `item`, dropping the oldest to make room; False if the channel has ended."""
        with self._changed:
            while self._items and self._is_full() and not self._closed:
                self._load -= self._weigh(self._items.popleft())
            return not self._closed and self._add(item)

    def insist(self, item: T) -> bool:
        """Add `item`, room or not; False if the channel has ended."""
        with self._changed:
            return not self._closed and self._add(item)

    def take(self) -> list[T]:
        """Everything that waits, at least one item; empty once the channel has ended."""
        with self._changed:
            while not self._items and not self._closed:
                self._changed.wait()
            items = list(self._items)
            self._empty()
            return items

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def cancel(self) -> None:
        with self._changed:
            self._closed = self._cancelled = True
            self._empty()

    def _is_full(self) -> bool:
        return self._load >= self._capacity

    def _add(self, item: T) -> bool:
        self._items.append(item)
        self._load += self._weigh(item)
        self._changed.notify_all()
        return True

    def _empty(self) -> None:
        self._items.clear()
        self._load = 0.0
        self._changed.notify_all()
