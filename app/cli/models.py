"""`captionist models`: the models on this machine."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from app.modelstore.manifest import ModelManifest
    from app.modelstore.sources import Progress
    from app.modelstore.store import InstalledModel, ModelStore

PACKAGE = ".argosmodel"
LINE_EVERY = 10
"""Percent between two lines of progress where no bar can be drawn."""


@click.group()
def models() -> None:
    """Fetch, add, convert, check and remove models."""


@models.command("list")
def list_models() -> None:
    """Show the models that are here or can be pulled.

    Into a file or a pipe: name, size, installed, languages, separated by tabs.
    """
    rows = list(_rows(_store()))
    if not sys.stdout.isatty():
        for row in rows:
            click.echo("\t".join((row.name, row.size, row.installed, row.languages)))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("Name", "Size", "Installed", "Languages", box=None, header_style="bold")
    for row in rows:
        table.add_row(row.name, row.size, row.installed, row.languages)
    Console().print(table)


@models.command()
@click.argument("name")
@click.option("--accept-license", is_flag=True, help="Agree to the conditions of the model.")
def pull(name: str, accept_license: bool) -> None:
    """Download the model NAME and check it; a second try goes on from the first.

    Packages of Argos Translate are called argos-SOURCE-TARGET, for example argos-de-en.
    """
    store = _store()
    accepted = accept_license or _agreed(store, name)
    with _shown_progress() as show:
        folder = store.pull(name, show, accepted=accepted)
    click.echo(f"The model {name} is ready in {folder}")


@models.command()
@click.argument("source", metavar="DIR|FILE", type=click.Path(path_type=Path))
@click.option("--name", default="", help="What to call it: letters, digits, . _ and -.")
def add(source: Path, name: str) -> None:
    """Take in DIR, a folder with a Whisper or an NLLB model for CTranslate2.

    With --name voices, one with the files that tell speakers apart. FILE is a package of Argos
    Translate (.argosmodel), which is called after its languages if it gets no name.
    """
    path = source.expanduser().absolute()
    if path.suffix == PACKAGE:
        place = _store().add_package(path, name)
    elif name:
        place = _store().add(path, name)
    else:
        raise click.UsageError("A folder needs a name: add --name NAME")
    click.echo(f"The model {place.name} is ready in {place}")


@models.command()
@click.argument("name")
def verify(name: str) -> None:
    """Compare every file of the model NAME with its SHA-256."""
    count = _store().verify(name)
    click.echo(f"The model {name} is intact: {count} files checked")


@models.command()
@click.argument("name")
def remove(name: str) -> None:
    """Delete the model NAME and what is left of its download."""
    _store().remove(name)
    click.echo(f"The model {name} was removed")


@models.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    required=True,
    type=click.Path(path_type=Path),
    help="Where the new model goes.",
)
@click.option("--int8", is_flag=True, help="Smaller and faster, a little less exact.")
def convert(file: Path, folder: Path, int8: bool) -> None:
    """Make FILE, Streaming Sortformer as NVIDIA publishes it (.nemo), usable here.

    Needs torch and NeMo: pip install 'captionist[nemo]'. With --int8 FILE can also be a model that
    was converted before (.onnx).
    """
    from app.speech.diarize.convert import convert as convert_model

    def tell(line: str) -> None:
        click.echo(line, err=True)

    place = convert_model(
        file.expanduser().absolute(), folder.expanduser().absolute(), int8=int8, tell=tell
    )
    click.echo(f"The model is ready in {place}")


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    size: str
    installed: str
    languages: str


def _store() -> ModelStore:
    from app.core.paths import default_paths
    from app.modelstore.store import ModelStore

    return ModelStore(default_paths().models)


def _rows(store: ModelStore) -> Iterator[_Row]:
    installed = {model.name: model for model in store.installed()}
    for manifest in store.known():
        model = installed.pop(manifest.name, None)
        languages = _languages(manifest)
        yield _Row(manifest.name, _megabytes(manifest.size), _state(model), languages)
    for model in installed.values():
        languages = _languages(model)
        yield _Row(model.name, _megabytes(model.size), _state(model), languages)


def _state(model: InstalledModel | None) -> str:
    if model is None:
        return "no"
    return "yes" if model.complete else "damaged"


def _languages(model: ModelManifest | InstalledModel) -> str:
    if model.pair:
        from app.translate.languages import english_name, from_argos

        return " to ".join(english_name(from_argos(code)) for code in model.pair)
    return "many" if model.multilingual else "English"


def _agreed(store: ModelStore, name: str) -> bool:
    """Ask the person at a terminal; a script has to say so itself."""
    conditions = store.manifest(name).conditions
    there = any(model.name == name and model.complete for model in store.installed())
    if not conditions or there or not sys.stdin.isatty():
        return False
    click.echo(conditions, err=True)
    return click.confirm("Do you agree?", err=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.0f} MB"


def _shown_progress() -> AbstractContextManager[Callable[[Progress], None]]:
    return _bar() if sys.stderr.isatty() else _lines()


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("connecting", total=None)

        def show(progress: Progress) -> None:
            bars.update(
                task,
                description=progress.name,
                completed=progress.done_bytes,
                total=progress.total_bytes,
            )

        yield show


@contextmanager
def _lines() -> Iterator[Callable[[Progress], None]]:
    shown = -1

    def show(progress: Progress) -> None:
        nonlocal shown
        percent = 100 * progress.done_bytes // max(progress.total_bytes, 1)
        step = percent // LINE_EVERY * LINE_EVERY
        if step > shown:
            shown = step
            click.echo(f"{progress.name}: {step} % of {_megabytes(progress.total_bytes)}", err=True)

    yield show
