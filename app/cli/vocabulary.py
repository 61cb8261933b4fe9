"""`captionist vocabulary` and `captionist corrections`: the user's lists of words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.core.paths import Paths


@click.group()
def vocabulary() -> None:
    """Names and terms that recognition should expect in every meeting."""


@vocabulary.command("list")
def list_terms() -> None:
    """Show the terms, one a line."""
    from app.vocabulary.terms import load_vocabulary

    for term in load_vocabulary(_paths().vocabulary).terms:
        click.echo(term)


@vocabulary.command("add")
@click.argument("terms", nargs=-1, required=True, metavar="TERM…")
def add_terms(*, terms: tuple[str, ...]) -> None:
    """Add each TERM that is not in the list."""
    from app.vocabulary.files import read_list, write_list
    from app.vocabulary.terms import added

    _refuse_comments(*terms)
    path = _paths().vocabulary
    write_list(path, added(read_list(path), terms))


@vocabulary.command("remove")
@click.argument("terms", nargs=-1, required=True, metavar="TERM…")
def remove_terms(*, terms: tuple[str, ...]) -> None:
    """Take each TERM out of the list."""
    from app.vocabulary.files import read_list, write_list
    from app.vocabulary.terms import removed

    path = _paths().vocabulary
    write_list(path, removed(read_list(path), terms))


@vocabulary.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_terms(*, file: Path) -> None:
    """Add the terms in FILE, one a line; lines that begin with # are comments."""
    from app.vocabulary.files import read_list, write_list
    from app.vocabulary.terms import added, load_vocabulary

    path = _paths().vocabulary
    terms = load_vocabulary(file, must_exist=True).terms
    write_list(path, added(read_list(path), terms))


@vocabulary.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_terms(*, file: Path) -> None:
    """Write the list to FILE."""
    from app.vocabulary.files import read_list, write_list

    write_list(file, read_list(_paths().vocabulary))


@click.group()
def corrections() -> None:
    """What recognition hears wrong, and how it is written: applied to captions."""


@corrections.command("list")
def list_corrections() -> None:
    """Show the table: what is heard, a tab, what is written."""
    from app.vocabulary.corrections import load_corrections

    for correction in load_corrections(_paths().corrections):
        click.echo(f"{correction.heard}\t{correction.written}")


@corrections.command("add")
@click.argument("heard")
@click.argument("written")
def add_correction(*, heard: str, written: str) -> None:
    """Write WRITTEN wherever the whole words HEARD were heard."""
    from app.vocabulary.corrections import Correction, added
    from app.vocabulary.files import read_list, write_list

    _refuse_comments(heard)
    if not heard.strip() or not written.strip():
        raise click.UsageError("HEARD and WRITTEN must not be empty.")
    path = _paths().corrections
    write_list(path, added(read_list(path), Correction(heard, written)))


@corrections.command("remove")
@click.argument("heard")
def remove_correction(*, heard: str) -> None:
    """Leave HEARD as it is heard."""
    from app.vocabulary.corrections import removed
    from app.vocabulary.files import read_list, write_list

    path = _paths().corrections
    write_list(path, removed(read_list(path), heard))


@corrections.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_corrections(*, file: Path) -> None:
    """Add the table in FILE: two columns with a tab between them."""
    from app.vocabulary.corrections import added, load_corrections
    from app.vocabulary.files import read_list, write_list

    path = _paths().corrections
    text = read_list(path)
    for correction in load_corrections(file, must_exist=True):
        text = added(text, correction)
    write_list(path, text)


@corrections.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_corrections(*, file: Path) -> None:
    """Write the table to FILE."""
    from app.vocabulary.files import read_list, write_list

    write_list(file, read_list(_paths().corrections))


def _refuse_comments(*entries: str) -> None:
    if any(entry.lstrip().startswith("#") for entry in entries):
        raise click.UsageError("In these lists # begins a comment; leave it out.")


def _paths() -> Paths:
    from app.core.paths import default_paths

    return default_paths()
