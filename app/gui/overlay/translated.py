"""Translations as they flow below the captions: one flow for each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import LATE_UTTERANCES, MeetingForgot, Translation
from app.gui.overlay.rolling import RollingLines, Words
from app.gui.text import joined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event
    from app.gui.overlay.rolling import CaptionLine

_OPEN = 3  # utterances whose final translation may still be on its way


@dataclass
class _Part:
    """The translation of one utterance."""

    number: int
    text: str = ""
    finished: bool = False


class TranslationFlow:
    """The lines in one language. `wrap` as for `RollingLines`.

    The first final translation of an utterance corrects what is being read; later ones, after the
    caption was revised, are for the transcript: what was read does not move.
    """

    def __init__(self, wrap: Callable[[str], Sequence[int]], rows: int) -> None:
        self.page = RollingLines(wrap, rows)
        self._settled = ""
        self._settled_number = -1
        self._recent: list[_Part] = []

    def apply(self, event: Translation) -> bool:
        """Take `event` in, which is in this flow's language; True if the lines have changed."""
        part = self._part(event.utterance)
        if part is None or part.finished or (part.text == event.text and not event.final):
            return False
        moved = part.text != event.text
        part.text, part.finished = event.text, event.final
        if moved:
            self._lay_out()
        return moved

    def _part(self, utterance: int) -> _Part | None:
        """The utterance, if it is not over; what was caught up is for the transcript."""
        if utterance >= LATE_UTTERANCES or utterance <= self._settled_number:
            return None
        found = next((part for part in self._recent if part.number == utterance), None)
        if found is None:
            found = _Part(utterance)
            self._recent = sorted([*self._recent, found], key=lambda part: part.number)
            self._settle()
        return found if found in self._recent else None

    def _settle(self) -> None:
        while len(self._recent) > _OPEN:
            part = self._recent.pop(0)
            self._settled = joined(self._settled, part.text)
            self._settled_number = part.number

    def clear(self) -> None:
        self.page.clear()
        self._settled, self._settled_number = "", -1
        self._recent = []

    def resize(self, rows: int) -> None:
        """There are `rows` lines now, and `wrap` may answer differently."""
        self.page.resize(rows)
        self._lay_out()

    def _lay_out(self) -> None:
        text = self._settled
        for part in self._recent:
            text = joined(text, part.text)
        cut = self.page.lay_out(Words(text, len(text), len(self._settled)))
        self._settled = self._settled[cut:]


class Translations:
    """A flow for each language; one of them is shown at a time."""

    def __init__(self, wrap: Callable[[str], Sequence[int]], rows: int) -> None:
        self._wrap = wrap
        self._rows = rows
        self._flows: dict[str, TranslationFlow] = {}
        self.shown = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """What can be shown, in the order in which it was wished for."""
        return tuple(self._flows)

    def wish(self, languages: Sequence[str]) -> None:
        """Show these from now on; the text of those that stay is kept."""
        self._flows = {code: self._flows.get(code) or self._new() for code in languages}
        if self.shown not in self._flows:
            self.shown = next(iter(self._flows), "")

    def _new(self) -> TranslationFlow:
        return TranslationFlow(self._wrap, self._rows)

    def show(self, language: str) -> None:
        if language in self._flows:
            self.shown = language

    def show_next(self) -> None:
        """Turn to the next language, after the last one to the first."""
        codes = self.languages
        if codes:
            self.shown = codes[(codes.index(self.shown) + 1) % len(codes)]

    def apply(self, event: Event) -> bool:
        """Take `event` in; True if what is shown may have changed."""
        if isinstance(event, MeetingForgot):
            for flow in self._flows.values():
                flow.clear()
            return True
        if not isinstance(event, Translation) or event.language not in self._flows:
            return False
        return self._flows[event.language].apply(event) and event.language == self.shown

    def clear(self) -> None:
        """Begin anew, with the first language."""
        for flow in self._flows.values():
            flow.clear()
        self.shown = next(iter(self._flows), "")

    def resize(self, rows: int) -> None:
        self._rows = rows
        for flow in self._flows.values():
            flow.resize(rows)

    @property
    def page(self) -> RollingLines | None:
        """The lines that are shown; None if there is no language."""
        flow = self._flows.get(self.shown)
        return flow.page if flow is not None else None

    @property
    def visible(self) -> list[CaptionLine]:
        return self.page.visible if self.page is not None else []

    @property
    def rolled(self) -> int:
        return self.page.rolled if self.page is not None else 0

    def text(self) -> str:
        return self.page.text() if self.page is not None else ""
