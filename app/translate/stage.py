"""Captions in, their translations out; what fails is told once, and everything else goes on.

Each language that cannot be translated into is told as a stage of its own, "translate:pt".
"""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from app.core.errors import AppError
from app.core.events import (
    CaptionEdited,
    FinalCaption,
    LanguageDetected,
    StageChanged,
    Translation,
    TranslationEdited,
    WordsCommitted,
)
from app.translate.glossary import Glossary
from app.translate.languages import from_whisper, same_language
from app.translate.pairs import STAGE, Pairs, PairWork
from app.translate.sentences import is_unspaced, said
from app.translate.whisper import HeardSpeech

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.core.events import Event, Word
    from app.pipeline.channel import Channel
    from app.translate.protocol import TranslationEngine
    from app.translate.whisper import WhisperEngine

UPDATE_SECONDS = 0.5
"""Seconds of speech between two translations of an utterance that is being spoken."""

_PAUSE = 0.4  # seconds without a word that end a phrase where no spaces are written
_REMEMBERED = 512  # utterances that may be revised or edited

Told: TypeAlias = (
    WordsCommitted
    | FinalCaption
    | LanguageDetected
    | CaptionEdited
    | TranslationEdited
    | HeardSpeech
)


def is_told(event: Event) -> TypeGuard[Told]:
    """Whether the stage wants to know of `event`."""
    return isinstance(
        event, WordsCommitted | FinalCaption | LanguageDetected | CaptionEdited | TranslationEdited
    )


def failed_language(event: StageChanged) -> str | None:
    """The language whose translation `event` is about: "" for all of them, None for none."""
    name, _, language = event.stage.partition(":")
    return language if name == STAGE else None


class UpdatePace:
    """Lets through what is final, and of what is not an update every half second at most.

    Nothing is lost: the text only grows, and the next update has all of it.
    """

    def __init__(self) -> None:
        self._last: dict[str, tuple[int, float]] = {}  # language -> utterance and moment

    def lets_through(self, event: Event, moment: float) -> bool:
        """`moment` is when it would be shown (s)."""
        if not isinstance(event, Translation) or event.final:
            return True
        utterance, last = self._last.get(event.language, (-1, 0.0))
        if utterance == event.utterance and moment - last < UPDATE_SECONDS:
            return False
        self._last[event.language] = event.utterance, moment
        return True


class TranslationInbox:
    """Passes on what is to be translated. Never waits: words are refused when there is no room,
    and with them all other words of their utterance; what is final never is.
    """

    def __init__(self, channel: Channel[Told]) -> None:
        self._channel = channel
        self._left_out = -1

    def take(self, event: Event) -> None:
        """From any thread; words from one only."""
        if isinstance(event, WordsCommitted):
            if event.utterance != self._left_out and not self._channel.offer(event):
                self._left_out = event.utterance
        elif is_told(event):
            self._channel.insist(event)

    def hear(self, speech: HeardSpeech) -> None:
        """The sound of an utterance whose final caption was, or will be, taken as well."""
        self._channel.offer(speech)


@dataclass(slots=True)
class _Spoken:
    """An utterance. `text` is that of the final caption, of an edit, or of the words so far."""

    text: str = ""
    end: float = 0.0  # of the last word, seconds
    grown: float = float("-inf")  # up to where it was translated last
    final: bool = False
    revision: int = -1
    edited: bool = False
    language: str = ""
    speech: HeardSpeech | None = None
    shown: dict[str, str] = field(default_factory=dict)  # target -> what was told last
    meant: dict[str, str] = field(default_factory=dict)  # target -> text it is the final one of
    by_hand: set[str] = field(default_factory=set)  # targets that a person wrote

    def add(self, words: Sequence[Word]) -> None:
        for word in words:
            apart = word.start - self.end >= _PAUSE and bool(self.text)
            if apart and is_unspaced(self.text[-1]) and is_unspaced(word.text[:1]):
                self.text += " "
            self.text += word.text
            self.end = word.end


class TranslateStage:
    """WordsCommitted, FinalCaption, … -> Translation, StageChanged.

    `make_engine` is called where the stage runs. `source` is the language spoken, "" until it is
    detected. `hearing` translates into English what the engine cannot.
    """

    name = STAGE

    def __init__(
        self,
        make_engine: Callable[[], TranslationEngine],
        targets: Sequence[str],
        source: str = "",
        glossary: Glossary | None = None,
        hearing: WhisperEngine | None = None,
    ) -> None:
        self._make_engine = make_engine
        self._glossary = glossary or Glossary()
        self._hearing = hearing
        self._targets = tuple(targets)
        self._source = source
        self._look_again = False
        self._spoken: OrderedDict[int, _Spoken] = OrderedDict()

    @property
    def targets(self) -> tuple[str, ...]:
        return self._targets

    @property
    def hears(self) -> bool:
        """Whether sound may be of use."""
        return self._hearing is not None

    def translate_to(self, targets: Sequence[str]) -> None:
        """Other languages from now on; from any thread.

        What was installed since the stage was opened is found then.
        """
        self._targets = tuple(targets)
        self._look_again = True

    def open(self) -> None:
        self._pairs = Pairs(self._make_engine(), self._glossary, self._hearing)
        for target in self._wanted(self._source):  # the first words should not wait for it
            self._pairs.way(self._source, target)

    def feed(self, items: Sequence[Told], /) -> Iterator[Translation | StageChanged]:
        """Translates what is final, then the newest words; older ones are not worth the time."""
        if self._look_again and self._source:
            self._renew()
        finals: dict[int, None] = {}
        growing = -1
        for item in items:
            utterance, final = self._take(item)
            if final:
                finals[utterance] = None
            elif utterance >= 0:
                growing = utterance
        for utterance in finals:
            yield from self._finish(utterance)
        if growing >= 0 and len(finals) < 2:
            yield from self._grow(growing)
        yield from self._pairs.news()

    def _renew(self) -> None:
        """An engine knows what was there when it was made."""
        self._look_again = False
        if all(not self._pairs.lacks(self._source, to) for to in self._wanted(self._source)):
            return
        with contextlib.suppress(AppError):  # the one that is there goes on
            self._pairs.renew(self._make_engine())

    def flush(self) -> Iterator[Translation | StageChanged]:
        """What never got a final caption."""
        for utterance, spoken in list(self._spoken.items()):
            if not (spoken.final or spoken.edited):
                yield from self._finish(utterance)
        yield from self._pairs.news()

    def close(self) -> None:
        pairs = self.__dict__.pop("_pairs", None)
        if pairs is not None:
            pairs.close()

    def _take(self, item: Told) -> tuple[int, bool]:
        """The utterance that `item` is about (-1: none), and whether it has its final text."""
        match item:
            case WordsCommitted():
                spoken = self._of(item.utterance)
                if not spoken.final and not spoken.edited:
                    spoken.add(item.words)
                    return item.utterance, False
            case FinalCaption():
                return item.utterance, self._caption(item)
            case CaptionEdited():
                spoken = self._of(item.utterance)
                spoken.text, spoken.edited, spoken.speech = item.text, True, None
                return item.utterance, True
            case LanguageDetected():
                self._source = from_whisper(item.language)
            case TranslationEdited():
                self._of(item.utterance).by_hand.add(item.language)
            case _:
                self._of(item.caption.utterance).speech = item
                return item.caption.utterance, True
        return -1, False

    def _caption(self, caption: FinalCaption) -> bool:
        spoken = self._of(caption.utterance)
        if caption.revision <= spoken.revision:
            return False
        spoken.revision, spoken.final = caption.revision, True
        spoken.language = from_whisper(caption.language)
        if not spoken.edited:
            spoken.text = caption.text
        return True

    def _of(self, utterance: int) -> _Spoken:
        if utterance not in self._spoken:
            self._spoken[utterance] = _Spoken()
            while len(self._spoken) > _REMEMBERED:
                self._spoken.popitem(last=False)
        return self._spoken[utterance]

    def _wanted(self, source: str) -> list[str]:
        """What speech in `source` is to be translated into; nothing if that is unknown."""
        return [to for to in self._targets if source and not same_language(source, to)]

    def _grow(self, utterance: int) -> Iterator[Translation]:
        spoken = self._of(utterance)
        if spoken.final or not self._source or spoken.end - spoken.grown < UPDATE_SECONDS:
            return
        spoken.grown = spoken.end
        for target in self._wanted(self._source):
            way = self._pairs.way(self._source, target)
            if isinstance(way, PairWork) and target not in spoken.by_hand:
                work = partial(way.grow, utterance, spoken.text)
                text = self._pairs.attempt(self._source, target, work)
                if text and text != spoken.shown.get(target):
                    spoken.shown[target] = text
                    yield Translation(utterance, target, text, final=False)

    def _finish(self, utterance: int) -> Iterator[Translation]:
        spoken = self._of(utterance)
        source = spoken.language or self._source
        meaning = said(spoken.text)
        wanted = self._wanted(source) if spoken.text.strip() else []
        for target in [to for to, text in spoken.shown.items() if text and to in self._targets]:
            if target not in wanted:  # it was absorbed, or turned out to be in this language
                yield self._told(spoken, utterance, target, "")
        for target in wanted:
            if target not in spoken.by_hand and spoken.meant.get(target) != meaning:
                text = self._whole(utterance, source, target)
                if text is not None:
                    yield self._told(spoken, utterance, target, text)
        spoken.speech = None

    def _whole(self, utterance: int, source: str, target: str) -> str | None:
        """The translation of all that was said; None if there is none."""
        spoken, way = self._of(utterance), self._pairs.way(source, target)
        if isinstance(way, PairWork):
            work = partial(way.finish, utterance, spoken.text)
        elif way is not None and spoken.speech is not None:
            heard = self._pairs.attempt(source, target, partial(way.hear, spoken.speech))
            return heard or None  # what it does not trust it does not tell
        else:
            return None
        return self._pairs.attempt(source, target, work)

    def _told(self, spoken: _Spoken, utterance: int, target: str, text: str) -> Translation:
        spoken.meant[target] = said(spoken.text)
        spoken.shown[target] = text
        return Translation(utterance, target, text, final=True)
