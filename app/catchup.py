"""Recognises parts of a recording that were not recognised while they were recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from app.capture.resample import SpeechResampler
from app.core.audio import AudioBlock, AudioFormat
from app.core.events import (
    LATE_UTTERANCES,
    FinalCaption,
    LanguageDetected,
    RecognitionCaughtUp,
    RecognitionSkipped,
)
from app.mixed import BOTH, mixed_blocks
from app.modelstore.store import ModelStore
from app.pipeline.chain import Chain
from app.session.audio import AudioReader
from app.session.info import TRANSLATE
from app.session.seams import fitted, words_around
from app.speech.transcribe.guidance import Guidance
from app.speech.transcribe.loading import SharedModel
from app.speech.transcribe.pauses import place_of_pause
from app.speech.transcribe.utterance import SpeechRested
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.stage import VadStage
from app.vocabulary.wording import meeting_wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from app.core.events import Event, Word
    from app.core.paths import Paths
    from app.pipeline.protocol import Stage
    from app.session.session import Session
    from app.speech.transcribe.whisper import Whisper

    Spoken = FinalCaption | LanguageDetected

_READ_SECONDS = 10.0
_MARGIN = 2.0  # seconds heard on both sides of a stretch: cut sound is misunderstood
_TOUCHING = 0.01  # seconds


def recorded_blocks(
    recording: AudioReader, start: float, end: float, seconds: float = _READ_SECONDS
) -> Iterator[AudioBlock]:
    """What was recorded between two times (s), in blocks of up to `seconds`.

    Microphone and system are mixed as they were live; of other tracks the first one is read.
    Raises MeetingDamagedError for a file that cannot be decoded.
    """
    tracks = recording.tracks
    if set(tracks) == set(BOTH):
        parts = {name: _track_blocks(recording, name, start, end, seconds) for name in tracks}
        return mixed_blocks(parts, patience_s=2 * seconds)
    return _track_blocks(recording, tracks[0], start, end, seconds) if tracks else iter(())


def _track_blocks(
    recording: AudioReader, track: str, start: float, end: float, seconds: float
) -> Iterator[AudioBlock]:
    end = min(end, recording.duration(track))
    while start < end:
        until = min(start + seconds, end)
        sound = recording.read(track, start, until)
        if not len(sound.samples):
            return
        pcm = np.clip(np.rint(sound.samples * 32768.0), -32768, 32767).astype(np.int16)
        form = AudioFormat(sound.rate, 1)
        yield AudioBlock(round(start * sound.rate), pcm[:, None], form)
        start = until


@dataclass(frozen=True, slots=True)
class LateWish:
    """How to recognise a saved meeting; "" leaves it to the meeting."""

    model: str
    language: str = ""
    task: str = ""


def _no_words(_start: float, _end: float) -> Sequence[Word]:
    return ()


class StretchRecogniser:
    """Recognises stretches of a recording; utterances are numbered from `first` on.

    `standing` gives the words that are known between two times (s): where a stretch meets them,
    none is written twice.
    """

    def __init__(
        self,
        recording: AudioReader,
        make_stage: Callable[[], Stage[AudioBlock, Spoken]],
        first: int = LATE_UTTERANCES,
        cancelled: Callable[[], bool] = lambda: False,
        standing: Callable[[float, float], Sequence[Word]] = _no_words,
    ) -> None:
        self._recording = recording
        self._make_stage = make_stage
        self._next = first
        self._cancelled = cancelled
        self._standing = standing

    def recognise(
        self, start: float, end: float, progress: Callable[[float], object] = lambda _at: None
    ) -> Iterator[Spoken | RecognitionCaughtUp]:
        """Everything about a stretch at once, or nothing if it was cancelled on the way.

        `progress` gets the place reached (s). Raises ModelError, MeetingDamagedError.
        """
        found: list[Spoken] = []
        stage = self._make_stage()
        try:
            stage.open()
            around = self._begin(start), end + _MARGIN
            for block in recorded_blocks(self._recording, *around):
                if self._cancelled():
                    return
                found.extend(stage.feed([block]))
                progress(min(max(start, block.end), end))
            found.extend(stage.flush())
        finally:
            stage.close()
        yield from self._numbered(self._belonging(found, start, end))
        yield RecognitionCaughtUp(start, end)

    def _begin(self, start: float) -> float:
        """Before `start`, between words: half a word in front costs the model all of a sentence."""
        earliest = max(0.0, start - _MARGIN)
        blocks = list(recorded_blocks(self._recording, earliest, start))
        if not blocks:
            return earliest
        samples, rate = np.concatenate([block.samples for block in blocks]), blocks[0].format.rate
        place = place_of_pause(samples, rate)
        return earliest if place is None else blocks[0].start + place / rate

    def _belonging(self, found: Sequence[Spoken], start: float, end: float) -> Iterator[Spoken]:
        captions = [event for event in found if isinstance(event, FinalCaption)]
        standing = self._standing(start - _MARGIN, end + _MARGIN)
        kept = {event.utterance: event for event in fitted(captions, start, end, standing)}
        for event in found:
            if not isinstance(event, FinalCaption):
                yield event
            elif event.utterance in kept:
                yield kept[event.utterance]

    def _numbered(self, found: Iterable[Spoken]) -> Iterator[Spoken]:
        for event in found:
            if isinstance(event, FinalCaption):
                yield replace(event, utterance=self._next)
                self._next += 1
            else:
                yield event


def recogniser_of(
    session: Session,
    make_stage: Callable[[], Stage[AudioBlock, Spoken]],
    first: int,
    cancelled: Callable[[], bool],
) -> StretchRecogniser:
    """What recognises stretches of a meeting's recording, beside the words that it has."""
    standing = partial(words_around, session.transcript)
    recording = AudioReader(session.audio_folder)
    return StretchRecogniser(recording, make_stage, first, cancelled, standing)


def whole_stage(
    load: Callable[[], Whisper], language: str, guidance: Guidance | None = None
) -> Stage[AudioBlock, Spoken]:
    """What decodes a stretch: without hurry, as well as the model can."""
    whole = WholeStage(load, language, guidance=guidance)
    return Chain(SpeechResampler(), Chain(VadStage(), whole))


class LateRecognition:
    """Recognises what is missing in a saved meeting, as the meeting was to be recognised.

    Its language, task and own terms count, unless `wish` names others. Raises AppError.
    """

    def __init__(
        self,
        session: Session,
        paths: Paths,
        wish: LateWish,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        store = ModelStore(paths.models)
        store.locate(wish.model)
        self._session = session
        self._model = wish.model
        self._task = wish.task or session.info.task
        self._wording = meeting_wording(paths, session.folder)
        shared = SharedModel(lambda: store.locate(wish.model))
        language = wish.language or session.info.language or "auto"
        guidance = Guidance(self._task == TRANSLATE, self._wording.terms)
        self._recogniser = recogniser_of(
            session,
            lambda: whole_stage(shared, language, guidance),
            session.transcript.last_utterance + 1,
            cancelled,
        )

    def recognise(
        self, start: float, end: float, progress: Callable[[float], object] = lambda _at: None
    ) -> list[Event]:
        """What was found in a stretch, now kept: all of it, or nothing if it was cancelled."""
        told = list(self._recogniser.recognise(start, end, progress))
        if not told:
            return []
        gaps = bool(self._session.transcript.gaps)
        found = [
            self._wording.corrections.apply(event)
            for event in told
            if gaps or not isinstance(event, RecognitionCaughtUp)
        ]
        for event in found:
            self._session.record(event)
        self._session.recognised_with(self._model, self._task)
        return found


def missing_stretches(session: Session) -> list[tuple[float, float]]:
    """What recognition skipped; all of a meeting in which nothing was recognised (s)."""
    if not session.transcript.lines:
        length = AudioReader(session.audio_folder).duration()
        return [(0.0, length)] if length else []
    gaps = session.transcript.gaps
    skipped = joined(gap for gap in gaps if isinstance(gap, RecognitionSkipped))
    return [(stretch.start, stretch.end) for stretch in skipped]


def joined(stretches: Iterable[RecognitionSkipped]) -> list[RecognitionSkipped]:
    """Those that follow each other without a gap as one: no word is cut in two between them."""
    found: list[RecognitionSkipped] = []
    for stretch in stretches:
        if found and abs(stretch.start - found[-1].end) <= _TOUCHING:
            stretch = RecognitionSkipped(found.pop().start, stretch.end)
        found.append(stretch)
    return found


class CatchUpStage:
    """RecognitionSkipped, SpeechRested -> captions, RecognitionCaughtUp.

    One stretch is caught up in each lull of the conversation, the others when the meeting ends.
    """

    name = "catch-up"

    def __init__(self, recogniser: StretchRecogniser) -> None:
        self._recogniser = recogniser
        self._waiting: list[RecognitionSkipped] = []

    def open(self) -> None:
        """The model is loaded when the first stretch needs it."""

    def feed(
        self, items: Sequence[RecognitionSkipped | SpeechRested], /
    ) -> Iterator[FinalCaption | RecognitionCaughtUp]:
        skipped = (item for item in items if isinstance(item, RecognitionSkipped))
        self._waiting = joined([*self._waiting, *skipped])
        if self._waiting and items and isinstance(items[-1], SpeechRested):
            yield from self._catch_up(self._waiting.pop(0))

    def flush(self) -> Iterator[FinalCaption | RecognitionCaughtUp]:
        while self._waiting:
            yield from self._catch_up(self._waiting.pop(0))

    def close(self) -> None:
        self._waiting = []

    def _catch_up(
        self, stretch: RecognitionSkipped
    ) -> Iterator[FinalCaption | RecognitionCaughtUp]:
        """The language spoken now is for live recognition to say."""
        for event in self._recogniser.recognise(stretch.start, stretch.end):
            if not isinstance(event, LanguageDetected):
                yield event
