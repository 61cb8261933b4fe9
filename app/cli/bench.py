"""`captionist bench`: recognition measured against references."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.decoding import Wishes, arguments, decoding_options
from app.cli.joining import join, joined_option
from app.cli.options import chosen_model, language_option
from app.cli.wording import Words, wording_options
from app.core.languages import languages_of
from app.platforms.process import prepare_process
from app.speech.transcribe.decoding import POLICIES
from app.speech.transcribe.presets import PRESETS

if TYPE_CHECKING:
    from app.bench.compare import Spec
    from app.bench.manifest import Recording
    from app.bench.run import Setup
    from app.bench.speakers import Judge, SpeakerResult
    from app.bench.table import Row
    from app.bench.usable import LeftOut
    from app.speech.transcribe.device import Device

COUNTERS = {"jiwer": "jiwer", "whisper_normalizer": "whisper-normalizer"}
"""Modules that only the extra [bench] brings, and the names of their packages."""


@click.command()
@click.argument("manifest", type=click.Path(path_type=Path))
@click.option("--model", metavar="M", help="Model to measure.")
@language_option("Only recordings in this language; all, if not given.")
@click.option("--auto", is_flag=True, help="Let the program find the language.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="The first N recordings.")
@joined_option
@click.option(
    "--reference",
    is_flag=True,
    help="Also faster-whisper on whole files: the same model, int8, 5 beams, 1 thread.",
)
@click.option(
    "--compare",
    metavar="SPECS",
    callback=lambda _ctx, _param, text: _specs(text),
    help="Several in one table: POLICY:MODEL or POLICY:MODEL:PRESET, such as "
    "alignatt:tiny.en,alignatt:base:accurate,offline:base.",
)
@click.option(
    "--diarize",
    type=click.Choice(["live", "final"]),
    help="Who is heard speaking instead: recordings with an RTTM file beside them.",
)
@click.option(
    "--translate",
    metavar="LANGUAGE",
    help="How well and how late captions are translated instead, on recordings of --language.",
)
@click.option(
    "--json", "json_path", type=click.Path(path_type=Path), metavar="OUT", help="Also as JSON."
)
@decoding_options
@wording_options
def bench(
    *,
    manifest: Path,
    model: str | None,
    language: str | None,
    auto: bool,
    limit: int | None,
    joined: float | None,
    reference: bool,
    compare: list[Spec],
    diarize: str | None,
    translate: str | None,
    json_path: Path | None,
    wishes: Wishes,
    words: Words,
) -> None:
    """Measure MANIFEST, a refs.tsv or its folder, on the virtual clock.

    A recording that cannot be read is told and left out; the exit code is 1 then. Recordings that
    are heard together (--joined) have the name of the first; --limit counts each of them.

    For each recording: word error rate (character error rate for Korean and for languages that
    write no spaces between words) of the committed words, of what is stored and of an offline pass;
    seconds from the true end of a word (or character) to its commitment; how far its start is from
    the true start; CPU seconds per second of audio. The machine is not measured: without --preset
    it is balanced.

    Times are true where the recordings come with them (words.tsv, STEM.words.tsv). Else MODEL is
    made to place every word of the reference on the sound, after the measuring and outside of its
    CPU seconds: at once up to 30 s, by STEM.segments.tsv where there is one, else in windows cut
    where an offline pass is right. Ends are right to about 0.1 s.

    With --diarize: diarization error rate without a collar, overlap scored, and its parts; Jaccard
    error rate; true and found speakers; live also by what was told within three seconds. With
    --model as well: the words of an offline pass given to those speakers, as word error rate under
    the best pairing with the true ones (cpWER), where STEM.words.tsv has a column speaker;
    --language is then what they speak.

    With --translate: seconds from a final caption to its translation, seconds between two live
    updates, CPU seconds of translation per second of audio, words taken back per word that stands
    (up to the first final translation, and with revisions), chrF against the translation of the
    reference text, and seconds from a word to its commitment with translation and without it.
    """
    _check_options(model, compare, diarize, translate, joined)
    if diarize is not None:
        prepare_process()
        _speakers(manifest, diarize, json_path, limit, _judge(model, language))
        return
    require_packages()
    prepare_process()
    from app.bench.manifest import read_manifest
    from app.bench.run import Setup
    from app.bench.usable import LeftOut
    from app.speech.transcribe.guidance import Guidance

    left_out = LeftOut()
    recordings = left_out.without_bad_files(_wanted(read_manifest(manifest), language)[:limit])
    _warn(left_out.reasons)
    left_out.check(recordings)
    if joined and not compare:  # who is compared joins them anew
        recordings = join(recordings, joined)
    if translate is not None:
        _translations(recordings, chosen_model(model), translate, json_path)
    elif compare:
        shared = _shared_arguments(click.get_current_context().params, wishes)
        _compare(compare, shared, json_path, left_out)
    else:
        setup = Setup(
            chosen_model(model),
            wishes.policy,
            wishes.decoding,
            "auto" if auto else None,
            Guidance(words.translate, words.vocabulary),
            reference,
        )
        _measure(setup, recordings, json_path, left_out)
    if left_out.reasons:
        click.get_current_context().exit(1)


def _check_options(
    model: str | None,
    compare: list[Spec],
    diarize: str | None,
    translate: str | None,
    joined: float | None,
) -> None:
    """Raises UsageError for options of which one would be ignored."""
    if sum(map(bool, (compare, diarize, translate))) > 1:
        raise click.UsageError("--compare, --diarize and --translate exclude each other.")
    if diarize and joined:
        raise click.UsageError("--joined measures recognition: leave it out with --diarize.")
    if not compare:
        return
    source = click.get_current_context().get_parameter_source
    if model is not None or source("policy") is not click.core.ParameterSource.DEFAULT:
        raise click.UsageError("--compare names policies and models: leave --policy, --model out.")


def _wanted(recordings: list[Recording], language: str | None) -> list[Recording]:
    """Those in `language`, one code or several. Raises AppError if there are none."""
    from app.core.errors import AppError

    codes = languages_of(language or "auto")
    found = [recording for recording in recordings if not codes or recording.language in codes]
    if not found:
        there = ", ".join(sorted({recording.language for recording in recordings}))
        raise AppError(f"No recording is in {language}", hint=f"The list has {there}.")
    return found


def _translations(
    recordings: list[Recording], model: str, target: str, json_path: Path | None
) -> None:
    from app.bench.translation import TranslationBench, measure_all
    from app.cli.translating import wish_for
    from app.core.paths import default_paths

    wish = wish_for(target, None, None)
    if len(wish.targets) != 1:
        raise click.UsageError("--translate takes one language here.")
    results, rows = measure_all(TranslationBench(default_paths(), model, wish), recordings, _tell)
    _tell("")
    _print(rows)
    for result in results:
        click.echo(f"{result.name}\tlive: {result.text}\toffline: {result.offline}")
    if json_path is not None:
        texts = {result.name: [result.text, result.offline] for result in results}
        _write(json_path, {"files": rows[:-1], "total": rows[-1], "texts": texts, "model": model})


def _judge(model: str | None, language: str | None) -> Judge | None:
    """What counts errors in the words of speakers, if a model was named that recognises them."""
    if model is None:
        return None
    require_packages()
    from app.bench.cpwer import WordJudge, whole_hearing
    from app.core.paths import default_paths

    spoken = language or "auto"
    return WordJudge(whole_hearing(default_paths(), model, spoken), spoken)


def _speakers(
    folder: Path, how: str, json_path: Path | None, limit: int | None, judge: Judge | None
) -> None:
    from app.bench.speakers import measure_all, measure_final, measure_live, with_turns
    from app.core.paths import default_paths
    from app.modelstore.store import ModelStore
    from app.platforms.usage import peak_memory_mb
    from app.speech.diarize.embedded import EmbeddedDiarizer, load_voices
    from app.speech.diarize.offline import WholeDiarizer

    pairs = with_turns(folder)[:limit]
    voices = load_voices(ModelStore(default_paths().models).locate("voices"))

    def measure(audio: Path, rttm: Path) -> SpeakerResult:
        if how == "live":
            return measure_live(audio, rttm, EmbeddedDiarizer(lambda: voices), judge)
        return measure_final(audio, rttm, WholeDiarizer(lambda: voices), judge)

    rows = measure_all(pairs, measure, _tell)
    _tell("")
    _print(rows)
    click.echo(f"peak memory {peak_memory_mb():.0f} MB")
    if json_path is not None:
        _write(json_path, {"diarize": how, "files": rows[:-1], "total": rows[-1]})


def require_packages() -> None:
    """Raise AppError if what counts errors is missing: now, not after an hour of measuring."""
    from importlib.util import find_spec

    from app.core.errors import AppError

    missing = [name for module, name in COUNTERS.items() if find_spec(module) is None]
    if missing:
        raise AppError(
            f"Packages that count errors are not installed: {', '.join(missing)}",
            hint="Install them with: pip install 'captionist[bench]'",
        )


def _measure(
    setup: Setup, recordings: list[Recording], json_path: Path | None, left_out: LeftOut
) -> None:
    from app.bench.run import Bench
    from app.bench.table import row_of, totals
    from app.core.paths import default_paths

    device = _device()
    work = Bench(default_paths(), setup)
    known = left_out.reasons
    heard = work.hear_all(recordings, left_out, _tell)
    _tell("")
    left_out.check(heard)
    _warn([reason for reason in left_out.reasons if reason not in known])
    results = [work.judge(*pair) for pair in heard]
    files, total = [row_of(result) for result in results], totals(results)
    _print([*files, *total])
    click.echo(f"peak memory {work.peak_memory_mb:.0f} MB, on {device}")
    if json_path is not None:
        found: dict[str, object] = {"files": files, "total": total, "rss_mb": work.peak_memory_mb}
        found |= {"device": asdict(device), "left_out": left_out.reasons}
        _write(json_path, {"policy": setup.policy, "model": setup.model, **found})


def _device() -> Device:
    """Where the model will be loaded; should that fail there, a warning says so."""
    from app.speech.transcribe import device
    from app.speech.transcribe.ct2 import ctranslate2

    logging.getLogger(device.__name__).setLevel(logging.WARNING)
    return device.find_device(ctranslate2)


def _compare(
    specs: list[Spec], shared: list[str], json_path: Path | None, left_out: LeftOut
) -> None:
    from app.bench.compare import measure_apart

    _check_models(specs)
    rows, problems = measure_apart(specs, shared, _tell)
    _tell("")
    _print(rows)
    known = left_out.reasons
    reasons = [f"{spec}: {reason}" for spec, reason in problems if reason not in known]
    _warn(reasons)
    if json_path is not None:
        _write(json_path, {"compared": rows, "left_out": [*known, *reasons]})
    if reasons:
        click.get_current_context().exit(1)


def _check_models(specs: list[Spec]) -> None:
    """Raises ModelError before the first is measured if the last is not there."""
    from app.core.paths import default_paths
    from app.modelstore.store import ModelStore

    store = ModelStore(default_paths().models)
    for spec in specs:
        store.locate(spec.model)


def _specs(text: str | None) -> list[Spec]:
    from app.bench.compare import parse_specs

    try:
        return parse_specs(text, POLICIES, list(PRESETS)) if text else []
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from exc


def _shared_arguments(given: dict[str, object], wishes: Wishes) -> list[str]:
    """What every measurement of a comparison is asked for, as it was on the command line."""
    shared = [str(given["manifest"]), *arguments(wishes.decoding)]
    for name in ("language", "limit", "joined", "task", "vocabulary"):
        if given[name] is not None:
            shared += [f"--{name}", str(given[name])]
    return shared + [f"--{name}" for name in ("auto", "reference") if given[name]]


def _tell(name: str) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{name}", nl=False, err=True)


def _warn(reasons: list[str]) -> None:
    for reason in reasons:
        click.echo(f"captionist: {reason}.", err=True)


def _print(rows: list[Row]) -> None:
    """A table on a terminal, else columns with tabs between them."""
    if sys.stdout.isatty():
        _print_table(rows)
        return
    click.echo("\t".join(rows[0]))
    for row in rows:
        click.echo("\t".join(_shown(value) for value in row.values()))


def _print_table(rows: list[Row]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table()
    for name, value in rows[0].items():
        table.add_column(name, justify="left" if isinstance(value, str) else "right")
    for row in rows:
        table.add_row(*map(_shown, row.values()))
    Console().print(table)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _write(path: Path, content: dict[str, object]) -> None:
    from app.export.formats import write_export

    write_export(path, json.dumps(content, indent=1) + "\n")
