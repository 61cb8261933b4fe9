"""A line of a transcript on the screen, and what can happen to one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from app.core.events import Translation, TranslationEdited
from app.gui.rows import MarkKind

if TYPE_CHECKING:
    from app.session.line import Line as SpokenLine
    from app.session.translations import LineTranslation


class Note(Enum):
    """A line that nobody spoke."""

    GAP = auto()
    SKIPPED = auto()
    CAUGHT_UP = auto()
    DEVICE = auto()
    FORGOTTEN = auto()


@dataclass(slots=True)
class Line:
    """`text` is what is known, `preview` the unstable tail; `start` and `length` in seconds.

    Of a note the `text` says more: why there is a gap, or which device there is now.

    An utterance has several lines, numbered by `part`, where its speaker changes; `span` says
    which of its words a line has. `end` is 0 unless the line was read from disk.
    """

    utterance: int
    start: float | None
    text: str = ""
    preview: str = ""
    revision: int = -1
    edited: bool = False
    note: Note | None = None
    length: float = 0.0
    speakers: tuple[int, ...] = ()
    part: int = 0
    span: tuple[float, float] | None = None
    end: float = 0.0

    @property
    def empty(self) -> bool:
        return self.note is None and not self.text.strip() and not self.preview.strip()


class ChangeKind(Enum):
    INSERTED = auto()
    CHANGED = auto()
    REMOVED = auto()


@dataclass(frozen=True, slots=True)
class Change:
    kind: ChangeKind
    row: int


NOTES = {
    MarkKind.LOST: Note.GAP,
    MarkKind.SKIPPED: Note.SKIPPED,
    MarkKind.CAUGHT_UP: Note.CAUGHT_UP,
    MarkKind.DEVICE: Note.DEVICE,
    MarkKind.FORGOTTEN: Note.FORGOTTEN,
}


def moment_of(line: Line) -> tuple[float, int]:
    """Notes stand before what was said at the same moment."""
    start = float("inf") if line.start is None else line.start
    return start, -1 if line.note else line.utterance


def span_of(line: SpokenLine) -> tuple[float, float] | None:
    """From its first word to its last, if they are known."""
    return (line.words[0].start, line.words[-1].end) if line.words else None


def as_event(utterance: int, told: LineTranslation) -> Translation | TranslationEdited:
    """What would have told a translation that is known."""
    if told.edited:
        return TranslationEdited(utterance, told.language, told.text)
    return Translation(utterance, told.language, told.text, final=told.final)
