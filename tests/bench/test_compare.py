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


def test_specs_name_policy_and_model() -> None:
    assert parse_specs("alignatt:tiny.en, offline:my:model", POLICIES) == [
        Spec("alignatt", "tiny.en"),
        Spec("offline", "my:model"),
    ]


@pytest.mark.parametrize("text", ["alignatt", "alignatt:", "magic:base", "", "offline:base,"])
def test_other_specs_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not POLICY:MODEL"):
        parse_specs(text, POLICIES)


class Children:
    """Stands in for `subprocess.run`: writes figures as `captionist bench --json` does."""

    def __init__(self, *totals: str, code: int = 0, said: str = "") -> None:
        self._totals, self._code, self._said = totals, code, said
        self.commands: list[list[str]] = []

    def run(self, command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        self.commands.append(command)
        if not self._code:
            rows = [{"recording": name, "live_pct": 12.5} for name in self._totals]
            figures = {"total": rows, "rss_mb": 300.0}
            Path(command[-1]).write_text(json.dumps(figures), encoding="utf-8")
        return subprocess.CompletedProcess(command, self._code, "", self._said)


def measured(children: Children, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    monkeypatch.setattr(subprocess, "run", children.run)
    specs = parse_specs("alignatt:tiny.en,offline:base", POLICIES)
    return [dict(row) for row in measure_apart(specs, ["there", "--limit", "2"], lambda _: None)]


def test_each_setup_is_a_row_with_its_own_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    children = Children("total")
    assert measured(children, monkeypatch) == [
        {"setup": "alignatt:tiny.en", "live_pct": 12.5, "peak_mb": 300.0},
        {"setup": "offline:base", "live_pct": 12.5, "peak_mb": 300.0},
    ]
    first = children.commands[0]
    assert first[: len(first) - 1] == [
        *(sys.executable, "-m", "app", "bench", "there", "--limit", "2"),
        *("--policy", "alignatt", "--model", "tiny.en", "--json"),
    ]


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
