"""What every export starts from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.errors import TranslationError
from app.session.translations import languages_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from app.core.events import SpeakerTurn
    from app.session.line import Line
    from app.session.speakers import Speaker
    from app.session.store import Meeting
    from app.session.translations import LineTranslation

USUAL = ("", "source", "both")
"""What can be written besides one of the languages."""


@dataclass(frozen=True, slots=True)
class ExportDocument:
    """A meeting or a transcribed file. `duration` in seconds; `language` "" if unknown.

    `speakers` and `turns` are empty where nobody told speakers apart. `text` says what to write
    where a format has to choose: "source", "both", a language's code, or "" for what is usual.
    """

    title: str
    started: datetime | None
    duration: float
    language: str
    lines: tuple[Line, ...]
    notes: str = ""
    speakers: tuple[Speaker, ...] = ()
    turns: tuple[SpeakerTurn, ...] = ()
    text: str = ""

    def languages(self) -> list[str]:
        """The languages into which lines are translated."""
        return languages_in([line.translations for line in self.lines])

    def told_in(self, text: str) -> ExportDocument:
        """The same, to be written as `text` says. Raises TranslationError if nothing is so."""
        if text not in (*USUAL, *self.languages()):
            known = ", ".join(self.languages())
            raise TranslationError(
                f"Nothing here is translated into {text!r}",
                hint=f"There are: {known}." if known else "There are no translations at all.",
            )
        return replace(self, text=text)

    def shown(self) -> ExportDocument:
        """With what is to be read as the lines' own text: a translation, if one is chosen."""
        if self.text in USUAL:
            return self
        return replace(self, lines=tuple(_in_language(self.lines, self.text)))

    def below(self) -> list[tuple[LineTranslation, ...]]:
        """What to write below each of the lines, if "both" is chosen."""
        return [line.translations if self.text == "both" else () for line in self.lines]

    def names(self) -> dict[int, str]:
        """What to call each speaker."""
        return {speaker.number: speaker.called() for speaker in self.speakers}

    def voices(self) -> list[str]:
        """Who spoke each of the lines: "Anna", "Anna and Ben", or "" if nobody knows."""
        names = self.names()
        return [
            " and ".join(names.get(who, f"Speaker {who + 1}") for who in line.speakers)
            for line in self.lines
        ]

    def heads(self) -> list[str]:
        """What to write before each of the lines: who spoke, where that changes, else ""."""
        return list(_changes(self.voices()))


def _in_language(lines: tuple[Line, ...], language: str) -> Iterator[Line]:
    """The lines in `language`; what was not translated stays as it was said.

    The translation of an utterance with several lines stands for all of them.
    """
    translated = {line.utterance for line in lines if line.translation(language)}
    for line in lines:
        found = line.translation(language)
        if found is not None:
            yield replace(line, text=found.text, language=language, words=())
        elif line.utterance not in translated:
            yield line


def _changes(voices: list[str]) -> Iterator[str]:
    before = ""
    for voice in voices:
        yield f"{voice}:" if voice and voice != before else ""
        before = voice


def document_of(meeting: Meeting) -> ExportDocument:
    """The stored `meeting` as something to export."""
    info = meeting.info
    is_one = info.language != "auto" and "," not in info.language
    heard = meeting.transcript.language or (info.language if is_one else "")
    return ExportDocument(
        info.title,
        info.started,
        info.duration_s,
        "en" if info.translated else heard,
        tuple(meeting.transcript.lines),
        meeting.notes,
        tuple(meeting.transcript.speakers),
        meeting.transcript.turns,
    )
