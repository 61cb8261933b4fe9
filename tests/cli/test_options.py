"""Options that several commands share."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from app.cli.options import chosen_language, language_option, recognition_options
from app.core.paths import default_paths


@click.command()
@recognition_options
def recognise(*, model: str | None, language: str | None) -> None:
    click.echo(f"{model} {chosen_language(language)}")


@click.command()
@language_option("Spoken language.")
def again(*, language: str | None) -> None:
    click.echo(repr(language))


@pytest.mark.parametrize(
    ("given", "meant"),
    [("zh-TW", "zh"), ("pt_BR", "pt"), ("ko, en-US", "ko,en"), ("auto", "auto"), ("de", "de")],
)
def test_a_language_may_be_given_with_a_region(given: str, meant: str) -> None:
    done = CliRunner().invoke(recognise, ["--language", given])
    assert done.output == f"None {meant}\n"
    assert CliRunner().invoke(again, ["--language", given]).output == f"{meant!r}\n"


def test_a_language_that_is_not_given_is_that_of_the_settings() -> None:
    settings = default_paths().settings
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text('{"recognition": {"language": "zh_TW"}}', encoding="utf-8")
    assert CliRunner().invoke(recognise, []).output == "None zh\n"
    assert CliRunner().invoke(again, []).output == "None\n"
    assert CliRunner().invoke(again, ["--language", ""]).output == "''\n"
