"""Threads, jobs and the bridge: everything arrives on the GUI thread, once."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QThread

from app.core.errors import DownloadError
from app.core.events import AudioSaved, Event, LevelMeasured, PreviewChanged
from app.gui.background import Background, Job
from app.gui.bridge import EventBridge
from app.gui.guard import guarded
from app.gui.threads import QtThreadHost
from app.pipeline.runner import ThreadHost
from tests.gui.conftest import words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


def unexpected(error: Exception) -> None:
    raise error


@pytest.fixture
def host() -> Iterator[QtThreadHost]:
    found = QtThreadHost()
    yield found
    assert found.wait_all(5.0)


def test_a_thread_runs_its_target_and_can_be_joined(host: QtThreadHost) -> None:
    go = threading.Event()
    threads: list[QThread] = []

    def work() -> None:
        threads.append(QThread.currentThread())
        go.wait(5)

    plain: ThreadHost = host
    handle = plain.start("worker", work)
    assert not handle.join(0.01)
    assert host.running() == ["worker"]
    go.set()
    assert handle.join(5)
    assert host.running() == []
    assert threads[0] is not QThread.currentThread()


def test_what_a_thread_raises_reaches_the_hook(
    host: QtThreadHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _k, error, _t: seen.append(error))

    def fail() -> None:
        raise ValueError("broken")

    assert host.start("worker", fail).join(5)
    assert str(seen[0]) == "broken"


def test_events_arrive_in_order_on_the_gui_thread(qtbot: QtBot, host: QtThreadHost) -> None:
    bridge = EventBridge()
    seen: list[tuple[Event, bool]] = []
    home = threading.get_ident()
    bridge.received.connect(lambda e: seen.append((e, threading.get_ident() == home)))
    events = [words(i, i, "word") for i in range(200)]

    def publish() -> None:
        for event in events:
            bridge.publish(event)

    host.start("worker", publish)
    qtbot.waitUntil(lambda: len(seen) == len(events))
    assert [event for event, _home in seen] == events
    assert all(at_home for _event, at_home in seen)


def test_of_what_only_the_newest_counts_only_the_newest_is_shown(qtbot: QtBot) -> None:
    bridge = EventBridge()
    seen: list[Event] = []
    bridge.received.connect(seen.append)
    for i in range(100):
        bridge.publish(LevelMeasured("mic", -i, -i))
        bridge.publish(AudioSaved(i))
        bridge.publish(PreviewChanged(3, str(i)))
    spoken = words(3, 0, "said")
    bridge.publish(spoken)
    bridge.publish(PreviewChanged(3, "after"))
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == [
        LevelMeasured("mic", -99, -99), AudioSaved(99), spoken, PreviewChanged(3, "after"),
    ]  # fmt: skip


def test_a_job_reports_progress_and_its_result(qtbot: QtBot, host: QtThreadHost) -> None:
    background = Background(host, unexpected)
    results: list[object] = []

    def work(job: Job) -> str:
        job.progress(1, 2)
        return "done"

    op = background.job("work", work).on_success(results.append)
    op.on_progress(lambda done, total: results.append((done, total))).start()
    assert background.busy
    qtbot.waitUntil(lambda: not background.busy)
    assert results == [(1.0, 2.0), "done"]


def test_a_failure_that_nobody_handles_is_reported(qtbot: QtBot, host: QtThreadHost) -> None:
    reported: list[Exception] = []
    background = Background(host, reported.append)

    def work(_job: Job) -> None:
        raise DownloadError("No network")

    background.job("work", work).start()
    qtbot.waitUntil(lambda: not background.busy)
    assert [str(error) for error in reported] == ["No network"]


def test_a_bug_in_a_job_is_logged_and_reported(
    qtbot: QtBot, host: QtThreadHost, caplog: pytest.LogCaptureFixture
) -> None:
    reported: list[Exception] = []
    background = Background(host, reported.append)

    def work(_job: Job) -> None:
        raise KeyError("x")

    background.job("work", work).start()
    qtbot.waitUntil(lambda: not background.busy)
    assert isinstance(reported[0], KeyError)
    assert "unexpected failure" in caplog.text


def test_a_cancelled_job_sees_it(qtbot: QtBot, host: QtThreadHost) -> None:
    background = Background(host, unexpected)
    seen: list[bool] = []
    started = threading.Event()
    go_on = threading.Event()

    def work(job: Job) -> None:
        started.set()
        go_on.wait(5)
        seen.append(job.cancelled())

    background.job("work", work).start()
    assert started.wait(5)
    background.cancel_all()
    go_on.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert seen == [True]


def test_idle_is_told_after_the_last_job(qtbot: QtBot, host: QtThreadHost) -> None:
    background = Background(host, unexpected)
    told: list[str] = []
    go = threading.Event()

    def then_another(_none: object) -> None:
        told.append("first")
        background.job("second", lambda _job: None).on_success(
            lambda _none: told.append("second")
        ).start()

    background.job("first", lambda _job: go.wait(5)).on_success(then_another).start()
    background.when_idle(lambda: told.append("idle"))
    go.set()
    qtbot.waitUntil(lambda: "idle" in told)
    assert told == ["first", "second", "idle"]
    background.when_idle(lambda: told.append("at once"))
    assert told[-1] == "at once"


def test_an_error_in_an_override_reaches_the_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _k, error, _t: seen.append(error))

    @guarded
    def override() -> None:
        list(zip([1], [], strict=True))

    override()
    assert isinstance(seen[0], ValueError)
