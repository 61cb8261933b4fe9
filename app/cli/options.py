"""What several commands share: options, settings, and finding out early what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import click

from app.core.languages import spoken_choice

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.settings import Settings

Command = TypeVar("Command", bound="Callable[..., Any]")

BOTH = "mic+system"
DEVICE_SOURCES = ("mic", "system", BOTH)


def recognition_options(command: Command) -> Command:
    """`--model` and `--language`; unset they are the settings' own."""
    model = click.option("--model", metavar="M", help="Model to recognise with; '' for none.")
    help_text = "Spoken language, such as en; several (ko,en) to choose from, or auto."
    return model(language_option(help_text)(command))


def language_option(help_text: str) -> Callable[[Command], Command]:
    """`--language`, which takes tags with regions too; unset it is None, "" stays ""."""
    return click.option(
        "--language",
        metavar="L",
        callback=lambda _ctx, _param, text: spoken_choice(text) if text else text,
        help=help_text,
    )


def device_options(command: Command) -> Command:
    """`--device` and `--system-device`."""
    device = click.option(
        "--device", default="", metavar="NAME", help="Device, if not the default."
    )
    system = click.option(
        "--system-device",
        default="",
        metavar="NAME",
        help=f"With {BOTH}: the output whose sound to record, if not the default.",
    )
    return device(system(command))


def check_devices(source: str, system_device: str) -> None:
    """Raises UsageError for an output that nobody would listen to."""
    if system_device and source != BOTH:
        raise click.UsageError(f"--system-device needs the source {BOTH}.")


def chosen_model(model: str | None) -> str:
    return settings().recognition.model if model is None else model


def chosen_language(language: str | None) -> str:
    return spoken_choice(settings().recognition.language) if language is None else language


def settings() -> Settings:
    from app.core.paths import default_paths
    from app.core.settings import load_settings

    return load_settings(default_paths().settings).settings
