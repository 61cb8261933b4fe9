"""A line of a meeting, and what becomes of it as more is known about its utterance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import FinalCaption, MeetingForgot, Word
    from app.session.translations import LineTranslation


@dataclass(frozen=True, slots=True)
class Line:
    """What was said in one utterance, or in a part of it; times in seconds of the source.

    `words` are the machine's, even where a person `edited` the text. `final` is false while the
    utterance is being spoken; `revision` is -1 until then. `language` may be unknown ("").
    `speakers` are empty if they are unknown; the main one is the first. Where the speaker changes
    in an utterance, it has several lines, numbered by `part`. `translations` are of the whole
    utterance; the last of its lines bears them.
    """

    utterance: int
    start: float
    end: float
    text: str
    language: str
    words: tuple[Word, ...]
    revision: int
    final: bool
    edited: bool
    speakers: tuple[int, ...] = ()
    part: int = 0
    translations: tuple[LineTranslation, ...] = ()

    def translation(self, language: str) -> LineTranslation | None:
        """What the line says in `language`, if that is known."""
        return next((found for found in self.translations if found.language == language), None)

    def grown(self, words: Sequence[Word], language: str) -> Line:
        """With more words; a final caption has them already. `language` counts if none is known."""
        if self.final or not words:
            return self
        every = (*self.words, *words)
        return replace(
            self,
            end=max(self.end, words[-1].end),
            text=self.text if self.edited else _text_of(every),
            language=self.language or language,
            words=every,
        )

    def finished(self, caption: FinalCaption) -> Line:
        """As the machine has it in the end: the highest revision counts, and no edit is undone."""
        if caption.revision <= self.revision or (self.edited and self.final):
            return self
        line = replace(self, revision=caption.revision, final=True)
        if self.edited and not caption.text:
            return line
        return replace(
            line,
            start=caption.start,
            end=caption.end,
            text=self.text if self.edited else caption.text.strip(),
            language=caption.language,
            words=tuple(caption.words),
        )

    def rewritten(self, text: str) -> Line:
        """With the text that a person gave it."""
        return replace(self, text=text.strip(), edited=True)

    def without(self, gone: MeetingForgot) -> Line:
        """The machine's words outside of a stretch; the line itself if it does not reach there.

        Of an edit without words nobody knows when it was said, so it goes as well.
        """
        lost = self.revision < 0 and not self.words
        if not (lost or (self.start < gone.end and gone.start < self.end)):
            return self
        outside = tuple(w for w in self.words if w.end <= gone.start or gone.end <= w.start)
        line = replace(self, text=_text_of(outside), words=outside, edited=False, translations=())
        if not outside:
            return line
        return replace(line, start=outside[0].start, end=max(word.end for word in outside))


def begun(utterance: int, start: float) -> Line:
    """The line of an utterance of which nothing is known but its number and where it starts."""
    return Line(utterance, start, start, "", "", (), -1, final=False, edited=False)


def _text_of(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words).strip()
