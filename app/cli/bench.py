"""`captionist bench`: recognition measured against references."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.options import chosen_model
from app.cli.wording import Words, wording_options
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from app.bench.run import Result
    from app.bench.score import Errors


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option("--model", metavar="M", help="Model to measure.")
@click.option("--language", metavar="L", help="Only these recordings; all, if not given.")
@click.option("--auto", is_flag=True, help="Let the program find the language.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The first N recordings.")
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), metavar="OUT", help="Also as JSON."
)
@wording_options
def bench(
    *,
    manifest: Path,
    model: str | None,
    language: str | None,
    auto: bool,
    limit: int | None,
    json_path: Path | None,
    words: Words,
) -> None:
    """Measure MANIFEST, a refs.tsv or its folder, on the virtual clock.

    For each recording: word error rate (character error rate for Korean, Japanese, Chinese) of the
    committed words, of what is stored and of an offline pass; seconds from the true end of a word
    to its commitment; CPU seconds per second of audio.
    """
    prepare_process()
    from app.bench.manifest import read_manifest
    from app.bench.run import Bench
    from app.core.paths import default_paths
    from app.speech.transcribe.guidance import Guidance

    every = [r for r in read_manifest(manifest) if language in (None, r.language)]
    recordings = every[:limit]
    guidance = Guidance(words.translate, words.vocabulary)
    work = Bench(default_paths(), chosen_model(model), "auto" if auto else None, guidance)
    heard = work.hear_all(recordings, _tell)
    _tell("")
    results = [work.judge(*pair) for pair in zip(recordings, heard, strict=True)]
    rows = [*map(_row, results), _row(_total(results))] if results else []
    click.echo("\t".join(rows[0]) if rows else "No recording matches.")
    for row in rows:
        click.echo("\t".join(_shown(value) for value in row.values()))
    click.echo(f"peak memory {work.peak_memory_mb:.0f} MB")
    if json_path is not None:
        _write(json_path, {"files": rows[:-1], "total": rows[-1:], "rss_mb": work.peak_memory_mb})


def _tell(name: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{name}", nl=False, err=True)


def _total(results: list[Result]) -> Result:
    first, *rest = results
    for result in rest:
        first = dataclasses.replace(
            first,
            audio=first.audio + result.audio,
            live=first.live + result.live,
            stored=first.stored + result.stored,
            offline=first.offline + result.offline,
            cpu=first.cpu + result.cpu,
            late=first.late + result.late,
        )
    return dataclasses.replace(first, name="total")


def _row(result: Result) -> dict[str, Any]:
    import numpy as np

    late = np.array(result.late or [np.nan])
    return {
        "recording": result.name,
        "audio_s": result.audio,
        "units": result.live.length,
        "live_pct": _percent(result.live),
        "stored_pct": _percent(result.stored),
        "offline_pct": _percent(result.offline),
        "late_mean_s": float(late.mean()),
        "late_p50_s": float(np.percentile(late, 50)),
        "late_p95_s": float(np.percentile(late, 95)),
        "cpu_per_s": result.cpu / max(result.audio, 1e-9),
    }


def _percent(errors: Errors) -> float:
    return 100 * errors.rate


def _shown(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _write(path: Path, content: dict[str, Any]) -> None:
    from app.export.formats import write_export

    write_export(path, json.dumps(content, indent=1) + "\n")
