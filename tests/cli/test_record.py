"""`captionist record` from a file that plays at real time, in this process."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest
import soundfile

from app.cli.running import MeetingRun
from app.core.errors import CaptureError
from app.core.events import CaptureEnded, Event, LevelMeasured, RunMeasured
from app.core.paths import default_paths
from app.live import MeetingRequest
from app.session.store import MeetingState, SessionStore
from tests.fakes.speech import Speaker


class Watcher:
    """A printer that calls back once sound has been recorded."""

    def __init__(self) -> None:
        self.recorded = threading.Event()
        self.costs: list[RunMeasured] = []
        self.events: list[Event] = []

    def show(self, event: Event, emitted: float) -> None:
        self.events.append(event)
        if isinstance(event, LevelMeasured):
            self.recorded.set()

    def end(self, cost: RunMeasured) -> None:
        self.costs.append(cost)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, Speaker().rest(0.2).say("one", "two").rest(9).samples, 16_000)
    return path


def run(sound: Path, watcher: Watcher) -> MeetingRun:
    return MeetingRun(MeetingRequest(str(sound)), default_paths(), watcher)


def state() -> MeetingState:
    (summary,) = SessionStore(default_paths().meetings).list()
    return summary.state


def test_it_ends_after_so_many_seconds_of_sound(sound: Path) -> None:
    watcher = Watcher()
    work = run(sound, watcher)
    work.run(seconds=0.3)
    assert not work.troubled
    assert state() is MeetingState.COMPLETE
    (cost,) = watcher.costs
    assert 0.3 <= cost.audio_s < 2.0
    assert cost.peak_rss_mb > 10
    assert not [event for event in watcher.events if isinstance(event, CaptureEnded)]


@pytest.mark.skipif(sys.platform == "win32", reason="there a signal ends the process")
@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_whoever_interrupts_it_gets_a_complete_meeting(
    signal_number: signal.Signals, sound: Path
) -> None:
    watcher = Watcher()
    work = run(sound, watcher)
    before = signal.getsignal(signal.SIGTERM)

    def interrupt() -> None:
        assert watcher.recorded.wait(10)
        os.kill(os.getpid(), signal_number)

    thread = threading.Thread(target=interrupt)
    thread.start()
    work.run()
    thread.join()
    assert state() is MeetingState.COMPLETE
    assert len(watcher.costs) == 1
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_start_that_fails_leaves_the_signals_as_they_were(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(CaptureError):
        run(tmp_path / "nowhere.wav", Watcher()).run()
    assert signal.getsignal(signal.SIGTERM) is before
