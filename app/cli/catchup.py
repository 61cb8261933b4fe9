"""Recognises a saved meeting, or the parts of it that were skipped, and keeps what is found."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from app.catchup import StretchRecogniser, whole_stage
from app.core.events import FinalCaption, RecognitionCaughtUp, RecognitionSkipped
from app.core.paths import default_paths
from app.modelstore.store import ModelStore
from app.session.audio import AudioReader
from app.session.store import SessionStore
from app.speech.transcribe.guidance import Guidance
from app.speech.transcribe.loading import SharedModel
from app.vocabulary.wording import load_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from app.core.events import Event
    from app.session.session import Session


def catch_up(meeting_id: str, model: str, language: str) -> None:
    """Raises AppError; each stretch is kept as a whole or not at all."""
    paths = default_paths()
    ModelStore(paths.models).locate(model)
    with SessionStore(paths.meetings).open(meeting_id) as session:
        stretches = missing_stretches(session)
        if not stretches:
            click.echo("Everything in this meeting has been recognised already.", err=True)
            return
        wording = load_wording(paths)
        shared = SharedModel(lambda: ModelStore(paths.models).locate(model))
        recogniser = StretchRecogniser(
            AudioReader(session.audio_folder),
            lambda: whole_stage(shared, language, guidance=Guidance(terms=wording.terms)),
            first=next_utterance(session),
        )
        for start, end in stretches:
            with _bar(start, end) as progress:
                found = list(recogniser.recognise(start, end, progress))
            _keep(session, [wording.corrections.apply(event) for event in found])
        session.recognised_with(model)


def missing_stretches(session: Session) -> list[tuple[float, float]]:
    """What recognition skipped; all of a meeting in which nothing was recognised (s)."""
    if not session.transcript.lines:
        length = AudioReader(session.audio_folder).duration()
        return [(0.0, length)] if length else []
    gaps = session.transcript.gaps
    return [(gap.start, gap.end) for gap in gaps if isinstance(gap, RecognitionSkipped)]


def next_utterance(session: Session) -> int:
    """A number after that of every utterance, and of every one that has lost its text."""
    return session.transcript.last_utterance + 1


def _keep(session: Session, found: Iterable[Event]) -> None:
    for event in found:
        if not isinstance(event, RecognitionCaughtUp) or session.transcript.gaps:
            session.record(event)
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
