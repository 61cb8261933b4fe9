"""A private Linux desktop with sound, for tests that use the program as a person would."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import TracebackType

PROGRAMS = (
    "Xvfb", "dbus-daemon", "openbox", "picom", "trayer", "pulseaudio", "pactl", "paplay",
    "xdotool", "xprop", "import",
)  # fmt: skip
SCREEN = "1280x800x24"
SOUND_CARDS = (
    "module-native-protocol-unix auth-anonymous=1",
    "module-null-sink sink_name=speaker rate=48000 channels=2"
    " sink_properties=device.description=Speaker",
    "module-null-sink sink_name=mic_sink rate=48000 channels=1"
    " sink_properties=device.description=MicSink",
    "module-remap-source master=mic_sink.monitor source_name=mic"
    " source_properties=device.description=Microphone",
    "module-always-sink",
)
ALSA = """\
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.system_audio { type pulse device "speaker.monitor" hint { show on description "System audio" } }
pcm.microphone { type pulse device "mic" hint { show on description "Microphone" } }
"""


def missing_programs() -> list[str]:
    return [name for name in PROGRAMS if shutil.which(name) is None]


class VirtualDesktop:
    """An X display with window manager, compositor and tray, and PulseAudio without a sound card.

    The program under test runs with `env`. What is played to the sink "speaker" is the system's
    audio (source "speaker.monitor"); what is played to "mic_sink" is spoken into the microphone
    (source "mic"). Leaving the context ends, by process id, everything that was started.
    """

    def __init__(self) -> None:
        self._cleanup = contextlib.ExitStack()
        self._root = Path()
        self.env: dict[str, str] = {}

    def __enter__(self) -> VirtualDesktop:
        with contextlib.ExitStack() as undo:
            self._root = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="desktop-")))
            self._cleanup = undo
            self.env = self._private_environment()
            self._start_display()
            self._start_sound()
            self._cleanup = undo.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._cleanup.close()

    def start(
        self, name: str, *command: str, pass_fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a program on this desktop; it is ended with the desktop. It logs to `log(name)`."""
        log = self._cleanup.enter_context((self._root / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=pass_fds,
        )
        self._cleanup.callback(_end, process)
        return process

    def log(self, name: str) -> str:
        return (self._root / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def run(self, *command: str, timeout: float = 20.0) -> str:
        """Run a short command on this desktop; its output. Raises CalledProcessError."""
        done = subprocess.run(
            command, env=self.env, check=True, capture_output=True, text=True, timeout=timeout
        )
        return done.stdout.strip()

    def succeeds(self, *command: str) -> bool:
        return (
            subprocess.run(command, env=self.env, capture_output=True, timeout=20).returncode == 0
        )

    def play(self, sound: Path, sink: str) -> subprocess.Popen[bytes]:
        """Play a WAV or FLAC file into `sink`; returns at once."""
        return self.start("paplay", "paplay", f"--device={sink}", str(sound))

    def screenshot(self, path: Path) -> None:
        """Save the whole screen as an image."""
        self.run("import", "-window", "root", str(path))

    def windows(self, pattern: str, by: str = "name") -> list[str]:
        """Ids of the visible windows whose title (or "class") matches a regular expression."""
        found = subprocess.run(
            ["xdotool", "search", "--onlyvisible", f"--{by}", pattern],
            env=self.env, capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        return found.stdout.split()

    def window(self, title: str, *, timeout: float = 20.0) -> str:
        """Wait until a window with this title is on the screen; its id."""
        return wait_for(f"window {title!r}", lambda: self.windows(title), timeout=timeout)[-1]

    def geometry(self, window: str) -> tuple[int, int, int, int]:
        """x, y, width and height in pixels of the screen."""
        answer = self.run("xdotool", "getwindowgeometry", "--shell", window)
        found = dict(line.split("=", 1) for line in answer.splitlines())
        return int(found["X"]), int(found["Y"]), int(found["WIDTH"]), int(found["HEIGHT"])

    def key(self, window: str, *combinations: str) -> None:
        """Give `window` the focus and press the keys, such as "ctrl+r", one after the other."""
        self.run("xdotool", "windowactivate", "--sync", window)
        self.run("xdotool", "key", "--clearmodifiers", *combinations)

    def click(self, x: int, y: int, button: int = 1) -> None:
        self.run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def _private_environment(self) -> dict[str, str]:
        folders = {name: self._root / name for name in ("home", "run", "config", "cache", "share")}
        for folder in folders.values():
            folder.mkdir(mode=0o700)
        (folders["home"] / ".asoundrc").write_text(ALSA, encoding="utf-8")
        unwanted = ("QT_", "XDG_", "PULSE_", "DBUS_", "WAYLAND_", "DISPLAY")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(unwanted)}
        return kept | {
            "HOME": str(folders["home"]),
            "XDG_RUNTIME_DIR": str(folders["run"]),
            "XDG_CONFIG_HOME": str(folders["config"]),
            "XDG_CACHE_HOME": str(folders["cache"]),
            "XDG_DATA_HOME": str(folders["share"]),
            "PULSE_SERVER": f"unix:{folders['run']}/pulse/native",
            "LC_ALL": "C.UTF-8",
        }

    def _start_display(self) -> None:
        number = self._start_and_read(
            "xvfb", "Xvfb", "-displayfd", "{fd}", "-noreset", "-screen", "0", SCREEN
        )
        self.env["DISPLAY"] = f":{number}"
        self.env["DBUS_SESSION_BUS_ADDRESS"] = self._start_and_read(
            "dbus", "dbus-daemon", "--session", "--nofork", "--nosyslog", "--print-address={fd}"
        )
        self.start("openbox", "openbox")
        wait_for("window manager", self._has_window_manager)
        self.start("picom", "picom", "--backend", "xrender", "--config", os.devnull)
        wait_for("compositor", lambda: self._is_taken("_NET_WM_CM_S0"))
        bar = ["--edge", "top", "--align", "right", "--width", "15", "--height", "28"]
        self.start("trayer", "trayer", *bar, "--SetPartialStrut", "true")
        wait_for("tray", lambda: self._is_taken("_NET_SYSTEM_TRAY_S0"))

    def _start_sound(self) -> None:
        cards = [word for card in SOUND_CARDS for word in ("-L", card)]
        server = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1"]
        self.start("pulse", *server, "--log-target=stderr", *cards)
        wait_for("sound server", lambda: self.succeeds("pactl", "set-default-source", "mic"))
        self.run("pactl", "set-default-sink", "speaker")

    def _start_and_read(self, name: str, *command: str) -> str:
        """Start a program that writes one line to the descriptor `{fd}` once it is ready."""
        reading, writing = os.pipe()
        with os.fdopen(reading) as pipe:
            try:
                words = [word.format(fd=writing) for word in command]
                self.start(name, *words, pass_fds=(writing,))
            finally:
                os.close(writing)
            line = _first_line(pipe)
        assert line, f"{name} did not start: {self.log(name)}"
        return line

    def _has_window_manager(self) -> bool:
        answer = self.run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")
        return "window id" in answer

    def _is_taken(self, selection: str) -> bool:
        """Compositors and trays make themselves known by owning an X selection."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XGetSelectionOwner.restype = x11.XInternAtom.restype = ctypes.c_ulong
        display = ctypes.c_void_p(x11.XOpenDisplay(self.env["DISPLAY"].encode()))
        try:
            atom = ctypes.c_ulong(x11.XInternAtom(display, selection.encode(), 0))
            return bool(x11.XGetSelectionOwner(display, atom))
        finally:
            x11.XCloseDisplay(display)


def _first_line(pipe: IO[str]) -> str:
    """A line, or "" when the other end was closed because the program ended."""
    return pipe.readline().strip()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def desktop() -> Iterator[VirtualDesktop]:
    """One desktop for all tests of a run. `CAPTIONIST_REQUIRE_DESKTOP=1` makes a lack a failure."""
    if missing := missing_programs():
        reason = f"a virtual desktop needs {', '.join(missing)}"
        if os.environ.get("CAPTIONIST_REQUIRE_DESKTOP"):
            pytest.fail(reason)
        pytest.skip(reason)
    with VirtualDesktop() as started:
        yield started
