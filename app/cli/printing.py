"""Shows events on the command line: as JSON for programs, as lines for people."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Protocol

import click

from app.cli.sayings import NEWS, said
from app.cli.sayings import clock as clock
from app.cli.translating import TranslatedRows
from app.core.encoding import encode
from app.core.events import (
    AudioGap,
    Event,
    FinalCaption,
    LoadChanged,
    LoadLevel,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
    RunMeasured,
    StageChanged,
    StageState,
    Translation,
    TurnsFound,
    WordsCommitted,
)
from app.translate.stage import failed_language

if TYPE_CHECKING:
    from collections.abc import Callable


_LOAD = {
    LoadLevel.NORMAL: "Recognition keeps up again",
    LoadLevel.LONGER_STEPS: "Recognition is behind the sound and takes longer steps",
    LoadLevel.NO_PREVIEW: "Recognition is far behind the sound and shows no preview",
    LoadLevel.PAUSED: "Recognition is too far behind the sound and leaves a part for later",
}


class Printer(Protocol):
    """May be called from any thread; `emitted` is on the source's clock (seconds)."""

    def show(self, event: Event, emitted: float) -> None: ...

    def end(self, cost: RunMeasured) -> None: ...


_TEXT = (WordsCommitted, PreviewChanged, FinalCaption, Translation)
_LOAD_NEWS = (LoadChanged, RecognitionSkipped, RecognitionCaughtUp)


class JsonPrinter:
    """One object a line: words, previews, captions, translations, speakers, the cost at the end.

    What happens to the recording itself is told, too, and how far recognition is behind it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def show(self, event: Event, emitted: float) -> None:
        if isinstance(event, (*_TEXT, *_LOAD_NEWS, *NEWS)):
            self._print({**encode(event), "emitted": round(emitted, 3)})
        elif isinstance(event, TurnsFound):
            for record in speaker_records(event):
                self._print({**record, "emitted": round(emitted, 3)})

    def end(self, cost: RunMeasured) -> None:
        self._print(encode(cost))

    def _print(self, record: dict[str, object]) -> None:
        with self._lock:
            click.echo(json.dumps(record, ensure_ascii=False))


def speaker_records(event: TurnsFound) -> list[dict[str, object]]:
    """One record for each turn; one that is not final may be told anew."""
    return [
        {
            "type": "speaker",
            "start": round(float(turn.start), 3),
            "end": round(float(turn.end), 3),
            "speaker": int(turn.speaker),
            "final": event.final,
        }
        for turn in event.turns
    ]


class LinePrinter:
    """Each caption when its utterance ends; on a terminal also the words as they come."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_terminal = sys.stdout.isatty()
        self._committed = ""
        self._translated = TranslatedRows()

    def show(self, event: Event, emitted: float) -> None:
        with self._lock:
            match event:
                case WordsCommitted():
                    self._committed += "".join(word.text for word in event.words)
                    self._sketch("")
                case PreviewChanged():
                    self._sketch(event.text)
                case FinalCaption(revision=0):
                    self._line(event)
                case Translation():
                    self._below(self._translated.take(event))
                case _:
                    pass

    def end(self, cost: RunMeasured) -> None:
        """Costs are for `--jsonl`."""

    def _line(self, caption: FinalCaption) -> None:
        self._committed = ""
        self._sketch("")
        start = f"[{clock(caption.start)}]"
        click.echo(f"{start} {caption.text}")
        self._below(self._translated.below(caption.utterance, start))

    def _below(self, rows: list[str]) -> None:
        if not rows:
            return
        committed, self._committed = self._committed, ""
        self._sketch("")
        for row in rows:
            click.echo(row)
        self._committed = committed
        self._sketch("")

    def _sketch(self, tail: str) -> None:
        """The line being spoken, on a terminal only, cut to fit its width."""
        if not self._is_terminal:
            return
        import shutil

        width = shutil.get_terminal_size().columns - 1
        committed = self._committed.strip()[-width:]
        room = width - len(committed)
        click.echo("\r\033[K" + committed + click.style(tail[:room], dim=True), nl=False)


class Troubles:
    """Remembers what happened and says it on standard error; what went wrong, once each.

    `failed` is called with the name of a stage that failed.
    """

    def __init__(self, failed: Callable[[str], object]) -> None:
        self._failed = failed
        self._any_failed = False
        self._said: list[tuple[str, str]] = []
        self._lock = threading.Lock()

    def note(self, event: Event) -> None:
        match event:
            case StageChanged(stage="diarize", state=StageState.FAILED):
                self.say(f"Speakers are not told apart: {event.error}", event.hint)
                self._failed(event.stage)
            case StageChanged(state=StageState.FAILED) if failed_language(event) is not None:
                self.say(f"Captions are not translated: {event.error}", event.hint)
                self._failed(event.stage)
            case StageChanged(state=StageState.FAILED):
                self.say(event.error, event.hint)
                self._any_failed = True
                self._failed(event.stage)
            case AudioGap():
                lost = f"{event.end - event.start:.1f} s of sound were lost"
                self.say(f"{lost} at {clock(event.start)}: {event.reason}", "")
            case RecognitionSkipped() if not self._any_failed:  # else it follows from that
                span = f"{clock(event.start)} to {clock(event.end)}"
                self.say(f"Sound from {span} was recorded but not recognised", "")
            case RecognitionCaughtUp():
                span = f"{clock(event.start)} to {clock(event.end)}"
                self.say(f"Sound from {span} has now been recognised from the recording", "")
            case LoadChanged():
                self.say(_LOAD[event.level], "")
            case _ if (news := said(event)) is not None:
                self.tell(*news)
            case _:
                pass

    def say(self, sentence: str, hint: str) -> None:
        with self._lock:
            if (sentence, hint) in self._said:
                return
            self._said.append((sentence, hint))
        self.tell(sentence, hint)

    def tell(self, sentence: str, hint: str) -> None:
        """Say it however often it happens."""
        click.echo(told(sentence, hint), err=True)


def told(sentence: str, hint: str) -> str:
    """A sentence and its hint as the command line says them."""
    return f"captionist: {sentence}." + (f"\n  {hint}" if hint else "")
