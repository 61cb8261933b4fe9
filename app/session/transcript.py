"""The lines of a meeting as a fold over its events."""

from __future__ import annotations

import threading
from dataclasses import replace
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
    WordsCommitted,
)
from app.session.gaps import Gaps
from app.session.line import begun
from app.session.linebook import LineBook
from app.session.speakers import Speaker, Speakers
from app.session.translations import Translations

if TYPE_CHECKING:
    from app.core.events import SpeakerTurn
    from app.session.line import Line
    from app.session.speakers import About


class Transcript:
    """What was said so far. One thread applies events; any thread may read at the same time."""

    def __init__(self) -> None:
        self._gaps = Gaps()
        self._forgotten: list[MeetingForgot] = []
        self._voices = Speakers()
        self._book = LineBook(self._voices)
        self._translations = Translations()
        self._language = ""
        self._duration = 0.0
        self._lock = threading.Lock()

    @property
    def lines(self) -> list[Line]:
        """All lines in the order of time, without empty ones."""
        with self._lock:
            every = (part for line in self._book for part in self._book.spoken(line.utterance))
            return [line for line in every if line.text]

    def lines_of(self, utterance: int) -> tuple[Line, ...]:
        """The lines of one utterance, several if the speaker changes in it; none without text."""
        with self._lock:
            return tuple(line for line in self._book.spoken(utterance) if line.text)

    def utterances_between(self, start: float, end: float) -> list[int]:
        """Utterances that may reach into a stretch (s), in the order of time."""
        with self._lock:
            return [line.utterance for line in self._book.between(start, end)]

    @property
    def speakers(self) -> list[Speaker]:
        """Everybody who has a turn or a line, in the order of their numbers."""
        with self._lock:
            found = {turn.speaker for turn in self._voices.turns}
            for line in self._book:
                for part in self._book.spoken(line.utterance):
                    found.update(part.speakers)
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
            line = self._book.get(utterance)
        return line if line is not None and line.text else None

    @property
    def last_utterance(self) -> int:
        """The highest number of an utterance, also of one without text; -1 if there is none."""
        with self._lock:
            return self._book.last

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
        if event.words:
            line = self._line(event.utterance, event.words[0].start)
            self._put(line.grown(event.words, self._language))

    def _finish(self, event: FinalCaption) -> None:
        self._put(self._line(event.utterance, event.start).finished(event))

    def _amend(self, event: CaptionEdited | MeetingForgot) -> None:
        if isinstance(event, MeetingForgot):
            self._forget(event)
        else:
            self._put(self._line(event.utterance).rewritten(event.text))

    def _translate(self, event: Translation | TranslationEdited) -> None:
        if self._translations.apply(event):
            told = self._translations.of(event.utterance)
            self._put(replace(self._line(event.utterance), translations=told))

    def _forget(self, event: MeetingForgot) -> None:
        """Of utterances that reach into the stretch only the machine's words outside it stay."""
        self._forgotten.append(event)
        for line in list(self._book):
            left = line.without(event)
            if left is not line:
                self._translations.forget(line.utterance)
                self._put(left)
        self._attribute(event)

    def _miss(
        self, event: AudioGap | RecognitionSkipped | RecognitionCaughtUp | LoadChanged
    ) -> None:
        self._gaps.apply(event)
        if isinstance(event, AudioGap | RecognitionSkipped):
            self._reach(event.end)

    def _attribute(self, event: About) -> None:
        """Only the lines of what has changed are cut anew: all of them after a merge."""
        span = self._voices.apply(event)
        if isinstance(event, SpeakerAssigned):
            self._book.cut_anew([event.utterance])
        elif span is not None:
            self._book.cut_anew(line.utterance for line in self._book.between(*span))

    def _line(self, utterance: int, start: float | None = None) -> Line:
        """What is known about `utterance`; a line that begins at `start`, or now, if nothing is."""
        found = self._book.get(utterance)
        return found or begun(utterance, self._duration if start is None else start)

    def _put(self, line: Line) -> None:
        self._book.put(line)
        self._reach(line.end)

    def _reach(self, moment: float) -> None:
        self._duration = max(self._duration, moment)
