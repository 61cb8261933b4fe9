"""Converting the recording of a meeting, and forgetting some of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from app.core.paths import default_paths
from app.core.settings import load_settings
from app.session.convert import FORMATS, Conversion

if TYPE_CHECKING:
    from app.session.convert import Converted
    from app.session.store import SessionStore

_MB = 1_000_000


def convert_meeting(store: SessionStore, meeting_id: str, to: str | None) -> None:
    """Convert and tell what came of it; raises StorageError."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("converting", total=1.0)
        done = store.convert(
            meeting_id,
            Conversion(to or _wanted(), progress=lambda at: bar.update(task, completed=at)),
        )
    for line in _told(done):
        click.echo(line)


def _wanted() -> str:
    """What the settings say; a person who asks for a conversion does not mean "off"."""
    wanted = load_settings(default_paths().settings).settings.recording.compress
    return wanted if wanted in FORMATS else FORMATS[0]


def _told(done: Converted) -> list[str]:
    if not done.parts and not done.kept:
        return ["There is nothing to convert."]
    told = f"{done.parts} files, {done.before / _MB:.1f} MB became {done.after / _MB:.1f} MB"
    kept = [f"Kept as it was, as no copy proved right: {name}" for name in done.kept]
    return [told, *kept]


def forget_stretch(
    store: SessionStore, meeting_id: str, times: tuple[str, str], *, ask: bool
) -> None:
    """Remove what lies between two times as a person writes them; raises StorageError."""
    start, end = (seconds_of(time) for time in times)
    with store.open(meeting_id) as session:
        if ask:
            click.confirm(
                f"Remove sound and text from {times[0]} to {times[1]} of"
                f" {session.info.title or session.id!r} for good?",
                abort=True,
            )
        session.forget(start, end)
    click.echo(f"Sound and text from {times[0]} to {times[1]} are gone.")


def seconds_of(time: str) -> float:
    """Seconds of "90", "1:30", "1:30.5" or "0:01:30"; raises BadParameter for anything else."""
    if not re.fullmatch(r"(\d+:){0,2}\d+(\.\d+)?", time):
        raise click.BadParameter(f"{time!r} is no time such as 10:00 or 1:10:00")
    seconds = 0.0
    for part in time.split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
