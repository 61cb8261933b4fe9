"""Every policy on our own clip, with a real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.core.resources import resource
from app.selftest import share_heard
from tests.programs import run_captionist

pytestmark = pytest.mark.model
TEXT = resource("selftest.txt").read_text(encoding="utf-8")


def records(store: Path, *options: str) -> list[dict[str, Any]]:
    done = run_captionist(
        *("live", str(resource("selftest.flac")), "--model", "tiny.en"),
        *("--pace", "fast", "--jsonl", *options),
        CAPTIONIST_MODELS=str(store),
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def committed(told: list[dict[str, Any]]) -> str:
    return "".join(w["text"] for r in told if r["type"] == "words" for w in r["words"])


@pytest.mark.parametrize(
    "options",
    [
        ("--policy", "local-agreement", "--confidence-validation", "0.95"),
        ("--policy", "local-agreement", "--never-fire", "--buffer-trimming", "sentence"),
        ("--never-fire", "--preset", "ultra-fast"),
    ],
    ids=["agreement", "agreement, last word held", "alignatt, last word held"],
)
def test_words_come_live_and_only_once(tiny_en_store: Path, options: tuple[str, ...]) -> None:
    told = records(tiny_en_store, *options)
    text = committed(told)
    assert share_heard(TEXT, text) >= 0.8
    assert len(text.split()) <= len(TEXT.split()) + 1
    first = next(r for r in told if r["type"] == "words")
    assert first["emitted"] < 5.0


def test_offline_tells_only_what_is_stored(tiny_en_store: Path) -> None:
    told = records(tiny_en_store, "--policy", "offline")
    finals = [r for r in told if r["type"] == "final"]
    assert {r["type"] for r in told} == {"final", "stats"}
    assert {r["revision"] for r in finals} == {0}
    assert share_heard(TEXT, " ".join(r["text"] for r in finals)) >= 0.8
