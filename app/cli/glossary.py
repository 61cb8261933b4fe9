"""`captionist glossary`: how the user wants terms to be translated."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def glossary() -> None:
    """How terms are to be translated, in finished translations of every meeting."""


@glossary.command("list")
def list_entries() -> None:
    """Show the table: term, tab, translation and, for one language only, tab and language."""
    from app.translate.glossary import row
    from app.translation import load_glossary

    for entry in load_glossary(_path()).entries:
        click.echo(row(entry), nl=False)


@glossary.command("add")
@click.argument("term")
@click.argument("translation")
@click.option("--language", default="", metavar="L", help="Only in translations into this one.")
def add_entry(*, term: str, translation: str, language: str) -> None:
    """Translate TERM as TRANSLATION."""
    from app.translate.glossary import Entry, added
    from app.vocabulary.files import read_list, write_list

    if term.lstrip().startswith("#"):
        raise click.UsageError("In this list # begins a comment; leave it out.")
    if not term.strip() or not translation.strip():
        raise click.UsageError("TERM and TRANSLATION must not be empty.")
    entry = Entry(term, translation, _code(language))
    write_list(_path(), added(read_list(_path()), [entry]))


@glossary.command("remove")
@click.argument("term")
@click.option("--language", default="", metavar="L", help="The entry for this language.")
def remove_entry(*, term: str, language: str) -> None:
    """Leave TERM to the engine."""
    from app.translate.glossary import removed
    from app.vocabulary.files import read_list, write_list

    write_list(_path(), removed(read_list(_path()), term, _code(language)))


@glossary.command("import")
@click.argument("file", type=click.Path(path_type=Path))
def import_entries(*, file: Path) -> None:
    """Add the table in FILE, in place of other translations of the same terms."""
    from app.translate.glossary import added
    from app.translation import load_glossary
    from app.vocabulary.files import read_list, write_list

    entries = load_glossary(file, must_exist=True).entries
    write_list(_path(), added(read_list(_path()), entries))


@glossary.command("export")
@click.argument("file", type=click.Path(path_type=Path))
def export_entries(*, file: Path) -> None:
    """Write the table to FILE."""
    from app.vocabulary.files import read_list, write_list

    write_list(file, read_list(_path()))


def _code(language: str) -> str:
    """Raises LanguageError for one that is not known."""
    from app.translate.languages import parse_target

    return parse_target(language) if language.strip() else ""


def _path() -> Path:
    from app.core.paths import default_paths

    return default_paths().glossary
