"""Telling speakers apart on the command line: options, captions with names, the final pass."""

from __future__ import annotations

import functools
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from app.cli.translating import TranslatedRows
from app.core.events import FinalCaption, StageChanged, StageState, Translation, TurnsFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.cli.printing import Printer
    from app.core.events import Event, RunMeasured, SpeakerTurn
    from app.core.paths import Paths
    from app.diarization import SpeakerWish
    from app.export.document import ExportDocument
    from app.session.transcript import Transcript

ENGINES = ("embedded", "sortformer")
MOST = 50


def _read_count(_ctx: click.Context, _param: click.Parameter, text: str | None) -> tuple[int, int]:
    """ "3" or "2-5"; (0, 0) if nothing was said."""
    if text is None:
        return (0, 0)
    least, dash, most = text.partition("-")
    try:
        found = int(least), int(most if dash else least)
    except ValueError:
        found = (0, 0)
    if not 1 <= found[0] <= found[1] <= MOST:
        raise click.BadParameter(
            f"{text!r} is neither a number of speakers nor a range such as 2-5."
        )
    return found


def count_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--speakers",
        "count",
        callback=_read_count,
        metavar="N|A-B",
        help="How many people speak, if that is known.",
    )(command)


def speaker_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--diarize` and `--speakers`; `command` gets them as one keyword argument, `speakers`."""

    @functools.wraps(command)
    def collected(*, diarize: str | None, count: tuple[int, int], **values: Any) -> Any:
        from app.diarization import SpeakerWish

        if count != (0, 0) and diarize is None:
            raise click.UsageError("--speakers needs --diarize.")
        return command(speakers=SpeakerWish(diarize or "", *count), **values)

    return click.option(
        "--diarize",
        type=click.Choice(ENGINES),
        is_flag=False,
        flag_value=ENGINES[0],
        metavar="[embedded|sortformer]",
        help="Tell speakers apart. embedded: any number; sortformer: up to four.",
    )(count_option(collected))


class TurnsPrinter:
    """Keeps quiet, and prints at the end who spoke when, as RTTM."""

    def __init__(self, title: str) -> None:
        from app.session.transcript import Transcript

        self._title = title
        self._transcript = Transcript()
        self._lock = threading.Lock()

    def show(self, event: Event, emitted: float) -> None:
        with self._lock:
            self._transcript.apply(event)

    def end(self, cost: RunMeasured) -> None:
        from app.export import FORMATS

        document = speaker_document(self._title, cost.audio_s, self._transcript)
        click.echo(FORMATS["rttm"].render(document), nl=False)


class NamedPrinter:
    """Prints captions once it is known who spoke, with a name at each change of speaker."""

    def __init__(self, latest: Printer) -> None:
        from app.session.transcript import Transcript

        self._plain = latest
        self._transcript = Transcript()
        self._waiting: list[FinalCaption] = []
        self._known = 0.0  # seconds up to which speakers are known
        self._before: tuple[int, ...] = ()
        self._translated = TranslatedRows()
        self._lock = threading.Lock()

    def show(self, event: Event, emitted: float) -> None:
        with self._lock:
            self._transcript.apply(event)
            if isinstance(event, FinalCaption):
                if event.revision == 0 and event.text:
                    self._waiting.append(event)
            elif isinstance(event, TurnsFound):
                self._known = max(self._known, event.end)
            elif isinstance(event, StageChanged) and event.stage == "diarize":
                if event.state in (StageState.FAILED, StageState.STOPPED):
                    self._known = float("inf")
            elif isinstance(event, Translation):
                for row in self._translated.take(event):
                    click.echo(row)
            else:
                self._plain.show(event, emitted)
            self._print()

    def end(self, cost: RunMeasured) -> None:
        with self._lock:
            self._known = float("inf")
            self._print()
        self._plain.end(cost)

    def _print(self) -> None:
        while self._waiting and self._waiting[0].end <= self._known:
            caption = self._waiting.pop(0)
            at = ""
            for line in self._transcript.lines_of(caption.utterance):
                head = self._head(line.speakers)
                minutes, seconds = divmod(int(line.start), 60)
                start = f"[{minutes:02}:{seconds:02}]"
                click.echo(f"{start} {head}{line.text}")
                at = at or start
            for row in self._translated.below(caption.utterance, at):
                click.echo(row)

    def _head(self, speakers: tuple[int, ...]) -> str:
        if not speakers or speakers == self._before:
            return ""
        self._before = speakers
        names = [self._transcript.speaker(who).called() for who in speakers]
        return f"{' and '.join(names)}: "


def speaker_document(title: str, seconds: float, transcript: Transcript) -> ExportDocument:
    """Only who spoke when."""
    from app.export.document import ExportDocument

    speakers = tuple(transcript.speakers)
    return ExportDocument(title, None, seconds, "", (), "", speakers, transcript.turns)


def turns_of_file(path: Path, wish: SpeakerWish, paths: Paths) -> tuple[SpeakerTurn, ...]:
    """The final pass over a media file. Raises MediaError, ModelError."""
    from app.capture.media import MediaFile
    from app.diarization import offline_diarizer_for, samples_of

    diarizer = offline_diarizer_for(wish, paths)
    with MediaFile(path) as media:
        media.open()
        samples = samples_of(media.blocks(), media.duration or 0.0)
    with share_bar("telling speakers apart") as progress:
        return diarizer.diarize(samples, progress, lambda: False)


def final_pass(meeting_id: str, wish: SpeakerWish, paths: Paths) -> bool:
    """Tell the speakers of a saved meeting apart anew; False if Ctrl+C stopped it.

    Raises AppError.
    """
    from app.diarization import keep_turns, locate_engine, offline_diarizer_for, whole_turns
    from app.session.store import SessionStore

    locate_engine(wish, paths)
    store = SessionStore(paths.meetings)
    recording = store.read(meeting_id).audio
    try:
        with share_bar("telling speakers apart") as progress:
            turns = whole_turns(recording, offline_diarizer_for(wish, paths), progress)
    except KeyboardInterrupt:
        click.echo("Cancelled; the speakers found live are kept.", err=True)
        return False
    with store.open(meeting_id) as session:
        keep_turns(session, turns or ())
    return True


@contextmanager
def share_bar(what: str) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal, for shares of 1."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda share: bar.update(task, completed=share)
