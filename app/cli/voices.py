"""`captionist voices`: the voices that the user lets the program remember."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def voices() -> None:
    """Voices that are remembered with their names, on this computer only.

    The setting "Remember voices that I name" turns this on.
    """


@voices.command("list")
def list_voices() -> None:
    """Show each name, how much speech its voice is known from, and from how many meetings."""
    from app.voices import load_profiles

    profiles = load_profiles(_path())
    if not profiles:
        click.echo("No voice is remembered.", err=True)
    for profile in profiles:
        meetings = len({sample.meeting for sample in profile.samples})
        count = f"{meetings} meeting" + ("" if meetings == 1 else "s")
        problem = f"\tignored: {profile.problem}" if profile.problem else ""
        click.echo(f"{profile.name}\t{profile.seconds:.0f} s\t{count}{problem}")


@voices.command("remove")
@click.argument("name")
def remove_voice(*, name: str) -> None:
    """Forget the voice of NAME."""
    from app.voices import remove_profile

    if not remove_profile(_path(), name):
        click.echo(f"captionist: No voice is remembered as {name!r}.", err=True)
        sys.exit(1)


@voices.command("clear")
def clear_voices() -> None:
    """Forget all voices."""
    from app.voices import clear_profiles

    clear_profiles(_path())


def _path() -> Path:
    from app.core.paths import default_paths

    return default_paths().voices
