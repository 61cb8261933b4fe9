"""The people in a meeting: what was found about them, and what a person said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import (
    YOU,
    MeetingForgot,
    OwnVoiceHeard,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    SpeakerTurn,
    TurnsFound,
)
from app.session.attribution import REACH, Part, parts_of
from app.session.turns import TurnBook, joined, outside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import Word

    Said = SpeakerNamed | SpeakersMerged | SpeakerAssigned
    About = TurnsFound | OwnVoiceHeard | MeetingForgot | Said
    Span = tuple[float, float]

_NOBODY = -2  # stands where somebody else than the user may speak and nobody has told who
_BREATH = 0.5  # seconds between two stretches of the own voice that are one turn

EVERYWHERE = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who spoke; `name` is "" unless a person gave one."""

    number: int
    name: str = ""

    def called(self, default: str = "Speaker {n}") -> str:
        """The name, or else what `default` makes of the place in the order, from 1."""
        if self.number == YOU:
            return self.name or "You"
        return self.name or default.format(n=self.number + 1)


class Speakers:
    """Turns, names, merges, and who was said by hand to have spoken a line.

    The user's own voice is known from the microphone and goes before what a diarizer makes of it;
    what is told anew of all turns leaves it alone.
    """

    def __init__(self) -> None:
        self._book = TurnBook()
        self._own = TurnBook()
        self._names: dict[int, str] = {}
        self._into: dict[int, int] = {}
        self._by_hand: dict[int, list[tuple[Span, int]]] = {}

    def apply(self, event: About) -> Span | None:
        """Take `event` in; returns the stretch in which turns are others now (s), if any."""
        match event:
            case TurnsFound():
                start, end = self._book.apply(event)
                return (start - REACH, end + REACH) if end > start else None
            case OwnVoiceHeard():
                return self._hear(event)
            case MeetingForgot():
                nobody = TurnsFound(event.start, event.end, (), final=True)
                self._own.apply(nobody)
                return self.apply(nobody)
            case SpeakerNamed():
                self._names[self.actual(event.speaker)] = event.name
                return None
            case SpeakersMerged():
                return self._merge(event)
            case SpeakerAssigned():
                span = event.span or EVERYWHERE
                self._by_hand.setdefault(event.utterance, []).append((span, event.speaker))
                return None

    @property
    def turns(self) -> tuple[SpeakerTurn, ...]:
        """All turns, in the order of their starts."""
        turns, own = self._book.turns, self._own.turns
        if own:
            turns = tuple(joined([*outside(turns, own), *own]))
        return tuple(self._known(turns)) if self._into else turns

    @property
    def named(self) -> dict[int, str]:
        """The names that people gave."""
        return {who: name for who, name in self._names.items() if name}

    @property
    def touched(self) -> frozenset[int]:
        """Speakers about whom a person has said something: their numbers must stay."""
        hands = (who for said in self._by_hand.values() for _, who in said)
        return frozenset(map(self.actual, (*self.named, *self._into.values(), *hands)))

    @property
    def gathered(self) -> frozenset[int]:
        """Speakers that were merged out of several."""
        return frozenset(map(self.actual, self._into.values()))

    @property
    def merged(self) -> frozenset[int]:
        """Numbers that now mean somebody else."""
        return frozenset(self._into)

    def about(self, number: int) -> Speaker:
        return Speaker(number, self._names.get(number, ""))

    def actual(self, number: int) -> int:
        """The speaker that `number` means, after all merges."""
        while number in self._into:
            number = self._into[number]
        return number

    def parts(self, utterance: int, words: Sequence[Word]) -> tuple[Part, ...]:
        """Who spoke which of the words of an utterance; nothing if nobody knows."""
        if not words:
            return ()
        turns = self._known(self._between(words[0].start - REACH, words[-1].end + REACH))
        said = self._by_hand.get(utterance, [])

        def assigned(word: Word) -> int | None:
            middle = (word.start + word.end) / 2
            found = [who for (start, end), who in said if start <= middle <= end]
            return self.actual(found[-1]) if found else None

        parts = parts_of(words, turns, assigned)
        return tuple(Part(p.first, p.last, _somebody(p.speakers)) for p in parts)

    def of_stretch(self, utterance: int, start: float, end: float) -> tuple[int, ...]:
        """The one who speaks most in a stretch (s) without words; nobody if nobody does."""
        said = self._by_hand.get(utterance)
        if said:
            return (self.actual(said[-1][1]),)
        shares: dict[int, float] = {}
        for turn in self._known(self._between(start, end)):
            shared = min(turn.end, end) - max(turn.start, start)
            shares[turn.speaker] = shares.get(turn.speaker, 0.0) + shared
        return _somebody((max(shares, key=lambda who: shares[who]),)) if shares else ()

    def _hear(self, voice: OwnVoiceHeard) -> Span:
        before = self._own.between(voice.start - _BREATH, voice.start)
        start = before[-1].end if before else voice.start
        turn = SpeakerTurn(start, voice.end, YOU)
        self._own.apply(TurnsFound(start, voice.end, (turn,), final=True))
        return (start - REACH, voice.end + REACH)

    def _between(self, start: float, end: float) -> list[SpeakerTurn]:
        """The turns of a stretch (s): the user's own, and others outside of these."""
        found, own = self._book.between(start, end), self._own.between(start, end)
        if not own:
            return found
        if self._book.reached < end:
            found.append(SpeakerTurn(max(start, self._book.reached), end, _NOBODY))
        return joined([*outside(found, own), *own])

    def _known(self, turns: Sequence[SpeakerTurn]) -> list[SpeakerTurn]:
        if not self._into:
            return list(turns)
        return joined(SpeakerTurn(t.start, t.end, self.actual(t.speaker)) for t in turns)

    def _merge(self, event: SpeakersMerged) -> Span | None:
        gone, stays = self.actual(event.speaker), self.actual(event.into)
        if gone == stays:
            return None
        self._into[gone] = stays
        name = self._names.pop(gone, "")
        if not self._names.get(stays):
            self._names[stays] = name
        return EVERYWHERE


def _somebody(speakers: tuple[int, ...]) -> tuple[int, ...]:
    """`speakers` without the one who stands for nobody; none if that is the main one."""
    if speakers and speakers[0] == _NOBODY:
        return ()
    return tuple(who for who in speakers if who != _NOBODY)
