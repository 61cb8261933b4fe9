"""The desktop program on a virtual desktop, and what a person can see of it."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from subprocess import CalledProcessError
from typing import TYPE_CHECKING, Any

from app.core.settings import RecognitionSettings, Settings, save_settings
from tests.programs import ROOT, run_captionist
from tests.waiting import wait_for

if TYPE_CHECKING:
    from subprocess import Popen

    from tests.desktop import VirtualDesktop

PROGRAM = "^captionist$"
PANEL = "^Captionist captions"
EXPORT = "^Export"
SMALL = 400 * 300
"""Square pixels: the window is larger than this; icon, menu and notes of the tray are smaller."""


class Program:
    """Started with its own data folder and the model tiny.en; tests end it as a user would."""

    def __init__(self, desktop: VirtualDesktop, data: Path, models: Path) -> None:
        self.desktop = desktop
        self.data = data
        self.environment = {"CAPTIONIST_DATA": str(data), "CAPTIONIST_MODELS": str(models)}
        self._trace = data / "trace.jsonl"
        data.mkdir(parents=True)
        settings = Settings(recognition=RecognitionSettings(model="tiny.en"))
        save_settings(data / "settings.json", settings)
        self.process = self._start()
        self.window = wait_for("the window", self._main_window, timeout=20)

    def _start(self) -> Popen[bytes]:
        added = {**self.environment, "CAPTIONIST_TRACE": str(self._trace), "PYTHONPATH": str(ROOT)}
        command = ["env", *(f"{name}={value}" for name, value in added.items())]
        return self.desktop.start("captionist", *command, sys.executable, "-m", "app")

    def windows(self) -> dict[str, int]:
        """Everything that the program has on the screen, and its area in square pixels."""
        areas: dict[str, int] = {}
        for window in self.desktop.windows(PROGRAM, by="class"):
            with contextlib.suppress(CalledProcessError):  # it has gone in the meantime
                _x, _y, width, height = self.desktop.geometry(window)
                areas[window] = width * height
        return areas

    def _main_window(self) -> str | None:
        return next((window for window, area in self.windows().items() if area > SMALL), None)

    def shown(self) -> list[dict[str, Any]]:
        """Every text that was on the caption panel: `at` (monotonic seconds) and `text`."""
        if not self._trace.exists():
            return []
        lines = self._trace.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def cli(self, *arguments: str) -> str:
        """Output of a command over the same data, run beside the program."""
        done = run_captionist(*arguments, **self.environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def recorded_bytes(self) -> int:
        return sum(file.stat().st_size for file in self.data.glob("meetings/*/audio/*"))

    def meeting_ids(self, state: str) -> list[str]:
        rows = [line.split("\t") for line in self.cli("meetings", "list").splitlines()]
        return [row[0] for row in rows if row[4] == state]

    def press_record(self) -> None:
        """Record, and wait until sound is on the disk: what is spoken before is lost."""
        before = self.recorded_bytes()
        self.desktop.key(self.window, "ctrl+r")
        wait_for("recorded sound", lambda: self.recorded_bytes() > before + 8_000, timeout=20)

    def export_by_dialog(self, format_name: str, steps: int, picture: Path) -> str:
        """Export the meeting on the screen; `steps` down from the first format. The file's text."""
        desktop = self.desktop
        desktop.key(self.window, "ctrl+e")
        dialog = desktop.window(EXPORT)
        for _step in range(steps):
            desktop.key(dialog, "Down")
        desktop.screenshot(picture)
        desktop.key(dialog, "Return")
        home = Path(desktop.env["HOME"])
        (file,) = wait_for("the export", lambda: list(home.rglob(f"*.{format_name}")))
        wait_for("the dialog to go", lambda: not desktop.windows(EXPORT))
        text = file.read_text(encoding="utf-8")
        file.unlink()
        return text

    def dismiss_tray_note(self, picture: Path) -> None:
        """Wait for the note beside the icon and press its cross.

        While Qt shows a note, the next press on the icon counts as a press on the note.
        """
        note = wait_for("the note", lambda: self._of_type("TOOLTIP"))
        self.desktop.screenshot(picture)
        x, y, width, _height = self.desktop.geometry(note)
        self.desktop.click(x + width - 15, y + 34)
        wait_for("the note to go", lambda: not self._of_type("TOOLTIP"))

    def open_tray_menu(self) -> None:
        """Press the right button on the icon: the smallest thing there is."""
        windows = self.windows()
        icon = min(windows, key=lambda window: windows[window])
        x, y, width, height = self.desktop.geometry(icon)
        self.desktop.click(x + width // 2, y + height // 2, button=3)
        wait_for("the menu", lambda: self._of_type("POPUP_MENU"))

    def _of_type(self, name: str) -> str | None:
        """A window of the program of this type, such as "TOOLTIP" (_NET_WM_WINDOW_TYPE_…)."""
        for window in self.windows():
            with contextlib.suppress(CalledProcessError):
                if name in self.desktop.run("xprop", "-id", window, "_NET_WM_WINDOW_TYPE"):
                    return window
        return None
