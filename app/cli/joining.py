"""`bench --joined`: recordings heard one after another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from app.bench.manifest import Recording
    from app.cli.options import Command

SHORTEST, LONGEST = 0.1, 60.0
"""Seconds that a pause may have."""


def joined_option(command: Command) -> Command:
    """`--joined`: seconds, or None."""
    option = click.option(
        "--joined",
        metavar="SECONDS",
        callback=lambda _ctx, _param, text: None if text is None else _pause(text),
        help="Hear recordings of one language one after another, so many seconds apart, as in a "
        "conversation: about two minutes of them at once.",
    )
    return option(command)


def join(recordings: list[Recording], pause: float) -> list[Recording]:
    """Longer ones, which are removed when the command ends. Raises AppError."""
    from app.bench.joined import joined

    return click.get_current_context().with_resource(joined(recordings, pause))


def _pause(text: str) -> float:
    """Raises BadParameter, in a sentence."""
    allowed = f"{SHORTEST:g} to {LONGEST:g} seconds"
    try:
        pause = float(text)
    except ValueError:
        pause = math.nan
    if pause == 0:
        raise click.BadParameter(
            f"0 is no pause: give {allowed}, or leave --joined out to hear each by itself."
        )
    if not SHORTEST <= pause <= LONGEST:  # never so if it is no number
        raise click.BadParameter(f"{text!r} is not a pause of {allowed}.")
    return pause
