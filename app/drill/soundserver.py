"""A PulseAudio server of its own, whose devices exist in memory alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import wave
from typing import TYPE_CHECKING

import numpy as np

from app.drill.outcome import NotRunError

if TYPE_CHECKING:
    from pathlib import Path

    from app.drill.child import Crew

PROGRAMS = ("pulseaudio", "pactl", "paplay")
SPEAKER = "module-null-sink sink_name=speaker rate=48000 channels=2"
MIC_SINK = "module-null-sink sink_name=mic_sink rate=48000 channels=1"
MIC = "module-remap-source master=mic_sink.monitor source_name=mic"
_MODULES = ("module-native-protocol-unix auth-anonymous=1", SPEAKER, MIC_SINK, MIC,
            "module-always-sink")  # fmt: skip
_PATIENCE = 15.0
_TONE_S = 120
_RATE = 48_000


class SoundServer:
    """What is played to "speaker" is the system's sound, to "mic_sink" the microphone's.

    Its processes belong to `crew`. Raises NotRunError if this machine has no PulseAudio.
    """

    def __init__(self, crew: Crew, folder: Path) -> None:
        missing = [name for name in PROGRAMS if shutil.which(name) is None]
        if missing or not sys.platform.startswith("linux"):
            raise NotRunError(f"it needs {', '.join(missing) or 'Linux'}")
        self._crew = crew
        self._folder = folder
        folder.mkdir(parents=True)
        run = folder / "run"
        run.mkdir(mode=0o700)
        self._tone = folder / "tone.wav"
        _write_tone(self._tone)
        unwanted = ("PULSE_", "DBUS_", "XDG_")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
        self.env = kept | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(run),
            "PULSE_SERVER": f"unix:{run}/pulse/native",
            "LC_ALL": "C.UTF-8",
        }
        self._server: subprocess.Popen[bytes] | None = None
        self._players: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Return once it answers and both devices sound. Raises TimeoutError."""
        modules = [word for module in _MODULES for word in ("-L", module)]
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", *modules]
        self._server = self._crew.start(command, self.env, self._folder / "pulse.log")
        until = time.monotonic() + _PATIENCE
        while not self._try("set-default-source", "mic"):
            if time.monotonic() > until or self._crew.over.wait(0.1):
                raise TimeoutError("the sound server did not start")
        self.ask("set-default-sink", "speaker")
        self.play("speaker")
        self.play("mic_sink")

    def kill(self) -> None:
        """The server and all that play to it end at once."""
        for process in (*self._players, self._server):
            if process is not None:
                self._crew.kill(process)
        self._players = []

    def ask(self, *command: str) -> str:
        """Raises CalledProcessError, an error of `subprocess`."""
        done = subprocess.run(
            ["pactl", *command], env=self.env, check=True, capture_output=True, text=True,
            timeout=_PATIENCE,
        )  # fmt: skip
        return done.stdout.strip()

    def remove(self, module: str) -> None:
        """Take away the device that `module` made."""
        for line in self.ask("list", "short", "modules").splitlines():
            number, name, arguments = [*line.split("\t"), "", ""][:3]
            if module.startswith(name) and arguments and arguments in module:
                self.ask("unload-module", number)
                return
        raise ValueError(f"there is no {module}")

    def bring_back(self, module: str) -> None:
        self.ask("load-module", *module.split())
        self.ask("set-default-sink", "speaker")
        self.ask("set-default-source", "mic")

    def play(self, sink: str) -> None:
        """A tone, for longer than any run."""
        command = ["paplay", f"--device={sink}", str(self._tone)]
        self._players.append(self._crew.start(command, self.env, self._folder / "paplay.log"))

    def _try(self, *command: str) -> bool:
        return not subprocess.run(["pactl", *command], env=self.env, capture_output=True).returncode


def _write_tone(path: Path) -> None:
    seconds = np.arange(_TONE_S * _RATE, dtype=np.float32) / _RATE
    tone = (np.sin(2 * np.pi * 440 * seconds) * 8_000).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(tone.tobytes())
