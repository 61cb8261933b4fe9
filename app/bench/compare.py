"""Measures several policies and models, each in a process of its own, as memory is per process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.bench.table import Row


@dataclass(frozen=True, slots=True)
class Spec:
    """What is measured. `preset` "" is the one of the command line."""

    policy: str
    model: str
    preset: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.policy, self.model, self.preset)))

    @property
    def arguments(self) -> list[str]:
        """The command line that asks for it."""
        preset = ["--preset", self.preset] if self.preset else []
        return ["--policy", self.policy, "--model", self.model, *preset]


def parse_specs(text: str, policies: Sequence[str], presets: Sequence[str]) -> list[Spec]:
    """`policy:model,policy:model:preset`; raises ValueError with a sentence for the user."""
    specs = []
    for part in text.split(","):
        policy, _, rest = part.strip().partition(":")
        model, _, last = rest.rpartition(":")
        model, preset = (model, last) if last in presets else (rest, "")
        if not model or model.endswith(":") or policy not in policies:
            raise ValueError(
                f"{part.strip()!r} is not POLICY:MODEL or POLICY:MODEL:PRESET, "
                f"with a policy of {', '.join(policies)} and a preset of {', '.join(presets)}"
            )
        specs.append(Spec(policy, model, preset))
    return specs


def program() -> list[str]:
    """How this program is started again."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "app"]


def measure_apart(
    specs: Sequence[Spec], arguments: Sequence[str], told: Callable[[str], object]
) -> tuple[list[Row], list[tuple[Spec, str]]]:
    """A row for each of `specs`, and why recordings were left out.

    `arguments` are those of `bench` that they share. Raises AppError when a spec cannot be
    measured at all.
    """
    rows: list[Row] = []
    left_out: list[tuple[Spec, str]] = []
    for spec in specs:
        told(str(spec))
        found = _measure(spec, arguments)
        for total in found["total"]:
            name = "" if total["recording"] == "total" else f" ({total['recording'][7:]})"
            figures = {key: value for key, value in total.items() if key != "recording"}
            rows.append({"setup": f"{spec}{name}", **figures, "peak_mb": found["rss_mb"]})
        left_out += [(spec, reason) for reason in found.get("left_out", [])]
    return rows, left_out


def _measure(spec: Spec, arguments: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        done = subprocess.run(
            [*program(), "bench", *arguments, *spec.arguments, "--json", str(out)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        if not out.exists():  # it is written in the end, also where recordings were left out
            raise AppError(f"{spec} was not measured: {_reason(done)}", hint=_hint(done))
        found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return found


def _reason(done: subprocess.CompletedProcess[str]) -> str:
    said = [line for line in done.stderr.splitlines() if line.startswith("captionist: ")]
    if said:
        return said[-1].removeprefix("captionist: ").removesuffix(".")
    return f"it ended with {done.returncode}"


def _hint(done: subprocess.CompletedProcess[str]) -> str:
    lines = done.stderr.splitlines()
    return lines[-1].strip() if lines and lines[-1].startswith("  ") else ""
