"""The people in a meeting: what was found about them, and what a person said about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.events import SpeakerAssigned, SpeakerNamed, SpeakersMerged, SpeakerTurn, TurnsFound
from app.session.attribution import REACH, Part, parts_of
from app.session.turns import TurnBook, joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.events import Word

    About = TurnsFound | SpeakerNamed | SpeakersMerged | SpeakerAssigned
    Span = tuple[float, float]

EVERYWHERE = (float("-inf"), float("inf"))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody who spoke; `name` is "" unless a person gave one."""

    number: int
    name: str = ""

    def called(self, default: str = "Speaker {n}") -> str:
        """The name, or else what `default` makes of the place in the order, from 1."""
        return self.name or default.format(n=self.number + 1)


class Speakers:
    """Turns, names, merges, and who was said by hand to have spoken a line."""

    def __init__(self) -> None:
        self._book = TurnBook()
        self._names: dict[int, str] = {}
        self._into: dict[int, int] = {}
        self._by_hand: dict[int, list[tuple[Span, int]]] = {}

    def apply(self, event: About) -> Span | None:
        """Take `event` in; returns the stretch in which turns are others now (s), if any."""
        match event:
            case TurnsFound():
                start, end = self._book.apply(event)
                return (start - REACH, end + REACH) if end > start else None
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
        turns = self._book.turns
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
        turns = self._known(self._book.between(words[0].start - REACH, words[-1].end + REACH))
        said = self._by_hand.get(utterance, [])

        def assigned(word: Word) -> int | None:
            middle = (word.start + word.end) / 2
            found = [who for (start, end), who in said if start <= middle <= end]
            return self.actual(found[-1]) if found else None

        return parts_of(words, turns, assigned)

    def of_stretch(self, utterance: int, start: float, end: float) -> tuple[int, ...]:
        """The one who speaks most in a stretch (s) without words; nobody if nobody does."""
        said = self._by_hand.get(utterance)
        if said:
            return (self.actual(said[-1][1]),)
        shares: dict[int, float] = {}
        for turn in self._known(self._book.between(start, end)):
            shared = min(turn.end, end) - max(turn.start, start)
            shares[turn.speaker] = shares.get(turn.speaker, 0.0) + shared
        return (max(shares, key=lambda who: shares[who]),) if shares else ()

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
