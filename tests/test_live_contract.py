"""What `live --jsonl` and `transcribe` promise to scripts, with a real model and no torch."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from app.core.resources import resource
from app.selftest import share_heard
from tests.programs import ROOT, run_captionist
from tests.test_cli_contract import BAD_FILES, assert_told

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.model
KINDS = {"words", "preview", "final", "stats"}
WORD = {"text", "start", "end", "probability"}
FINAL = {"type", "utterance", "revision", "start", "end", "text", "language", "words", "emitted"}
STATS = {"type", "audio_s", "cpu_s", "wall_s", "peak_rss_mb"}
CLIP_SECONDS = 8.0

Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def records(tiny_en_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Records:
    """The lines of one run over our clip, with a `torch` that cannot be imported."""
    trap = tmp_path_factory.mktemp("trap")
    (trap / "torch.py").write_text("raise RuntimeError('torch was imported')", encoding="utf-8")
    done = run_captionist(
        *("live", str(resource("selftest.flac")), "--model", "tiny.en"),
        *("--pace", "fast", "--jsonl"),
        CAPTIONIST_MODELS=str(tiny_en_store),
        CAPTIONIST_DATA=str(trap / "data"),
        PYTHONPATH=f"{trap}:{ROOT}",
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _of(records: Records, kind: str) -> Records:
    return [record for record in records if record["type"] == kind]


def _stored_text(records: Records) -> str:
    """The text that counts: of every utterance its highest revision."""
    newest: dict[int, tuple[int, str]] = {}
    for record in _of(records, "final"):
        newest[record["utterance"]] = (record["revision"], record["text"])
    return " ".join(text.strip() for _utterance, (_revision, text) in sorted(newest.items()))


def _share_heard(text: str) -> float:
    return share_heard(resource("selftest.txt").read_text(encoding="utf-8"), text)


def test_every_line_is_of_a_known_kind_and_complete(records: Records) -> None:
    assert {record["type"] for record in records} == KINDS
    for record in _of(records, "words"):
        assert set(record) == {"type", "utterance", "words", "emitted"}
    for record in _of(records, "preview"):
        assert set(record) == {"type", "utterance", "text", "emitted"}
    for record in _of(records, "final"):
        assert set(record) == FINAL
        assert record["language"] == "en"


def test_the_last_line_tells_the_cost(records: Records) -> None:
    (stats,) = _of(records, "stats")
    assert records[-1] is stats
    assert set(stats) == STATS
    assert stats["audio_s"] == pytest.approx(CLIP_SECONDS, abs=0.6)
    assert all(stats[name] > 0 for name in STATS - {"type"})


def test_emitted_never_runs_backwards_nor_before_the_words_were_said(records: Records) -> None:
    emitted = [record["emitted"] for record in records[:-1]]
    assert emitted == sorted(emitted)
    for record in _of(records, "words"):
        for word in record["words"]:
            assert word["start"] <= record["emitted"]


def test_words_keep_their_leading_space_and_join_to_the_line(records: Records) -> None:
    for record in _of(records, "words") + _of(records, "final"):
        for word in record["words"]:
            assert set(word) == WORD
            assert word["text"].startswith(" ") or not any(map(str.isalnum, word["text"]))
            assert word["start"] <= word["end"]
            assert 0 <= word["probability"] <= 1
    for record in _of(records, "final"):
        joined = "".join(word["text"] for word in record["words"])
        assert joined.strip() == record["text"].strip()


def test_words_come_while_they_are_spoken(records: Records) -> None:
    first = _of(records, "words")[0]
    assert first["emitted"] < CLIP_SECONDS / 2


def test_revisions_rise_and_the_last_ones_hold_what_was_said(records: Records) -> None:
    revisions: dict[int, list[int]] = defaultdict(list)
    for record in _of(records, "final"):
        revisions[record["utterance"]].append(record["revision"])
    assert revisions
    for numbers in revisions.values():
        assert numbers == sorted(set(numbers))
    assert _share_heard(_stored_text(records)) >= 0.8


def test_committed_words_are_the_words_that_were_said(records: Records) -> None:
    words = [word["text"] for record in _of(records, "words") for word in record["words"]]
    assert _share_heard("".join(words)) >= 0.7


@pytest.mark.parametrize("format_name", ["json", "srt", "vtt", "txt"])
def test_transcribe_writes_each_format(
    format_name: str, tiny_en_store: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"out.{format_name}"
    done = run_captionist(
        *("transcribe", str(resource("selftest.flac")), "--model", "tiny.en"),
        *("--format", format_name, "-o", str(out)),
        CAPTIONIST_MODELS=str(tiny_en_store),
    )
    assert done.returncode == 0, done.stderr
    text = out.read_text(encoding="utf-8")
    if format_name == "json":
        json.loads(text)
    assert "the weather" in text


@pytest.mark.parametrize("command", ["live", "transcribe"])
@pytest.mark.parametrize("make", BAD_FILES)
def test_a_bad_file_is_told(
    command: str, make: Callable[[Path], Path], tiny_en_store: Path, tmp_path: Path
) -> None:
    path = make(tmp_path)
    done = run_captionist(
        *(command, str(path), "--model", "tiny.en"), CAPTIONIST_MODELS=str(tiny_en_store)
    )
    assert_told(done, path.name)


@pytest.mark.parametrize("command", ["live", "transcribe"])
@pytest.mark.parametrize("language", ["klingon", "de"])
def test_a_language_that_the_model_does_not_speak_is_told(
    command: str, language: str, tiny_en_store: Path
) -> None:
    done = run_captionist(
        *(command, str(resource("selftest.flac"))),
        *("--model", "tiny.en", "--language", language),
        CAPTIONIST_MODELS=str(tiny_en_store),
    )
    assert_told(done, language)


@pytest.mark.parametrize("command", ["live", "transcribe"])
def test_a_corrupt_model_is_told_with_the_way_to_mend_it(
    command: str, tiny_en_store: Path, tmp_path: Path
) -> None:
    damaged = tmp_path / "models" / "tiny.en"
    shutil.copytree(tiny_en_store / "tiny.en", damaged)
    weights = damaged / "model.bin"
    weights.write_bytes(weights.read_bytes()[:1_000_000])
    done = run_captionist(
        *(command, str(resource("selftest.flac")), "--model", "tiny.en"),
        CAPTIONIST_MODELS=str(damaged.parent),
    )
    assert_told(done, "tiny.en", "captionist models")
