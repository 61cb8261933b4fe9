"""Starts recordings, hears what they report, and harms them."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, TypeVar

from app.drill.reports import BlockDelivered, Told, from_line
from app.drill.subject import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from app.core.events import Event
    from app.drill.reports import Plan, Report

E = TypeVar("E", bound="Event")
PATIENCE = 60.0
"""Seconds for something to happen that takes moments on a machine with nothing else to do."""


class Crew:
    """All processes of a drill, so that none outlives it."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self.over = threading.Event()

    def start(
        self, command: list[str], env: Mapping[str, str], log: Path, *, heard: bool = False
    ) -> subprocess.Popen[bytes]:
        """Its standard output is for the one who called, if it is to be `heard`."""
        out = subprocess.PIPE if heard else subprocess.DEVNULL
        with log.open("ab") as errors, self._lock:
            if self.over.is_set():
                raise InterruptedError("the drill is over")
            process = subprocess.Popen(
                command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=errors
            )
            self._processes.add(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()
        with self._lock:
            self._processes.discard(process)

    def end(self) -> None:
        """Kill what is left; nothing can be started from now on."""
        with self._lock:
            self.over.set()
            left, self._processes = self._processes, set()
        for process in left:
            process.kill()
            process.wait()


class Child:
    """A recording in `folder`, which becomes its data folder."""

    def __init__(
        self,
        crew: Crew,
        plan: Plan,
        folder: Path,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        """What it says on standard error goes to `log`, or to a file of that name."""
        self.folder = folder
        self.meetings = folder / "meetings"
        self._crew = crew
        self._changed = threading.Condition()
        self._reports: list[Report] = []
        self._ended = False
        folder.mkdir(parents=True, exist_ok=True)
        self.log = log or folder / "log"
        own = {**os.environ, **(env or {}), "CAPTIONIST_DATA": str(folder)}
        command = [*_program(), "drill", "--subject", to_text(plan)]
        self.process = crew.start(command, own, self.log, heard=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def reports(self) -> list[Report]:
        with self._changed:
            return list(self._reports)

    @property
    def events(self) -> list[Event]:
        return [report.fact.event for report in self.reports if isinstance(report.fact, Told)]

    def events_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]

    def blocks(self, before: float = float("inf")) -> dict[str, list[tuple[int, int]]]:
        """(first, frames) of what each track was given before a moment."""
        found: dict[str, list[tuple[int, int]]] = {}
        for report in self.reports:
            if isinstance(report.fact, BlockDelivered) and report.at < before:
                fact = report.fact
                found.setdefault(fact.track, []).append((fact.first, fact.frames))
        return found

    def wait_until(
        self, what: str, pleases: Callable[[], bool], patience: float = PATIENCE
    ) -> None:
        """Raises TimeoutError, or ChildProcessError if the process ends before."""
        until = time.monotonic() + patience
        while not pleases():
            with self._changed:
                if self._ended:
                    break
                self._changed.wait(0.1)
            if time.monotonic() > until or self._crew.over.is_set():
                raise TimeoutError(f"not within {patience:.0f} s: {what}")
        if not pleases():
            raise ChildProcessError(f"the recording ended before: {what}; {self.said()}")

    def wait_for_sound(self, seconds: float = 0.0) -> None:
        """Until `seconds` have passed since a source began."""
        self.wait_until("sound", lambda: bool(self.blocks()))
        self.rest(seconds)

    def rest(self, seconds: float) -> None:
        """Let the recording go on for so long; raises InterruptedError if the drill is over."""
        if self._crew.over.wait(seconds):
            raise InterruptedError("the drill is over")

    def kill(self) -> float:
        """SIGKILL; the moment of it. Everything that was reported before has been read then."""
        moment = time.monotonic()
        self._crew.kill(self.process)
        self._reader.join()
        return moment

    def stop(self, patience: float = PATIENCE) -> int:
        """As with Ctrl+C, which a process in the background may not hear; the exit code.

        Raises TimeoutError.
        """
        self.process.terminate()
        return self.wait(patience)

    def wait(self, patience: float = PATIENCE) -> int:
        """The exit code, once it has ended. Raises TimeoutError."""
        try:
            code = self.process.wait(patience)
        except subprocess.TimeoutExpired as exc:
            raise TimeoutError(f"the recording did not end within {patience:.0f} s") from exc
        self.kill()
        return code

    def said(self) -> str:
        """What it said on standard error at last."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                report = from_line(line)
                if report is not None:
                    with self._changed:
                        self._reports.append(report)
                        self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def _program() -> list[str]:
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "app"]
