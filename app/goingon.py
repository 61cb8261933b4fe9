"""What is different in a meeting that goes on: numbers and clocks that begin later."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from app.core.events import (
    LATE_UTTERANCES,
    FinalCaption,
    PreviewChanged,
    SpeakerTurn,
    TurnsFound,
    WordsCommitted,
)
from app.intake import later
from app.speech.transcribe.utterance import HeardUtterance

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.core.audio import AudioBlock
    from app.pipeline.protocol import Stage
    from app.session.transcript import Transcript
    from app.speech.transcribe.stage import Recognised

    Told = Recognised | FinalCaption


def next_utterance(transcript: Transcript) -> int:
    """The first number that no live utterance of the meeting has."""
    every = transcript.utterances_between(-inf, inf)
    return max((number for number in every if number < LATE_UTTERANCES), default=-1) + 1


def next_late_utterance(transcript: Transcript) -> int:
    """The same for utterances that are caught up."""
    return max(transcript.last_utterance + 1, LATE_UTTERANCES)


def next_speaker(transcript: Transcript) -> int:
    """The first number that nobody in the meeting has: voices are told apart anew."""
    return max((who.number for who in transcript.speakers), default=-1) + 1


class LaterUtterances:
    """Live recognition whose utterances are numbered from `first` on."""

    def __init__(self, inner: Stage[AudioBlock, Told], first: int) -> None:
        self._inner = inner
        self._first = first

    @property
    def name(self) -> str:
        return self._inner.name

    def open(self) -> None:
        self._inner.open()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[Told]:
        yield from map(self._numbered, self._inner.feed(items))

    def flush(self) -> Iterator[Told]:
        yield from map(self._numbered, self._inner.flush())

    def close(self) -> None:
        self._inner.close()

    def _numbered(self, item: Told) -> Told:
        match item:
            case WordsCommitted() | PreviewChanged() | FinalCaption():
                return replace(item, utterance=item.utterance + self._first)
            case HeardUtterance():
                number = item.caption.utterance + self._first
                return replace(item, caption=replace(item.caption, utterance=number))
            case _:
                return item


class LaterVoices:
    """A diarizer for whom the meeting begins at `begin` (s), with new speakers from `first` on.

    It hears nothing of what was said before, and changes nothing that was found there.
    """

    def __init__(self, inner: Stage[AudioBlock, TurnsFound], begin: float, first: int) -> None:
        self._inner = inner
        self._begin = begin
        self._first = first

    @property
    def name(self) -> str:
        return self._inner.name

    def open(self) -> None:
        self._inner.open()

    def feed(self, items: Sequence[AudioBlock], /) -> Iterator[TurnsFound]:
        return self._placed(self._inner.feed([later(item, -self._begin) for item in items]))

    def flush(self) -> Iterator[TurnsFound]:
        return self._placed(self._inner.flush())

    def close(self) -> None:
        self._inner.close()

    def _placed(self, found: Iterable[TurnsFound]) -> Iterator[TurnsFound]:
        for event in found:
            turns = tuple(
                SpeakerTurn(
                    turn.start + self._begin, turn.end + self._begin, turn.speaker + self._first
                )
                for turn in event.turns
            )
            yield TurnsFound(event.start + self._begin, event.end + self._begin, turns, event.final)
