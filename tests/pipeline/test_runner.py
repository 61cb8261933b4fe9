"""A runner drives a stage to its end and tells what became of it; it never raises."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest

from app.core.errors import ModelMissingError
from app.core.events import StageChanged, StageState
from app.pipeline.channel import Channel
from app.pipeline.runner import run_stage
from tests.fakes.stages import FakeStage

OPENING, RUNNING, STOPPED, FAILED = (
    StageState.OPENING,
    StageState.RUNNING,
    StageState.STOPPED,
    StageState.FAILED,
)


def run(
    stage: FakeStage, *items: int, deliver: Callable[[int], object] | None = None
) -> tuple[list[int], list[StageChanged]]:
    inbox: Channel[int] = Channel(100)
    for item in items:
        inbox.put(item)
    inbox.close()
    out: list[int] = []
    reports: list[StageChanged] = []
    run_stage(stage, inbox, deliver or out.append, reports.append)
    return out, reports


def states(reports: list[StageChanged]) -> list[StageState]:
    return [report.state for report in reports]


def test_a_stage_lives_from_open_to_close() -> None:
    stage = FakeStage()
    out, reports = run(stage, 1, 2)
    assert out == [10, 20, -1]
    assert stage.diary == ["open", "feed", "flush", "close"]
    assert states(reports) == [OPENING, RUNNING, STOPPED]


def _missing() -> None:
    raise ModelMissingError("The model is not here", hint="Pull it.")


def _bug() -> None:
    raise KeyError("x")


@pytest.mark.parametrize("where", ["on_open", "on_feed", "on_flush"])
def test_an_expected_failure_is_told_with_its_hint(where: str) -> None:
    stage = FakeStage()
    setattr(stage, where, _missing)
    _, reports = run(stage, 1)
    assert reports[-1] == StageChanged("fake", FAILED, "The model is not here", "Pull it.")
    assert stage.diary[-1] == "close"


@pytest.mark.parametrize("where", ["on_open", "on_feed"])
def test_nobody_waits_for_a_dead_stage(where: str) -> None:
    stage = FakeStage()
    setattr(stage, where, _missing)
    inbox: Channel[int] = Channel(1)
    inbox.put(1)
    run_stage(stage, inbox, lambda _item: None, lambda _event: None)
    assert not inbox.put(2)
    assert inbox.cancelled


@pytest.mark.parametrize("where", ["on_open", "on_feed", "on_flush"])
def test_an_unexpected_failure_is_told_and_logged(
    where: str, caplog: pytest.LogCaptureFixture
) -> None:
    stage = FakeStage()
    setattr(stage, where, _bug)
    _, reports = run(stage, 1)
    assert reports[-1] == StageChanged("fake", FAILED, "KeyError: 'x'")
    assert stage.diary[-1] == "close"
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_a_failure_of_whoever_takes_the_results_is_the_stage_s(
    caplog: pytest.LogCaptureFixture,
) -> None:
    _, reports = run(FakeStage(), 1, deliver=lambda _item: _bug())
    assert states(reports) == [OPENING, RUNNING, FAILED]
    assert caplog.records


def test_a_failure_to_tidy_up_does_not_hide_the_work(caplog: pytest.LogCaptureFixture) -> None:
    out, reports = run(FakeStage(on_close=_bug), 1)
    assert out == [10, -1]
    assert states(reports) == [OPENING, RUNNING, STOPPED]
    assert "close failed" in caplog.text


def test_a_cancelled_stage_does_not_flush() -> None:
    inbox: Channel[int] = Channel(10)
    inbox.put(1)
    stage = FakeStage(on_feed=inbox.cancel)
    reports: list[StageChanged] = []
    run_stage(stage, inbox, lambda _item: None, reports.append)
    assert stage.diary == ["open", "feed", "close"]
    assert states(reports) == [OPENING, RUNNING, STOPPED]


@pytest.mark.parametrize("state", [OPENING, RUNNING, STOPPED])
def test_whoever_hears_the_reports_cannot_stop_it(
    state: StageState, caplog: pytest.LogCaptureFixture
) -> None:
    def report(event: StageChanged) -> None:
        if event.state is state:
            _bug()

    inbox: Channel[int] = Channel(10)
    inbox.close()
    stage = FakeStage()
    run_stage(stage, inbox, lambda _item: None, report)
    assert stage.diary[-1] == "close"
    assert not inbox.put(1)
    assert caplog.records
