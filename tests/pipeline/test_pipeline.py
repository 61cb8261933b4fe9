"""Stages on threads: the order of starting and stopping, and stages that do not end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from app.core.events import StageChanged, StageState
from app.pipeline.channel import Channel
from app.pipeline.pipeline import Pipeline
from app.pipeline.runner import PlainThreadHost, ThreadHandle
from tests.fakes.stages import FakeStage

PATIENCE = 10.0
SOON = 0.05


@dataclass
class NotedHost:
    """Plain threads, and the order in which they were started."""

    started: list[str] = field(default_factory=list)
    plain: PlainThreadHost = field(default_factory=PlainThreadHost)

    def start(self, name: str, target: Callable[[], None]) -> ThreadHandle:
        self.started.append(name)
        return self.plain.start(name, target)


@dataclass
class Line:
    """Two stages in a row and what came out of the second."""

    first: FakeStage
    second: FakeStage
    host: NotedHost = field(default_factory=NotedHost)
    out: list[int] = field(default_factory=list)
    reports: list[StageChanged] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.inbox: Channel[int] = Channel(100)
        self.middle: Channel[int] = Channel(100)
        self.pipeline = Pipeline(self.host, self.reports.append)
        self.pipeline.add(self.first, self.inbox, self.middle.put)
        self.pipeline.add(self.second, self.middle, self.out.append)
        self.pipeline.start()

    def state(self, stage: str) -> StageState:
        return [report.state for report in self.reports if report.stage == stage][-1]


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Closed until it is set; at the end of the test at the latest."""
    event = threading.Event()
    yield event
    event.set()


def test_consumers_start_before_producers() -> None:
    line = Line(FakeStage("first"), FakeStage("second"))
    assert line.host.started == ["second", "first"]
    line.pipeline.stop(PATIENCE)


def test_stopping_lets_each_stage_hand_on_what_it_has() -> None:
    line = Line(FakeStage("first"), FakeStage("second"))
    for number in range(1, 50):
        line.inbox.put(number)
    assert line.pipeline.stop(PATIENCE) == []
    assert line.out == [*(100 * number for number in range(1, 50)), -10, -1]
    assert line.state("first") is line.state("second") is StageState.STOPPED


def test_a_failed_stage_does_not_take_the_others_along(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("broken")

    opened = threading.Event()
    first = FakeStage("first")
    second = FakeStage("second", on_open=fail, on_close=opened.set)
    line = Line(first, second)
    assert opened.wait(PATIENCE)
    for number in range(500):
        line.inbox.put(number)
    assert line.pipeline.stop(PATIENCE) == []
    assert len(first.fed) == 500
    assert line.state("first") is StageState.STOPPED
    assert line.state("second") is StageState.FAILED
    assert "unexpected failure" in caplog.text


def test_a_stage_that_overruns_is_cancelled_and_the_next_one_still_flushes(
    gate: threading.Event,
) -> None:
    first = FakeStage("first", on_feed=lambda: gate.wait(PATIENCE))
    line = Line(first, FakeStage("second"))
    line.inbox.put(1)
    line.inbox.put(2)
    assert line.pipeline.stop(SOON) == ["first"]
    assert line.out == [-1]
    assert line.inbox.cancelled


def test_a_stage_that_is_still_opening_is_waited_for_no_longer_than_that(
    gate: threading.Event,
) -> None:
    line = Line(FakeStage("first", on_open=lambda: gate.wait(PATIENCE)), FakeStage("second"))
    line.inbox.put(1)
    assert line.pipeline.stop(SOON) == ["first"]
    assert line.second.diary == ["open", "flush", "close"]
    gate.set()


def test_stopping_twice_is_allowed() -> None:
    line = Line(FakeStage("first"), FakeStage("second"))
    line.pipeline.stop(PATIENCE)
    assert line.pipeline.stop(PATIENCE) == []


def test_a_pipeline_that_was_not_started_can_be_stopped() -> None:
    pipeline = Pipeline(PlainThreadHost(), lambda _event: None)
    pipeline.add(FakeStage(), Channel[int](1), lambda _item: None)
    assert pipeline.stop(PATIENCE) == []
