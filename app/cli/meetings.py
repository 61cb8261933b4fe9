"""`captionist meetings`: see, export and repair what was recorded."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.cli.options import chosen_model, language_option
from app.cli.speakers import ENGINES, count_option
from app.cli.translating import engine_option, glossary_option, text_option
from app.cli.wording import TASKS
from app.platforms.process import prepare_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.session.line import Line
    from app.session.recovery import Recovered
    from app.session.store import Meeting, MeetingSummary, SessionStore

FORMAT_NAMES = ("json", "srt", "vtt", "txt", "rttm")
"""The keys of `app.export.FORMATS`, known here so that `--help` need not import them."""

COMPRESSED = ("flac", "opus")
"""`app.session.convert.FORMATS`, known here for the same reason."""

HEADINGS = ("ID", "START", "LENGTH", "LINES", "STATE", "TITLE")


@click.group()
def meetings() -> None:
    """List, show, export, recognise and repair saved meetings.

    An ID may be shortened as long as it is the only one that begins so.
    """


@meetings.command("list")
def list_meetings() -> None:
    """List all meetings, the newest first.

    Into a file or a pipe: ID, start, length, lines, state and title, separated by tabs.
    """
    summaries = _store().list()
    if not summaries:
        click.echo("There are no meetings yet.", err=True)
        return
    rows = [_row(summary) for summary in summaries]
    if not _for_terminal():
        for row in rows:
            click.echo("\t".join(row))
        return
    click.secho(_aligned(HEADINGS), bold=True)
    for row in rows:
        click.echo(_aligned(row))


@meetings.command()
@click.argument("meeting_id", metavar="ID")
def show(meeting_id: str) -> None:
    """Print a meeting: what it was, what was said, and the notes."""
    for line in _description(_store().read(meeting_id)):
        click.echo(line)


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(FORMAT_NAMES),
    help="By default the one that PATH ends in, or else json.",
)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="PATH",
    help="Where to write; '-', the default, is standard output.",
)
@text_option
def export(meeting_id: str, format_name: str | None, output: str, text: str) -> None:
    """Export a meeting to a file or to standard output."""
    from app.export import FORMATS, document_of, write_export

    suffix = Path(output).suffix.lower().lstrip(".")
    chosen = FORMATS[format_name or (suffix if suffix in FORMATS else "json")]
    found = chosen.render(document_of(_store().read(meeting_id)).told_in(text))
    if output == "-":
        sys.stdout.buffer.write(found.encode("utf-8", "replace"))
    else:
        write_export(Path(output), found)


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option("--model", metavar="M", help="Model to recognise with.")
@language_option("Spoken language, if not the meeting's.")
@click.option("--task", type=click.Choice(TASKS), help="If not the meeting's.")
def transcribe(meeting_id: str, model: str | None, language: str | None, task: str | None) -> None:
    """Recognise a meeting that has no captions, or the parts that were skipped.

    It is done as the meeting was recorded: in its language, or translated, and with its own terms.
    """
    prepare_process()
    from app.catchup import LateWish
    from app.cli.catchup import catch_up

    catch_up(meeting_id, LateWish(chosen_model(model), language or "", task or ""))


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option("--to", "targets", required=True, metavar="LANGUAGES", help="Such as en,pt.")
@engine_option
@glossary_option
def translate(
    meeting_id: str, targets: str, translate_with: str | None, glossary: Path | None
) -> None:
    """Translate a saved meeting into other languages.

    Lines that are translated already stay as they are, as does what people wrote.
    """
    prepare_process()
    from app.cli.translating import translate_meeting, wish_for

    translate_meeting(meeting_id, wish_for(targets, translate_with, glossary))


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option("--diarize", type=click.Choice(ENGINES), help="Engine, if not the settings' own.")
@count_option
@click.option(
    "--rttm",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Take who spoke when from this file instead of the recording.",
)
@click.option("--name", "names", multiple=True, metavar="N=NAME", help="Name speaker N.")
@click.option("--merge", "merges", multiple=True, metavar="N=M", help="Speaker N is speaker M.")
def speakers(
    meeting_id: str,
    *,
    diarize: str | None,
    count: tuple[int, int],
    rttm: Path | None,
    names: tuple[str, ...],
    merges: tuple[str, ...],
) -> None:
    """Tell the speakers of a whole recording apart, or name and merge them.

    Names that were given before stay with their voices.
    """
    prepare_process()
    from app.cli.attribute import Work, attribute

    attribute(meeting_id, Work(diarize, count, rttm, names, merges))


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option(
    "--to",
    type=click.Choice(COMPRESSED),
    help="By default the one in the settings, or else flac.",
)
def convert(meeting_id: str, to: str | None) -> None:
    """Make the recording of a meeting smaller.

    FLAC keeps every sample, Opus what one hears. The original of each file is removed only after
    its copy was read back and compared. It can be broken off with Ctrl+C and started again.
    """
    prepare_process()
    from app.cli.keeping import convert_meeting

    convert_meeting(_store(), meeting_id, to)


@meetings.command()
@click.argument("meeting_id", metavar="ID")
@click.option("--from", "start", required=True, metavar="TIME", help="10:00, 1:10:00 or 600.")
@click.option("--to", "end", required=True, metavar="TIME", help="The same, later.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def forget(meeting_id: str, start: str, end: str, *, yes: bool) -> None:
    """Remove sound and text between two times of a meeting for good."""
    prepare_process()
    from app.cli.keeping import forget_stretch

    forget_stretch(_store(), meeting_id, (start, end), ask=not yes)


@meetings.command()
@click.pass_context
def recover(ctx: click.Context) -> None:
    """Repair meetings that were cut short by a crash or a power cut."""
    found = _store().recover()
    if not found:
        click.echo("There is nothing to recover.", err=True)
    for recovered in found:
        click.echo(_report(recovered), err=bool(recovered.problem))
    if any(recovered.problem for recovered in found):
        ctx.exit(1)


def _for_terminal() -> bool:
    return sys.stdout.isatty()


def _store() -> SessionStore:
    from app.core.paths import default_paths
    from app.session.store import SessionStore

    return SessionStore(default_paths().meetings)


def _row(summary: MeetingSummary) -> tuple[str, ...]:
    return (
        summary.id,
        f"{summary.started.astimezone():%Y-%m-%d %H:%M}" if summary.started else "-",
        _clock(summary.duration_s),
        str(summary.lines),
        str(summary.state),
        " ".join(summary.title.split()),
    )


def _aligned(row: tuple[str, ...]) -> str:
    meeting_id, start, length, lines, state, title = row
    return f"{meeting_id:<20}  {start:<16}  {length:>8}  {lines:>5}  {state:<11}  {title}".rstrip()


def _description(meeting: Meeting) -> Iterator[str]:
    from app.export import document_of

    info = meeting.info
    yield info.title or info.id
    yield f"ID        {info.id}"
    yield f"Started   {info.started.astimezone():%Y-%m-%d %H:%M:%S}"
    yield f"Length    {_clock(info.duration_s)}"
    yield f"Source    {info.source or '-'}"
    yield f"Model     {info.model or '-'}"
    yield f"Language  {meeting.transcript.language or info.language or '-'}"
    people = [
        f"{who.number + 1} ({who.name})" if who.name else f"{who.number + 1}"
        for who in meeting.transcript.speakers
    ]
    if people:
        yield f"Speakers  {', '.join(people)}"
    if info.translated:
        yield "Task      translated to English"
    yield f"Folder    {meeting.folder}"
    falls = meeting.transcript.falls
    if falls:
        yield f"Load      recognition fell behind at {', '.join(_clock(at) for at in falls)}"
    if meeting.damaged_records:
        yield f"Damaged   {meeting.damaged_records} records could not be read"
    if meeting.missing:
        yield f"Missing   {', '.join(meeting.missing)}"
    lost = [
        (gap.start, f"(no captions until {_clock(gap.end)})") for gap in meeting.transcript.gaps
    ]
    lost += [
        (part.start, f"(recognition paused until {_clock(part.end)} and caught up later)")
        for part in meeting.transcript.caught_up
    ]
    heads = document_of(meeting).heads()
    lost += [
        (gone.start, f"(removed until {_clock(gone.end)})") for gone in meeting.transcript.forgotten
    ]
    spoken = [
        (line.start, "\n          ".join((" ".join(f"{head} {line.text}".split()), *_told(line))))
        for head, line in zip(heads, meeting.transcript.lines, strict=True)
    ]
    yield from _section(f"[{_clock(start)}] {text}" for start, text in sorted(lost + spoken))
    yield from _section(meeting.notes.strip().splitlines())


def _told(line: Line) -> Iterator[str]:
    for found in line.translations:
        yield f"{found.language}: {found.text}"


def _section(rows: Iterator[str] | list[str]) -> Iterator[str]:
    """`rows` after an empty line, or nothing at all."""
    for number, row in enumerate(rows):
        if number == 0:
            yield ""
        yield row


def _report(recovered: Recovered) -> str:
    if recovered.problem:
        return f"{recovered.id}  {recovered.problem}. {recovered.hint}".rstrip()
    text = f"{recovered.id}  {_clock(recovered.duration_s)}  {recovered.lines} lines"
    for track in recovered.tracks:
        text += f", {track.name} {_clock(track.seconds)}"
    if recovered.damaged_records:
        text += f", {recovered.damaged_records} damaged records set aside"
    fixed = [repair.file for repair in recovered.repairs if repair.usable]
    broken = [repair.file for repair in recovered.repairs if not repair.usable]
    for told, files in (
        ("repaired", fixed), ("unusable", broken), ("missing", recovered.missing),
    ):  # fmt: skip
        text += f", {told}: {', '.join(files)}" if files else ""
    return text


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}"
