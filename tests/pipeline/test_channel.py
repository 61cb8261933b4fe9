"""What a channel does when it is full, ended, or used from several threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.pipeline.channel import Channel

PATIENCE = 10.0


@contextmanager
def in_thread(work: Callable[[], object]) -> Iterator[threading.Event]:
    """`work` on a thread that must have ended by the end of the block; set when it is done."""
    done = threading.Event()

    def run() -> None:
        work()
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    yield done
    thread.join(PATIENCE)
    assert done.is_set()


def test_everything_that_waits_is_taken_at_once_and_in_order() -> None:
    channel: Channel[int] = Channel(10)
    for number in range(5):
        assert channel.put(number)
    assert channel.take() == [0, 1, 2, 3, 4]


def test_an_offer_to_a_full_channel_is_refused_until_there_is_room() -> None:
    channel: Channel[int] = Channel(2)
    assert [channel.offer(n) for n in range(3)] == [True, True, False]
    assert channel.take() == [0, 1]
    assert channel.offer(3)
    assert channel.take() == [3]


def test_a_push_drops_the_oldest() -> None:
    channel: Channel[int] = Channel(2)
    assert all(channel.push(n) for n in range(5))
    assert channel.take() == [3, 4]


def test_a_push_after_the_end_changes_nothing() -> None:
    channel: Channel[int] = Channel(2)
    channel.push(1)
    channel.push(2)
    channel.close()
    assert not channel.push(3)
    assert channel.take() == [1, 2]


def test_a_put_into_a_full_channel_waits_for_room() -> None:
    channel: Channel[int] = Channel(1)
    channel.put(1)
    with in_thread(lambda: channel.put(2)) as done:
        assert not done.wait(0.05)
        assert channel.take() == [1]
        assert done.wait(PATIENCE)
    assert channel.take() == [2]


@pytest.mark.parametrize("end", [Channel.close, Channel.cancel])
def test_the_end_frees_a_waiting_put_which_is_refused(end: Callable[[Channel[int]], None]) -> None:
    channel: Channel[int] = Channel(1)
    channel.put(1)
    answers: list[bool] = []
    with in_thread(lambda: answers.append(channel.put(2))) as done:
        assert not done.wait(0.05)
        end(channel)
        assert done.wait(PATIENCE)
    assert answers == [False]


@pytest.mark.parametrize("end", [Channel.close, Channel.cancel])
def test_the_end_frees_a_waiting_take(end: Callable[[Channel[int]], None]) -> None:
    channel: Channel[int] = Channel(1)
    taken: list[list[int]] = []
    with in_thread(lambda: taken.append(channel.take())) as done:
        assert not done.wait(0.05)
        end(channel)
        assert done.wait(PATIENCE)
    assert taken == [[]]


def test_a_take_waits_for_an_item() -> None:
    channel: Channel[int] = Channel(1)
    taken: list[list[int]] = []
    with in_thread(lambda: taken.append(channel.take())) as done:
        assert not done.wait(0.05)
        channel.offer(7)
        assert done.wait(PATIENCE)
    assert taken == [[7]]


def test_what_waits_at_the_close_is_still_taken() -> None:
    channel: Channel[int] = Channel(3)
    channel.put(1)
    channel.close()
    assert not channel.put(2)
    assert not channel.offer(2)
    assert channel.take() == [1]
    assert channel.take() == []
    assert not channel.cancelled


def test_what_waits_at_the_cancel_is_lost() -> None:
    channel: Channel[int] = Channel(3)
    channel.put(1)
    channel.cancel()
    assert channel.take() == []
    assert channel.cancelled


def test_the_load_is_what_the_items_weigh() -> None:
    channel: Channel[float] = Channel(1.0, lambda item: item)
    assert channel.offer(0.4)
    assert channel.offer(0.4)
    assert channel.offer(0.4), "there is room until the capacity is reached"
    assert not channel.offer(0.1)
    channel.take()
    assert channel.offer(5.0), "an item that is heavier than the channel still passes"


def test_pushing_makes_room_by_weight() -> None:
    channel: Channel[float] = Channel(1.0, lambda item: item)
    for item in (0.5, 0.5, 0.9, 0.2):
        channel.push(item)
    assert channel.take() == [0.9, 0.2]


def test_many_producers_lose_nothing_and_keep_their_order() -> None:
    channel: Channel[tuple[int, int]] = Channel(3)
    producers = [
        threading.Thread(target=lambda who=who: [channel.put((who, n)) for n in range(300)])
        for who in range(4)
    ]
    for producer in producers:
        producer.start()
    taken: list[tuple[int, int]] = []
    while len(taken) < 1200:
        items = channel.take()
        assert 1 <= len(items) <= 3
        taken += items
    for producer in producers:
        producer.join()
    for who in range(4):
        assert [n for w, n in taken if w == who] == list(range(300))
