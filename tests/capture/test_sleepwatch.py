"""Sleep, a program that stood still and a clock that was set are told apart."""

from __future__ import annotations

import queue

import pytest

from app.capture.sleepwatch import CLOCK_SET, SLEPT, STOOD_STILL, Clocks, SleepWatch, elapsed
from app.core.events import ClockJumped


class World:
    """Three clocks, set by hand."""

    def __init__(self) -> None:
        self.awake, self.elapsed, self.wall = 100.0, 5000.0, 1.7e9
        self.clocks = Clocks(lambda: self.awake, lambda: self.elapsed, lambda: self.wall)

    def live(self, seconds: float, *, asleep: float = 0.0, turned: float = 0.0) -> None:
        self.awake += seconds
        self.elapsed += seconds + asleep
        self.wall += seconds + asleep + turned


@pytest.fixture
def world() -> World:
    return World()


def _look(world: World, told: list[ClockJumped]) -> SleepWatch:
    return SleepWatch(told.append, lambda: 12.0, world.clocks)


def test_ordinary_seconds_are_not_told(world: World) -> None:
    told: list[ClockJumped] = []
    watch = _look(world, told)
    for seconds in (1.0, 1.2, 4.0, 1.0):
        world.live(seconds, turned=0.1)
        watch.check()

    assert not told


@pytest.mark.parametrize(
    ("passed", "asleep", "turned", "expected"),
    [
        (1.0, 3600.0, 0.0, ClockJumped(12.0, 3600.0, SLEPT)),
        (31.0, 0.0, 0.0, ClockJumped(12.0, 30.0, STOOD_STILL)),
        (1.0, 0.0, 3600.0, ClockJumped(12.0, 3600.0, CLOCK_SET)),
        (1.0, 0.0, -60.0, ClockJumped(12.0, -60.0, CLOCK_SET)),
    ],
)
def test_each_jump_has_its_reason(
    world: World, passed: float, asleep: float, turned: float, expected: ClockJumped
) -> None:
    told: list[ClockJumped] = []
    watch = _look(world, told)
    world.live(passed, asleep=asleep, turned=turned)
    watch.check()
    world.live(1.0)
    watch.check()

    assert told == [expected]


def test_the_thread_looks_and_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.capture.sleepwatch.EVERY_S", 0.01)
    told: queue.Queue[ClockJumped] = queue.Queue()
    world = World()
    watch = SleepWatch(told.put, lambda: 0.0, world.clocks)
    watch.start()
    world.live(0.0, asleep=50.0)

    assert told.get(timeout=10).reason == SLEPT
    watch.stop()


def test_the_real_clock_goes_forward() -> None:
    assert elapsed() <= elapsed()
