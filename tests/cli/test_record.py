"""`captionist record` from a file that plays at real time, in this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import soundfile

from app.cli.running import MeetingRun
from app.core.errors import CaptureError
from app.core.events import CaptureEnded, Event, LevelMeasured, RunMeasured, SpaceMeasured
from app.core.paths import default_paths
from app.meeting import MeetingRequest
from app.session.recorder import RecorderStage
from app.session.store import MeetingState, SessionStore
from tests.fakes.speech import Speaker
from tests.programs import ROOT, run_captionist


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


def test_a_full_disk_ends_the_run_with_what_is_saved(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = RecorderStage.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "free", lambda _folder: 150_000_000)
    watcher = Watcher()
    work = run(sound, watcher)
    work.run()
    assert work.troubled
    assert state() is MeetingState.COMPLETE
    assert [e.stopping for e in watcher.events if isinstance(e, SpaceMeasured)] == [True]


def test_a_meeting_goes_on_from_the_command_line(sound: Path) -> None:
    first = run(sound, Watcher())
    first.run(seconds=0.5)
    meeting_id = first.meeting.session.id
    watcher = Watcher()
    request = MeetingRequest(str(sound), resume=meeting_id)
    again = MeetingRun(request, default_paths(), watcher)
    again.run(seconds=0.5)
    (summary,) = SessionStore(default_paths().meetings).list()
    assert (summary.id, summary.state) == (meeting_id, MeetingState.COMPLETE)
    assert summary.duration_s >= 1.0
    (cost,) = watcher.costs
    assert cost.audio_s == pytest.approx(summary.duration_s - again.meeting.begin, abs=0.01)


@pytest.mark.parametrize(
    "words",
    [
        ("--system-device", "Speaker"),
        ("--continue", "2026", "--title", "Another"),
        ("--continue", "nosuchmeeting"),
    ],
)
def test_what_cannot_be_is_told(words: tuple[str, ...]) -> None:
    done = run_captionist("record", "--model", "", *words)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
def test_a_stage_that_hangs_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    """Recognition stands still for good; a second interruption waits for it no more."""
    sound = tmp_path / "talk.wav"
    soundfile.write(sound, Speaker().say("one").rest(30).samples, 16_000)
    script = tmp_path / "hang.py"
    script.write_text(_HANGING.format(sound=str(sound)), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(script)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "recording\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopping\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    assert state() is MeetingState.COMPLETE


_HANGING = """
import threading
from app import captioning
from app.cli.running import MeetingRun
from app.core.events import LevelMeasured, StageChanged, StageState
from app.core.paths import default_paths
from app.intake import Nowhere
from app.meeting import MeetingRequest, Recognition

class Hanging(Nowhere):
    name = "transcribe"

    def open(self):
        threading.Event().wait()

class Told:
    said = set()

    def show(self, event, _emitted):
        if isinstance(event, LevelMeasured):
            self.say("recording")
        if isinstance(event, StageChanged) and event.state is StageState.STOPPED:
            self.say("stopping")

    def say(self, word):
        if word not in self.said:
            self.said.add(word)
            print(word, flush=True)

    def end(self, _cost):
        pass

captioning.recognition_for = lambda *_: Recognition(Hanging(), Nowhere())
run = MeetingRun(MeetingRequest({sound!r}, model="tiny.en"), default_paths(), Told())
run.run()
run.leave()
"""
