"""Caption text as broadcast captions flow: words fill a line, then the lines roll up.

Without Qt: how wide text is and where it may break is asked of `wrap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import LATE_UTTERANCES, FinalCaption, PreviewChanged, WordsCommitted
from app.gui.text import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event

KEPT_LINES = 12
"""Lines that stay ready, so that a taller panel is not empty."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """A line on the panel: the first `sure` characters are committed, the rest is preview."""

    text: str
    sure: int


class CaptionFlow:
    """Builds the visible lines from events. Lines that have been shown do not move back down.

    `wrap(text)` gives the offsets at which lines begin, the first of which is 0. It must be
    greedy: what is appended does not change the breaks before it.
    """

    def __init__(self, wrap: Callable[[str], Sequence[int]], rows: int) -> None:
        self._wrap = wrap
        self._rows = rows
        self._settled = ""  # of utterances that are over
        self._current = ""
        self._preview = ""
        self._utterance: int | None = None
        self._finished = False
        self._lines: list[CaptionLine] = []
        self._top = 0
        self._forgotten = 0

    def apply(self, event: Event) -> bool:
        """Take `event` in; True if the lines may have changed."""
        match event:
            case WordsCommitted(utterance=utterance, words=words):
                self._on_words(utterance, "".join(word.text for word in words))
            case PreviewChanged(utterance=utterance, text=text):
                self._on_preview(utterance, text)
            case FinalCaption():
                self._on_final(event)
            case _:
                return False
        self._lay_out()
        return True

    def clear(self) -> None:
        self._settled = self._current = self._preview = ""
        self._utterance = None
        self._lines = []
        self._top = self._forgotten = 0

    def resize(self, rows: int) -> None:
        """The panel has `rows` lines now, and `wrap` may answer differently."""
        self._rows = rows
        self._top = 0
        self._lay_out()

    @property
    def lines(self) -> list[CaptionLine]:
        """All lines that are kept, oldest first."""
        return self._lines

    @property
    def top(self) -> int:
        """Index of the first visible line."""
        return self._top

    @property
    def rolled(self) -> int:
        """Lines that have rolled out since the beginning."""
        return self._forgotten + self._top

    @property
    def visible(self) -> list[CaptionLine]:
        return self._lines[self._top : self._top + self._rows]

    def text(self) -> str:
        """The visible words, for screen readers."""
        return " ".join(line.text.strip() for line in self.visible).strip()

    def _on_words(self, utterance: int, text: str) -> None:
        self._turn_to(utterance)
        if utterance == self._utterance and not self._finished:
            self._current += text
            self._preview = ""

    def _on_preview(self, utterance: int, text: str) -> None:
        if utterance != self._utterance and not text.strip():
            return
        self._turn_to(utterance)
        if utterance == self._utterance and not self._finished:
            self._preview = text

    def _on_final(self, event: FinalCaption) -> None:
        """The last word on what is being read right now; older lines stay as they were read.

        What was caught up from the recording was said long ago: it is for the transcript.
        """
        late = event.utterance >= LATE_UTTERANCES
        if late or event.revision > 0 or not event.text.strip():
            return
        self._turn_to(event.utterance)
        if event.utterance == self._utterance:
            self._current = event.text
            self._preview = ""
            self._finished = True

    def _turn_to(self, utterance: int) -> None:
        if self._utterance is not None and utterance <= self._utterance:
            return
        self._settled = joined(self._settled, self._current)
        self._current = self._preview = ""
        self._utterance = utterance
        self._finished = False

    def _lay_out(self) -> None:
        sure = joined(self._settled, self._current)
        text = joined(sure, self._preview)
        starts = list(self._wrap(text)) if text else []
        starts = self._trimmed(starts)
        sure = joined(self._settled, self._current)
        text = joined(sure, self._preview)
        ends = [*starts[1:], len(text)] if starts else []
        self._lines = [
            CaptionLine(text[a:b], max(0, min(b, len(sure)) - a))
            for a, b in zip(starts, ends, strict=True)
        ]
        self._scroll()

    def _trimmed(self, starts: list[int]) -> list[int]:
        """Forget lines that have rolled out long ago; cut at a line's beginning, nothing moves."""
        surplus = min(len(starts) - 2 * KEPT_LINES, self._settled_lines(starts) - 1)
        if surplus <= 0:
            return starts
        cut = starts[surplus]
        self._settled = self._settled[cut:]
        self._top = max(0, self._top - surplus)
        self._forgotten += surplus
        return [start - cut for start in starts[surplus:]]

    def _settled_lines(self, starts: list[int]) -> int:
        return sum(1 for start in starts if start < len(self._settled))

    def _scroll(self) -> None:
        """Roll up for new words; never back, but keep the newest sure word in sight."""
        newest = max((i for i, line in enumerate(self._lines) if line.sure), default=0)
        wanted = min(max(0, len(self._lines) - self._rows), newest)
        self._top = min(max(self._top, wanted), max(newest, wanted))
