"""The lines of a meeting as a fold over its events."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from app.core.events import (
    AudioGap,
    AudioSaved,
    CaptionEdited,
    CaptureCleared,
    CaptureDoubted,
    CaptureEnded,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    Event,
    FinalCaption,
    LanguageDetected,
    LevelMeasured,
    LoadChanged,
    MeetingForgot,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    OwnVoiceHeard,
    PreviewChanged,
    RecognitionCaughtUp,
    RecognitionSkipped,
    RunMeasured,
    SpaceMeasured,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    StageChanged,
    Translation,
    TranslationEdited,
    TurnsFound,
    Word,
    WordsCommitted,
)
from app.session.gaps import Gaps
from app.session.speakers import Speaker, Speakers
from app.session.spoken import spoken_lines, words_outside
from app.session.translations import LineTranslation, Translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.core.events import SpeakerTurn
    from app.session.speakers import About


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


@dataclass(slots=True)
class _Entry:
    """A line under construction. It stays when its text is gone, to remember the revision."""

    utterance: int
    start: float
    end: float
    words: list[Word] = field(default_factory=list)
    text: str = ""
    language: str = ""
    revision: int = -1
    final: bool = False
    edited: bool = False
    translations: tuple[LineTranslation, ...] = ()
    line: Line | None = None
    lines: tuple[Line, ...] | None = None

    def as_line(self) -> Line:
        """The entry as a fact, made once after each change."""
        if self.line is None:
            text = self.text
            if not (self.final or self.edited):
                text = "".join(word.text for word in self.words)
            self.line = Line(
                self.utterance,
                self.start,
                self.end,
                text.strip(),
                self.language,
                tuple(self.words),
                self.revision,
                self.final,
                self.edited,
                translations=self.translations,
            )
        return self.line

    def as_lines(self, speakers: Speakers) -> tuple[Line, ...]:
        """The entry as one line for each speaker, made once after each change."""
        if self.lines is None:
            self.lines = tuple(spoken_lines(self.as_line(), speakers))
        return self.lines


class Transcript:
    """What was said so far. One thread applies events; any thread may read at the same time."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._order: list[tuple[float, int]] = []  # (start, utterance), always sorted
        self._gaps = Gaps()
        self._forgotten: list[MeetingForgot] = []
        self._voices = Speakers()
        self._translations = Translations()
        self._longest = 0.0  # seconds of the longest utterance
        self._language = ""
        self._duration = 0.0
        self._lock = threading.Lock()

    @property
    def lines(self) -> list[Line]:
        """All lines in the order of time, without empty ones."""
        with self._lock:
            return [
                line
                for _, utterance in self._order
                for line in self._entries[utterance].as_lines(self._voices)
                if line.text
            ]

    def lines_of(self, utterance: int) -> tuple[Line, ...]:
        """The lines of one utterance, several if the speaker changes in it; none without text."""
        with self._lock:
            entry = self._entries.get(utterance)
            lines = () if entry is None else entry.as_lines(self._voices)
        return tuple(line for line in lines if line.text)

    def utterances_between(self, start: float, end: float) -> list[int]:
        """Utterances that may reach into a stretch (s), in the order of time."""
        with self._lock:
            return [entry.utterance for entry in self._around(start, end)]

    @property
    def speakers(self) -> list[Speaker]:
        """Everybody who has a turn or a line, in the order of their numbers."""
        with self._lock:
            found = {turn.speaker for turn in self._voices.turns}
            for entry in self._entries.values():
                for line in entry.as_lines(self._voices):
                    found.update(line.speakers)
            return [self._voices.about(number) for number in sorted(found)]

    def speaker(self, number: int) -> Speaker:
        """What is known about one speaker."""
        return self._voices.about(number)

    @property
    def turns(self) -> tuple[SpeakerTurn, ...]:
        """Who spoke when, as far as it is known."""
        with self._lock:
            return self._voices.turns

    @property
    def voices(self) -> Speakers:
        """What people said about speakers; only to be read, by the thread that applies events."""
        return self._voices

    def line(self, utterance: int) -> Line | None:
        """The line of `utterance`; None if nothing of it is left or known."""
        with self._lock:
            entry = self._entries.get(utterance)
            line = None if entry is None else entry.as_line()
        return line if line is not None and line.text else None

    @property
    def last_utterance(self) -> int:
        """The highest number of an utterance, also of one without text; -1 if there is none."""
        with self._lock:
            return max(self._entries, default=-1)

    @property
    def gaps(self) -> list[AudioGap | RecognitionSkipped]:
        """Where lines may be missing, in the order in which it was noticed."""
        with self._lock:
            return self._gaps.missing

    @property
    def caught_up(self) -> list[RecognitionCaughtUp]:
        """Where recognition paused and caught up later, in the order in which that was done."""
        with self._lock:
            return self._gaps.caught_up

    @property
    def forgotten(self) -> list[MeetingForgot]:
        """What a person had removed, in the order in which that was done."""
        with self._lock:
            return list(self._forgotten)

    @property
    def falls(self) -> list[float]:
        """When live recognition fell so far behind that captions came late (s)."""
        with self._lock:
            return self._gaps.falls

    @property
    def language(self) -> str:
        """The language that was detected last; "" if none was."""
        return self._language

    @property
    def duration(self) -> float:
        """Seconds up to the last thing that is known about the audio."""
        return self._duration

    def apply(self, event: Event) -> None:
        """Take `event` in; costs the same at the end of a long meeting as at its start."""
        with self._lock:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case WordsCommitted():
                self._grow(event)
            case FinalCaption():
                self._finish(event)
            case CaptionEdited() | MeetingForgot():
                self._amend(event)
            case LanguageDetected():
                self._language = event.language
            case AudioGap() | RecognitionSkipped() | RecognitionCaughtUp() | LoadChanged():
                self._miss(event)
            case AudioSaved():
                self._reach(event.seconds)
            case (
                TurnsFound() | OwnVoiceHeard() | SpeakerNamed() | SpeakersMerged()
                | SpeakerAssigned()
            ):  # fmt: skip
                self._attribute(event)
            case Translation() | TranslationEdited():
                self._translate(event)
            case (
                PreviewChanged() | LevelMeasured() | CaptureStalled() | CaptureResumed()
                | CaptureEnded() | MeetingPaused() | MeetingResumed() | StageChanged()
                | RunMeasured() | MeetingStarted() | DeviceChanged() | CaptureDoubted()
                | CaptureCleared() | ClockJumped() | SpaceMeasured()
            ):  # fmt: skip
                return  # nothing that was said
            case _:
                assert_never(event)

    def _grow(self, event: WordsCommitted) -> None:
        if not event.words:
            return
        entry = self._entry(event.utterance, event.words[0].start)
        if entry.final:  # the final caption has these words already
            return
        entry.words.extend(event.words)
        entry.end = max(entry.end, event.words[-1].end)
        entry.language = entry.language or self._language
        self._changed(entry)

    def _finish(self, event: FinalCaption) -> None:
        entry = self._entry(event.utterance, event.start)
        if event.revision <= entry.revision or (entry.edited and entry.final):
            return
        if not entry.edited:
            entry.text = event.text
        if event.text or not entry.edited:
            self._move(entry, event.start)
            entry.end = event.end
            entry.words = list(event.words)
            entry.language = event.language
        entry.revision = event.revision
        entry.final = True
        self._changed(entry)

    def _amend(self, event: CaptionEdited | MeetingForgot) -> None:
        if isinstance(event, MeetingForgot):
            self._forget(event)
            return
        entry = self._entry(event.utterance, self._duration)
        entry.text = event.text
        entry.edited = True
        self._changed(entry)

    def _translate(self, event: Translation | TranslationEdited) -> None:
        entry = self._entry(event.utterance, self._duration)
        if self._translations.apply(event):
            entry.translations = self._translations.of(event.utterance)
            entry.line = entry.lines = None

    def _forget(self, event: MeetingForgot) -> None:
        """Of utterances that reach into the stretch only the machine's words outside it stay."""
        self._forgotten.append(event)
        for entry in list(self._entries.values()):
            outside = words_outside(entry.words, event)
            lost = entry.revision < 0 and not entry.words  # an edit of which nobody knows when
            if not (lost or (entry.start < event.end and event.start < entry.end)):
                continue
            entry.text, entry.edited = "".join(word.text for word in outside), False
            entry.words, entry.translations = outside, ()
            self._translations.forget(entry.utterance)
            if outside:
                entry.end = max(word.end for word in outside)
                self._move(entry, outside[0].start)
            self._changed(entry)
        self._attribute(event)

    def _miss(
        self, event: AudioGap | RecognitionSkipped | RecognitionCaughtUp | LoadChanged
    ) -> None:
        self._gaps.apply(event)
        if isinstance(event, AudioGap | RecognitionSkipped):
            self._reach(event.end)

    def _attribute(self, event: About) -> None:
        """Only the lines of what has changed are made anew: all of them after a merge."""
        span = self._voices.apply(event)
        if isinstance(event, SpeakerAssigned):
            entry = self._entries.get(event.utterance)
            changed = [] if entry is None else [entry]
        else:
            changed = [] if span is None else list(self._around(*span))
        for entry in changed:
            entry.lines = None

    def _around(self, start: float, end: float) -> Iterator[_Entry]:
        first = bisect_left(self._order, (start - self._longest, -1))
        for place in range(first, len(self._order)):
            if self._order[place][0] > end:
                return
            yield self._entries[self._order[place][1]]

    def _entry(self, utterance: int, start: float) -> _Entry:
        entry = self._entries.get(utterance)
        if entry is None:
            entry = self._entries[utterance] = _Entry(utterance, start, start)
            insort(self._order, (start, utterance))
        return entry

    def _move(self, entry: _Entry, start: float) -> None:
        if start != entry.start:
            del self._order[bisect_left(self._order, (entry.start, entry.utterance))]
            insort(self._order, (start, entry.utterance))
            entry.start = start

    def _changed(self, entry: _Entry) -> None:
        entry.line = entry.lines = None
        self._longest = max(self._longest, entry.end - entry.start)
        self._reach(entry.end)

    def _reach(self, moment: float) -> None:
        self._duration = max(self._duration, moment)
