"""Making the recording of a meeting smaller when it has ended."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from app.cli.options import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.core.paths import Paths


def shrink(meeting_id: str, paths: Paths) -> None:
    """Convert as the settings say. Ctrl+C, or a failure, leaves the recording as it is."""
    from app.cli.printing import told
    from app.cli.speakers import share_bar
    from app.core.errors import StorageError
    from app.session.convert import FORMATS, Conversion
    from app.session.store import SessionStore

    wanted = settings().recording.compress
    if wanted not in FORMATS:
        return
    with _interruptible() as interrupted, share_bar("making the recording smaller") as progress:
        how = Conversion(wanted, cancelled=interrupted, progress=progress)
        try:
            SessionStore(paths.meetings).convert(meeting_id, how)
        except StorageError as exc:
            click.echo(told(f"The recording stays as it is: {exc}", exc.hint), err=True)
            return
        if interrupted():
            click.echo("Cancelled; the recording stays as it is.", err=True)


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether the user, or the system, wants an end; what is being done must look."""
    asked: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda got, _frame: asked.append(got)) for number in signals]
    try:
        yield lambda: bool(asked)
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
