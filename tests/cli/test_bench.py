"""`captionist bench` on a small list, with a real model."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from app.cli.bench import bench
from app.core.errors import AppError
from app.core.resources import resource
from tests.programs import run_captionist
from tests.test_cli_contract import assert_told

TEXT = resource("selftest.txt").read_text(encoding="utf-8").strip()


def listed(folder: Path, *rows: str) -> Path:
    shutil.copy(resource("selftest.flac"), folder / "clip.flac")
    lines = ["file\tlanguage\ttranscript", *rows]
    (folder / "refs.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.mark.model
def test_a_recording_is_measured_live_stored_and_offline(
    tiny_en_store: Path, tmp_path: Path
) -> None:
    folder = listed(tmp_path, f"clip.flac\ten\t{TEXT}", "other.flac\tko\t안녕")
    out = tmp_path / "out.json"
    done = run_captionist(
        *("bench", str(folder), "--model", "tiny.en", "--language", "en", "--json", str(out)),
        CAPTIONIST_MODELS=str(tiny_en_store),
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    head, clip, total, memory = done.stdout.splitlines()
    assert head.split("\t")[:3] == ["recording", "audio_s", "units"]
    assert clip.startswith("clip.flac\t")
    assert total.startswith("total\t")
    assert memory.startswith("peak memory ")
    assert "(int8" in memory or "float" in memory, "where the model ran"
    written = json.loads(out.read_text(encoding="utf-8"))
    (row,) = written["files"]
    assert row["units"] == len(TEXT.split())
    assert row["audio_s"] == pytest.approx(8.0, abs=0.6)
    assert max(row["stored_pct"], row["offline_pct"]) <= 20
    assert row["live_pct"] <= 35
    assert 0 < row["late_mean_s"] < row["late_p95_s"] < 10
    assert row["cpu_per_s"] > 0
    assert written["rss_mb"] > 100
    assert written["device"]["kind"] in ("cpu", "cuda")


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert_told(run_captionist("bench", str(tmp_path / "nowhere")), "nowhere")


def test_missing_packages_are_told_before_anything_is_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "whisper_normalizer", None)
    with pytest.raises(AppError) as told:
        bench.main([str(tmp_path / "nowhere")], standalone_mode=False)
    assert str(told.value) == "Packages that count errors are not installed: whisper-normalizer"
    assert "captionist[bench]" in told.value.hint


def test_words_of_speakers_need_these_packages_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jiwer", None)
    with pytest.raises(AppError) as told:
        bench.main([str(tmp_path), "--diarize", "final", "--model", "base"], standalone_mode=False)
    assert str(told.value) == "Packages that count errors are not installed: jiwer"


def test_no_recording_of_a_language_is_told(tmp_path: Path) -> None:
    folder = listed(tmp_path, f"clip.flac\ten\t{TEXT}", "clip.flac\tde\tnein")
    done = run_captionist("bench", str(folder), "--language", "ko", "--model", "tiny.en")
    assert_told(done, "No recording is in ko", "de, en")


@pytest.mark.model
def test_bad_files_cost_only_themselves(tiny_en_store: Path, tmp_path: Path) -> None:
    rows = [f"{name}\ten\tnothing" for name in ("gone.flac", "empty.wav", "silent.wav")]
    folder = listed(tmp_path, *rows, f"clip.flac\tEN_us\t{TEXT}", "hidden.flac\tko\t안녕")
    (folder / "empty.wav").touch()
    soundfile.write(folder / "silent.wav", np.zeros(0, np.float32), 16_000)
    shutil.copy(folder / "clip.flac", folder / "hidden.flac")
    out = tmp_path / "out.json"
    for options in (("--model", "tiny.en"), ("--compare", "offline:tiny.en:balanced")):
        done = run_captionist(
            *("bench", str(folder), *options, "--json", str(out)),
            CAPTIONIST_MODELS=str(tiny_en_store),
        )
        assert done.returncode == 1
        written = json.loads(out.read_text(encoding="utf-8"))
        told = done.stderr.splitlines()
        names = ("gone.flac", "empty.wav", "silent.wav", "hidden.flac")
        assert [name for line, name in zip(told, names, strict=True) if name in line] == [*names]
        assert [f"captionist: {line}." for line in written["left_out"]] == told
        assert "English only" in told[-1]
        (total,) = written.get("total") or written["compared"]
        assert total["units"] == len(TEXT.split())


def test_without_any_usable_file_the_reason_is_told(tmp_path: Path) -> None:
    folder = listed(tmp_path, "gone.flac\ten\tnothing")
    done = run_captionist("bench", str(folder), "--model", "tiny.en")
    assert_told(done, "gone.flac does not exist")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--compare", "offline:base", "--model", "base"), "--model"),
        (("--compare", "offline:base", "--policy", "alignatt"), "--policy"),
        (("--compare", "offline:base", "--translate", "de"), "--translate"),
        (("--diarize", "live", "--translate", "de"), "--diarize"),
        (("--compare", "offline:base:"), "POLICY:MODEL:PRESET"),
        (("--diarize", "live", "--joined", "3"), "--joined"),
    ],
)
def test_options_that_would_be_ignored_are_refused(options: tuple[str, ...], named: str) -> None:
    done = CliRunner().invoke(bench, ["there", *options])
    assert done.exit_code == 2
    assert named in done.output


def test_every_model_is_looked_for_before_the_first_is_measured(tmp_path: Path) -> None:
    folder = listed(tmp_path, f"clip.flac\ten\t{TEXT}")
    done = run_captionist("bench", str(folder), "--compare", "offline:none,offline:neither")
    assert_told(done, "none")
    assert "was not measured" not in done.stderr


@pytest.mark.parametrize("given", ["-1", "nan", "inf", "1000", "soon", ""])
def test_what_is_no_pause_is_told(given: str) -> None:
    done = CliRunner().invoke(bench, ["there", "--joined", given])
    assert done.exit_code == 2
    assert f"{given!r} is not a pause of 0.1 to 60 seconds." in done.output


def test_no_pause_at_all_has_a_hint() -> None:
    done = CliRunner().invoke(bench, ["there", "--joined", "0.0"])
    assert done.exit_code == 2
    assert "leave --joined out" in done.output


@pytest.mark.model
def test_recordings_are_heard_as_one_stream(tiny_en_store: Path, tmp_path: Path) -> None:
    rows = [f"{name}\ten\t{TEXT}" for name in ("clip.flac", "gone.flac", "again.flac")]
    folder = listed(tmp_path, *rows)
    shutil.copy(folder / "clip.flac", folder / "again.flac")
    out, temporary = tmp_path / "out.json", tmp_path / "temporary"
    temporary.mkdir()
    for options in (("--model", "tiny.en"), ("--compare", "alignatt:tiny.en:balanced")):
        done = run_captionist(
            *("bench", str(folder), *options, "--joined", "3", "--json", str(out)),
            CAPTIONIST_MODELS=str(tiny_en_store),
            TMPDIR=str(temporary),
        )
        assert done.returncode == 1, "one of them is not there"
        assert "gone.flac is left out" in done.stderr
        written = json.loads(out.read_text(encoding="utf-8"))
        (total,) = written.get("total") or written["compared"]
        assert total["units"] == 2 * len(TEXT.split())
        assert total["audio_s"] == pytest.approx(2 * 8.0 + 3 + 2, abs=1.2)
        assert total["stored_pct"] <= 20
        assert total["live_pct"] <= 35
        assert 0 < total["late_mean_s"] < 2
        assert total["start_mae_s"] < 0.2
        assert not list(temporary.glob("captionist-*")), "nothing is left behind"
        assert [row["recording"] for row in written.get("files", [])] in ([], ["clip.flac +1"])
