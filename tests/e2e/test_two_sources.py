"""`captionist record` with microphone and system on a real sound server, and what it survives."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.core.paths import default_paths
from app.session.store import MeetingState, SessionStore
from tests.capture.sound_server import server as server
from tests.capture.sounds import pcm, write_wav
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.session.store import Meeting
    from tests.capture.sound_server import SoundServer

pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(sys.platform != "linux", reason="needs PulseAudio"),
]

ROOT = Path(__file__).parents[2]
RATE = 48_000
DEVICE_S = 2.0
"""Seconds that a device may take to deliver its first block."""
TONES = {"mic_sink": 440.0, "speaker": 1320.0}
TRACKS = {"mic": "mic_sink", "system": "speaker"}


def tone(hertz: float, seconds: float = 120.0) -> np.ndarray[Any, Any]:
    time_s = np.arange(round(seconds * RATE)) / RATE
    return (0.3 * np.sin(2 * np.pi * hertz * time_s)).astype(np.float32)


class Recording:
    """A program that records both sources, each of which hears a tone of its own."""

    def __init__(self, server: SoundServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._players: list[subprocess.Popen[bytes]] = []
        self._log = (folder / "log").open("wb")
        self.play()
        words = ("record", "--source", "mic+system", "--model", "", "--title", "Two")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app", *words], cwd=ROOT, stdout=self._log, stderr=self._log
        )

    def play(self) -> None:
        for sink, hertz in TONES.items():
            sound = self._folder / f"{sink}.wav"
            if not sound.exists():
                write_wav(sound, pcm(tone(hertz)), RATE)
            self._players.append(self._server.play(sound, sink))

    def events(self, kind: str) -> list[dict[str, Any]]:
        """What the journal tells by now."""
        for journal in default_paths().meetings.glob("*/journal.jsonl"):
            lines = journal.read_text(encoding="utf-8").splitlines()
            return [record for line in lines if (record := json.loads(line))["type"] == kind]
        return []

    def grow(self, seconds: float) -> None:
        """Wait until both tracks are so much longer."""
        ends = {name: self.length(name) + seconds for name in TRACKS}
        wait_for(
            f"{seconds} s more",
            lambda: all(self.length(name) >= end for name, end in ends.items()),
            timeout=seconds + 25,
        )

    def length(self, track: str) -> float:
        """Seconds, of any format."""
        from app.session.audio import AudioReader

        for folder in default_paths().meetings.glob("*/audio"):
            return AudioReader(folder).duration(track)
        return 0.0

    def stop(self) -> Meeting:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(60) == 0, self.said()
        (summary,) = SessionStore(default_paths().meetings).list()
        assert summary.state is MeetingState.COMPLETE
        return SessionStore(default_paths().meetings).read(summary.id)

    def said(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8")

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for player in self._players:
            player.kill()
            player.wait()
        self._log.close()


@contextmanager
def recording(server: SoundServer, folder: Path) -> Iterator[Recording]:
    made = Recording(server, folder)
    try:
        wait_for("recording", lambda: all(made.length(n) > 2 for n in TRACKS), timeout=30)
        yield made
    finally:
        made.end()


def share_of_tone(meeting: Meeting, track: str, start: float, end: float) -> float:
    """Seconds of a stretch in which the track has its tone and not the other's."""
    sound = meeting.audio.read(track, start, end)
    size = sound.rate // 10
    blocks = sound.samples[: len(sound.samples) // size * size].reshape(-1, size)
    spectrum = np.abs(np.fft.rfft(blocks * np.hanning(size), axis=1))
    loudest = np.argmax(spectrum, axis=1) * sound.rate / size
    heard = np.abs(blocks).max(axis=1) > 0.05
    right = heard & (np.abs(loudest - TONES[TRACKS[track]]) < 30)
    return float(right.sum()) / 10


def assert_whole(meeting: Meeting, lost: float) -> None:
    """Nothing is missing in either track but `lost` seconds, once devices have begun."""
    for track in TRACKS:
        length = meeting.audio.duration(track)
        kept = share_of_tone(meeting, track, DEVICE_S, length)
        assert kept >= length - DEVICE_S - lost, (track, kept, length)
    ends = [meeting.audio.duration(track) for track in TRACKS]
    assert abs(ends[0] - ends[1]) < 1.0


def test_both_are_recorded_on_one_clock(server: SoundServer, tmp_path: Path) -> None:
    with recording(server, tmp_path) as made:
        made.grow(4)
        meeting = made.stop()
    assert_whole(meeting, lost=0.3)
    assert all(gap.end < DEVICE_S for gap in meeting.transcript.gaps)
    assert list(meeting.folder.glob("audio/*.flac"))
    assert not list(meeting.folder.glob("audio/*.wav"))


def test_an_output_that_goes_and_comes_back(server: SoundServer, tmp_path: Path) -> None:
    """The microphone's device goes: another takes its place at once, and it is taken again."""
    with recording(server, tmp_path) as made:
        began = made.length("mic")
        source = server.run("pactl", "list", "short", "modules")
        module = next(line.split()[0] for line in source.splitlines() if "remap-source" in line)
        server.run("pactl", "unload-module", module)
        wait_for("told", lambda: made.events("device"), timeout=15)
        server.run(
            *("pactl", "load-module", "module-remap-source", "master=mic_sink.monitor"),
            *("source_name=mic", "source_properties=device.description=Microphone"),
        )
        server.run("pactl", "set-default-source", "mic")
        made.grow(4)
        meeting = made.stop()
    told = meeting.folder.joinpath("journal.jsonl").read_text(encoding="utf-8")
    assert '"device"' in told
    assert share_of_tone(meeting, "mic", 0.0, began) > began - DEVICE_S
    length = meeting.audio.duration("mic")
    assert share_of_tone(meeting, "mic", length - 3, length) > 2.0
    system = meeting.audio.duration("system")
    assert share_of_tone(meeting, "system", 0.0, system) > system - DEVICE_S


def test_a_sound_server_that_is_started_again(server: SoundServer, tmp_path: Path) -> None:
    with recording(server, tmp_path) as made:
        began = min(made.length(name) for name in TRACKS)
        server.stop()
        server.start()
        made.play()
        wait_for("told", lambda: len(made.events("device")) >= 2, timeout=20)
        made.grow(4)
        meeting = made.stop()
    for track in TRACKS:
        length = meeting.audio.duration(track)
        assert share_of_tone(meeting, track, 0.0, began) > began - DEVICE_S
        assert share_of_tone(meeting, track, length - 3, length) > 1.5
    assert meeting.transcript.gaps


@pytest.mark.lengthy
def test_a_program_that_stood_still_for_seconds(server: SoundServer, tmp_path: Path) -> None:
    """Like sleep: what the server kept is there, the rest is a gap, nothing before it is lost."""
    with recording(server, tmp_path) as made:
        began = min(made.length(name) for name in TRACKS)
        before = time.monotonic()
        made.process.send_signal(signal.SIGSTOP)
        stopped = time.monotonic()
        wait_for("eight seconds", lambda: time.monotonic() - stopped > 8, timeout=20)
        made.process.send_signal(signal.SIGCONT)
        wait_for("told", lambda: made.events("clock"), timeout=15)
        made.grow(4)
        took = time.monotonic() - before
        meeting = made.stop()
    for track in TRACKS:
        length = meeting.audio.duration(track)
        assert length >= began + took - 3.0, "the clock went on"
        assert share_of_tone(meeting, track, 0.0, began) > began - DEVICE_S
        assert share_of_tone(meeting, track, length - 3, length) > 2.0
        missing = length - share_of_tone(meeting, track, 0.0, length)
        marked = sum(gap.end - gap.start for gap in meeting.transcript.gaps)
        assert missing < marked + 1.5, (track, missing, marked)
    assert "stood still" in made.said()


@pytest.mark.lengthy
def test_recording_both_costs_next_to_nothing(server: SoundServer, tmp_path: Path) -> None:
    """At most 3 % of one core without recognition."""
    with recording(server, tmp_path) as made:
        before, began = cpu_of(made.process.pid), time.monotonic()
        made.grow(15)
        share = (cpu_of(made.process.pid) - before) / (time.monotonic() - began)
        made.stop()
    assert share <= 0.03, f"{100 * share:.2f} % of one core"


def cpu_of(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
