"""Recognises a saved meeting, or the parts of it that were skipped, and shows what is found."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from app.catchup import LateRecognition, LateWish, missing_stretches
from app.core.events import FinalCaption
from app.core.paths import default_paths
from app.session.store import SessionStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def catch_up(meeting_id: str, wish: LateWish) -> None:
    """Raises AppError; each stretch is kept as a whole or not at all."""
    paths = default_paths()
    with SessionStore(paths.meetings).open(meeting_id) as session:
        late = LateRecognition(session, paths, wish)
        stretches = missing_stretches(session)
        if not stretches:
            click.echo("Everything in this meeting has been recognised already.", err=True)
        for start, end in stretches:
            with _bar(start, end) as progress:
                found = late.recognise(start, end, progress)
            for event in found:
                if isinstance(event, FinalCaption):
                    minutes, seconds = divmod(int(event.start), 60)
                    click.echo(f"[{minutes:02}:{seconds:02}] {event.text}")


@contextmanager
def _bar(start: float, end: float) -> Iterator[Callable[[float], object]]:
    """A bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("recognising", total=end - start)
        yield lambda at: bar.update(task, completed=at - start)
