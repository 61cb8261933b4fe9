"""Lines of growing text that roll up: shared by what is spoken and by its translations.

Without Qt: how wide text is and where it may break is asked of `wrap`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.gui.overlay.spoken import Label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KEPT_LINES = 12
"""Lines that stay ready, so that a taller panel is not empty."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """A line on the panel: the first `sure` characters are committed, the rest is preview.

    `labels` are the names of speakers in it.
    """

    text: str
    sure: int
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """All the text there is: its first `settled` characters never change any more.

    Up to `sure` it is committed; `labels` are the names of speakers in it.
    """

    text: str
    sure: int
    settled: int
    labels: Sequence[Label] = ()


class RollingLines:
    """Lines that have been shown do not move back down.

    `wrap(text)` gives the offsets at which lines begin, the first of which is 0. It must be
    greedy: what is appended does not change the breaks before it.
    """

    def __init__(self, wrap: Callable[[str], Sequence[int]], rows: int) -> None:
        self._wrap = wrap
        self._rows = rows
        self._forgotten = 0
        self.lines: list[CaptionLine] = []
        self.top = 0

    def clear(self) -> None:
        self.lines = []
        self.top = self._forgotten = 0

    def resize(self, rows: int) -> None:
        """There are `rows` lines now; to be followed by `lay_out`."""
        self._rows = rows
        self.top = 0

    @property
    def rolled(self) -> int:
        """Lines that have rolled out since the beginning."""
        return self._forgotten + self.top

    @property
    def visible(self) -> list[CaptionLine]:
        return self.lines[self.top : self.top + self._rows]

    def text(self) -> str:
        """The visible words, for screen readers."""
        return " ".join(line.text.strip() for line in self.visible).strip()

    def lay_out(self, words: Words) -> int:
        """Make the lines; characters at the beginning that may be forgotten from now on."""
        starts = list(self._wrap(words.text)) if words.text else []
        cut = self._trim(starts, words.settled)
        text, sure = words.text[cut:], words.sure - cut
        starts = [start - cut for start in starts if start >= cut]
        ends = [*starts[1:], len(text)] if starts else []
        self.lines = [
            CaptionLine(
                *(text[a:b], max(0, min(b, sure) - a)), _within(words.labels, a + cut, b + cut)
            )
            for a, b in zip(starts, ends, strict=True)
        ]
        self._scroll()
        return cut

    def _trim(self, starts: list[int], settled: int) -> int:
        """Forget lines that have rolled out long ago, up to the character that is returned.

        It is cut at a line's beginning, so nothing moves.
        """
        unchanging = sum(1 for start in starts if start < settled)
        surplus = min(len(starts) - 2 * KEPT_LINES, unchanging - 1)
        if surplus <= 0:
            return 0
        self.top = max(0, self.top - surplus)
        self._forgotten += surplus
        return starts[surplus]

    def _scroll(self) -> None:
        """Roll up for new words; never back, but keep the newest sure word in sight."""
        newest = max((i for i, line in enumerate(self.lines) if line.sure), default=0)
        wanted = min(max(0, len(self.lines) - self._rows), newest)
        self.top = min(max(self.top, wanted), max(newest, wanted))


def _within(labels: Sequence[Label], start: int, end: int) -> tuple[Label, ...]:
    """The names in a line, counted from its first character."""
    return tuple(
        Label(max(n.start, start) - start, min(n.end, end) - start, n.speaker)
        for n in labels
        if n.start < end and n.end > start
    )
