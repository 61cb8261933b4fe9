"""A silent device is noticed, and so is its return."""

from __future__ import annotations

import queue

import pytest

from app.capture.watch import StallWatch
from app.core.events import CaptureResumed, CaptureStalled


class Hand:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def events() -> list[CaptureStalled | CaptureResumed]:
    return []


@pytest.fixture
def watch(clock: Hand, events: list[CaptureStalled | CaptureResumed]) -> StallWatch:
    return StallWatch("mic", events.append, clock)


def test_two_seconds_are_patience_and_more_is_a_stall(
    watch: StallWatch, events: list[CaptureStalled | CaptureResumed]
) -> None:
    assert watch.check(102.0) == 0.0
    assert not events

    assert watch.check(102.25) is None
    assert events == [CaptureStalled("mic", 2.25)]


def test_it_sleeps_until_a_stall_is_possible(watch: StallWatch, clock: Hand) -> None:
    clock.now = 101.5
    watch.beat()

    assert watch.check(102.0) == pytest.approx(1.5)


def test_a_stall_is_told_once_and_so_is_its_end(
    watch: StallWatch, clock: Hand, events: list[CaptureStalled | CaptureResumed]
) -> None:
    watch.check(103.0)
    watch.check(104.0)
    clock.now = 105.0
    watch.beat()
    watch.check(105.0)
    watch.check(105.1)

    assert events == [CaptureStalled("mic", 3.0), CaptureResumed("mic")]


def test_it_can_stall_again(
    watch: StallWatch, clock: Hand, events: list[CaptureStalled | CaptureResumed]
) -> None:
    watch.check(103.0)
    clock.now = 105.0
    watch.beat()
    watch.check(105.0)
    watch.check(107.5)

    assert events[2:] == [CaptureStalled("mic", 2.5)]


def test_nothing_is_told_while_paused(
    watch: StallWatch, clock: Hand, events: list[CaptureStalled | CaptureResumed]
) -> None:
    watch.pause()
    assert watch.check(200.0) is None
    clock.now = 200.0
    watch.resume()

    assert watch.check(201.0) == pytest.approx(1.0)
    assert not events


def test_the_thread_reports_and_stops() -> None:
    told: queue.Queue[CaptureStalled | CaptureResumed] = queue.Queue()
    watch = StallWatch("mic", told.put, limit=0.01)
    watch.start()

    assert isinstance(told.get(timeout=10), CaptureStalled)
    watch.beat()
    assert told.get(timeout=10) == CaptureResumed("mic")
    watch.stop()


def test_stop_is_prompt_while_nothing_is_due() -> None:
    watch = StallWatch("mic", lambda _event: None, limit=3600.0)
    watch.start()
    watch.stop()  # else the test would run into its time limit
