"""The utterances that captions may still change: their words, and who spoke which of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.core.events import (
    OwnVoiceHeard,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    TurnsFound,
)
from app.gui.text import joined
from app.session.attribution import cut_text
from app.session.speakers import Speakers

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event, Word


@dataclass
class Utterance:
    """What was said; nothing is added to it once it is `finished`."""

    number: int
    text: str = ""
    words: list[Word] = field(default_factory=list)
    finished: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Characters `start` to `end` of a text are the name of a speaker."""

    start: int
    end: int
    speaker: int


class SpokenText:
    """Puts names before words where the speaker changes; none while nobody knows who speaks."""

    def __init__(self, called: Callable[[int, str], str]) -> None:
        self._called = called
        self._speakers = Speakers()

    def apply(self, event: Event) -> bool:
        """True if names or their places may have changed."""
        match event:
            case (
                TurnsFound() | OwnVoiceHeard() | SpeakerNamed() | SpeakersMerged()
                | SpeakerAssigned()
            ):  # fmt: skip
                self._speakers.apply(event)
                return True
            case _:
                return False

    def clear(self) -> None:
        self._speakers = Speakers()

    def render(self, said: Utterance, before: int | None) -> tuple[str, list[Label], int | None]:
        """The text with names in it, where they are, and who spoke last; `before` spoke before."""
        parts = self._speakers.parts(said.number, said.words)
        if not parts:
            return said.text, [], before
        text, labels = "", list[Label]()
        for part, words in zip(parts, cut_text(said.text, said.words, parts), strict=True):
            who = part.speakers[0] if part.speakers else before
            if who is not None and who != before:
                name = self._called(who, self._speakers.about(who).name)
                text = joined(text, f"{name}: ")
                labels.append(Label(len(text) - len(name) - 2, len(text) - 1, who))
                text, before = f"{text}{words.lstrip()}", who
            else:
                text = joined(text, words)
        return text, labels, before
