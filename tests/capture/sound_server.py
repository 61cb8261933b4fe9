"""A private sound server without a display, for tests that end it and start it again."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.desktop import ALSA, SOUND_CARDS
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator


class SoundServer:
    """PulseAudio with two null sinks, in folders of its own."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        (root / "run").mkdir(mode=0o700)
        (root / ".asoundrc").write_text(ALSA, encoding="utf-8")
        monkeypatch.setenv("HOME", str(root))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(root / "run"))
        monkeypatch.setenv("PULSE_SERVER", f"unix:{root}/run/pulse/native")
        for name in ("XDG_CONFIG_HOME", "PULSE_SINK", "PULSE_SOURCE"):
            monkeypatch.delenv(name, raising=False)

    def start(self) -> None:
        cards = [word for card in SOUND_CARDS for word in ("-L", card)]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *cards]
        self._process = subprocess.Popen(
            [*command, f"--log-target=file:{self._root}/pulse.log"], stdin=subprocess.DEVNULL
        )
        wait_for("sound server", lambda: self._succeeds("pactl", "set-default-source", "mic"))
        self.run("pactl", "set-default-sink", "speaker")

    def stop(self) -> None:
        """End it as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()

    def run(self, *command: str) -> str:
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=20)
        return done.stdout.strip()

    def play(self, sound: Path, sink: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(["paplay", f"--device={sink}", str(sound)])

    def _succeeds(self, *command: str) -> bool:
        return subprocess.run(command, capture_output=True, timeout=20).returncode == 0


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    if shutil.which("pulseaudio") is None or shutil.which("pactl") is None:
        pytest.skip("needs PulseAudio")
    # the path of a socket must be short
    with tempfile.TemporaryDirectory(prefix="snd-") as folder:
        made = SoundServer(Path(folder), monkeypatch)
        made.start()
        yield made
        made.stop()
