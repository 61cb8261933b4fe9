"""Who spoke in a saved meeting: found anew, read from a file, or said on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from app.cli.options import settings
from app.cli.speakers import ENGINES, final_pass
from app.core.errors import AppError, MediaError
from app.core.events import SpeakerNamed, SpeakersMerged
from app.core.paths import default_paths
from app.diarization import SpeakerWish, adopt_turns
from app.export.rttm import parse_rttm
from app.session.store import SessionStore

if TYPE_CHECKING:
    from pathlib import Path

    from app.session.session import Session
    from app.session.store import Meeting


@dataclass(frozen=True, slots=True)
class Work:
    """What was asked for; `names` are "1=Anna", `merges` "3=1", counted from 1."""

    engine: str | None
    count: tuple[int, int]
    rttm: Path | None
    names: tuple[str, ...]
    merges: tuple[str, ...]


def attribute(meeting_id: str, work: Work) -> None:
    """Raises AppError; click.UsageError for names and merges that cannot be read."""
    names = [_split(text, "--name") for text in work.names]
    merges = [(who, _number(into, "--merge")) for who, into in map(_merge, work.merges)]
    store = SessionStore(default_paths().meetings)
    if work.rttm is not None:
        text = _read(work.rttm)
        with store.open(meeting_id) as session:
            adopt_turns(session, *parse_rttm(text))
    elif not names and not merges:
        chosen = work.engine or settings().speakers.engine
        engine = chosen if chosen in ENGINES else ENGINES[0]
        final_pass(meeting_id, SpeakerWish(engine, *work.count), default_paths())
    with store.open(meeting_id) as session:
        for who, into in merges:
            session.record(SpeakersMerged(who, into))
        for who, name in names:
            session.record(SpeakerNamed(who, name.strip()))
        _show(session)
    if settings().speakers.profiles:
        _remember(store.read(meeting_id), {who for who, _name in names})


def _remember(meeting: Meeting, said: set[int]) -> None:
    """Keep the voices that have names, as the user wants it; the names are kept in any case.

    A name that was taken away just now is forgotten: `said` are those that were named.
    """
    from app.voices import learn

    try:
        for who in meeting.transcript.speakers:
            if who.name or who.number in said:
                learn(default_paths(), meeting, who.number)
    except AppError as exc:
        click.echo(f"captionist: Voices are not remembered: {exc}.", err=True)


def _show(session: Session) -> None:
    transcript = session.transcript
    for who in transcript.speakers:
        spoken = sum(t.end - t.start for t in transcript.turns if t.speaker == who.number)
        click.echo(f"{who.number + 1}\t{spoken:.1f} s\t{who.called()}")


def _merge(text: str) -> tuple[int, str]:
    return _split(text, "--merge")


def _split(text: str, option: str) -> tuple[int, str]:
    who, sign, what = text.partition("=")
    if not sign:
        raise click.UsageError(f"{option} {text}: write it as N=…, such as 1=…")
    return _number(who, option), what


def _number(text: str, option: str) -> int:
    """Speakers count from 0, people from 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise click.UsageError(f"{option}: {text!r} is not the number of a speaker.")
    return int(text) - 1


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as exc:
        reason = exc.strerror or str(exc)
        raise MediaError(f"{path} cannot be read: {reason}") from exc
