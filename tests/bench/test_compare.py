"""Several setups, each measured by the program in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.bench.compare import Spec, measure_apart, parse_specs
from app.core.errors import AppError

POLICIES = ("alignatt", "offline")
PRESETS = ("balanced", "accurate")


def test_specs_name_policy_and_model() -> None:
    text = "alignatt:tiny.en, offline:my:model,alignatt:base:accurate, alignatt:my:model:balanced"
    specs = parse_specs(text, POLICIES, PRESETS)
    assert specs == [
        Spec("alignatt", "tiny.en"),
        Spec("offline", "my:model"),
        Spec("alignatt", "base", "accurate"),
        Spec("alignatt", "my:model", "balanced"),
    ]
    assert ",".join(map(str, specs)) == text.replace(", ", ",")


@pytest.mark.parametrize(
    "text", ["alignatt", "alignatt:", "magic:base", "", "offline:base,", "alignatt:accurate:"]
)
def test_other_specs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not POLICY:MODEL"):
        parse_specs(text, POLICIES, PRESETS)


class Children:
    """Stands in for `subprocess.run`: writes figures as `captionist bench --json` does."""

    def __init__(
        self, *totals: str, code: int = 0, said: str = "", left_out: tuple[str, ...] = ()
    ) -> None:
        self._totals, self._code, self._said = totals, code, said
        self._left_out = left_out
        self.commands: list[list[str]] = []

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if self._totals:
            rows = [{"recording": name, "live_pct": 12.5} for name in self._totals]
            figures = {"total": rows, "rss_mb": 300.0, "left_out": self._left_out}
            Path(command[-1]).write_text(json.dumps(figures), encoding="utf-8")
        return subprocess.CompletedProcess(command, self._code, "", self._said)


def measured(children: Children, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr(subprocess, "run", children.run)
    specs = parse_specs("alignatt:tiny.en,offline:base:accurate", POLICIES, PRESETS)
    rows, _ = measure_apart(specs, ["there", "--limit", "2"], lambda _: None)
    return [dict(row) for row in rows]


def test_each_setup_is_a_row_with_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    children = Children("total")
    assert measured(children, monkeypatch) == [
        {"setup": "alignatt:tiny.en", "live_pct": 12.5, "peak_mb": 300.0},
        {"setup": "offline:base:accurate", "live_pct": 12.5, "peak_mb": 300.0},
    ]
    first = children.commands[0]
    assert first[: len(first) - 1] == [
        *(sys.executable, "-m", "app", "bench", "there", "--limit", "2"),
        *("--policy", "alignatt", "--model", "tiny.en", "--json"),
    ]
    assert children.commands[1][9:-2] == ["--model", "base", "--preset", "accurate"]


def test_recordings_that_are_left_out_cost_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", Children("total", code=1, left_out=("a is out",)).run)
    (spec,) = parse_specs("offline:base", POLICIES, PRESETS)
    rows, left_out = measure_apart([spec], ["there"], lambda _: None)
    assert [row["setup"] for row in rows] == ["offline:base"]
    assert left_out == [(spec, "a is out")]


def test_words_and_characters_have_rows_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = measured(Children("total, words", "total, characters"), monkeypatch)
    assert [row["setup"] for row in rows[:2]] == [
        "alignatt:tiny.en (words)",
        "alignatt:tiny.en (characters)",
    ]


def test_a_failure_is_told_with_what_the_program_said(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "captionist: There is no model 'base'.\n  Pull it first.\n"
    with pytest.raises(AppError, match=r"alignatt:tiny\.en was not measured: There is") as error:
        measured(Children(code=1, said=said), monkeypatch)
    assert error.value.hint == "Pull it first."
