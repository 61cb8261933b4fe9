"""What several commands share: options, settings, and finding out early what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.settings import Settings

Command = TypeVar("Command", bound="Callable[..., Any]")

DEVICE_SOURCES = ("mic", "system")


def recognition_options(command: Command) -> Command:
    """`--model` and `--language`; unset they are the settings' own."""
    model = click.option("--model", metavar="M", help="Model to recognise with; '' for none.")
    language = click.option(
        "--language",
        metavar="L",
        help="Spoken language, such as en; several (ko,en) to choose from, or auto.",
    )
    return model(language(command))


def chosen_model(model: str | None) -> str:
    return settings().recognition.model if model is None else model


def chosen_language(language: str | None) -> str:
    return settings().recognition.language if language is None else language


def settings() -> Settings:
    from app.core.paths import default_paths
    from app.core.settings import load_settings

    return load_settings(default_paths().settings).settings
