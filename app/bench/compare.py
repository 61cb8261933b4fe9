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
    policy: str
    model: str

    def __str__(self) -> str:
        return f"{self.policy}:{self.model}"


def parse_specs(text: str, policies: Sequence[str]) -> list[Spec]:
    """`policy:model,policy:model`; raises ValueError with a sentence for the user."""
    specs = []
    for part in text.split(","):
        policy, colon, model = part.strip().partition(":")
        if not colon or not model or policy not in policies:
            raise ValueError(f"{part.strip()!r} is not POLICY:MODEL; {', '.join(policies)}")
        specs.append(Spec(policy, model))
    return specs


def program() -> list[str]:
    """How this program is started again."""
    frozen = getattr(sys, "frozen", False)
    return [sys.executable] if frozen else [sys.executable, "-m", "app"]


def measure_apart(
    specs: Sequence[Spec], arguments: Sequence[str], told: Callable[[str], object]
) -> list[Row]:
    """A row for each of `specs`; `arguments` are those of `bench` that they share.

    Raises AppError when one of them cannot be measured.
    """
    rows: list[Row] = []
    for spec in specs:
        told(str(spec))
        found = _measure(spec, arguments)
        for total in found["total"]:
            name = "" if total["recording"] == "total" else f" ({total['recording'][7:]})"
            figures = {key: value for key, value in total.items() if key != "recording"}
            rows.append({"setup": f"{spec}{name}", **figures, "peak_mb": found["rss_mb"]})
    return rows


def _measure(spec: Spec, arguments: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        chosen = ["--policy", spec.policy, "--model", spec.model, "--json", str(out)]
        done = subprocess.run(
            [*program(), "bench", *arguments, *chosen],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        if done.returncode or not out.exists():
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
