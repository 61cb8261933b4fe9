"""Captions of a meeting: what recognition hears of it, what it misses, and what comes later."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.core.events import RecognitionSkipped, StageState
from app.goingon import LaterUtterances, next_utterance
from app.intake import SkippedSpeech, seconds_of
from app.meeting import catch_up_for, recognition_for
from app.pipeline.channel import Channel
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioBlock
    from app.core.events import Event, FinalCaption, StageChanged
    from app.meeting import MeetingRequest
    from app.pipeline.pipeline import Pipeline
    from app.pipeline.protocol import Stage
    from app.session.session import Session
    from app.speech.transcribe.loading import SharedModel
    from app.speech.transcribe.stage import Recognised

logger = logging.getLogger(__name__)

_SPEECH_BACKLOG = 60.0  # seconds of sound that may wait for recognition; more is on disk
_REVISION_BACKLOG = 64  # utterances that may wait for being decoded again
_MISSED_BACKLOG = 4096  # stretches that may wait for being caught up


class Captioning:
    """Recognises what it takes, and tells what it could not take; a saved meeting catches up.

    `keep` gets all events, `hear` utterances with their sound, once their caption is kept. Both
    are called from the threads of the stages.
    """

    def __init__(
        self, keep: Callable[[Event], object], hear: Callable[[HeardUtterance], object]
    ) -> None:
        self._keep = keep
        self._hear = hear
        self._speech: Channel[AudioBlock] = Channel(_SPEECH_BACKLOG, seconds_of)
        self._heard: Channel[HeardUtterance | SpeechRested] = Channel(_REVISION_BACKLOG)
        self._missed: Channel[RecognitionSkipped | SpeechRested] = Channel(_MISSED_BACKLOG)
        self._skipped = SkippedSpeech()
        self._loaded = False  # without a model there is nothing to catch up with

    def add_to(
        self,
        pipeline: Pipeline,
        request: MeetingRequest,
        model: SharedModel,
        terms: tuple[str, ...],
        session: Session | None,
    ) -> None:
        """The stages of `request`, which expect `terms`; without a session nothing is caught up."""
        recognition = recognition_for(request, model, terms)
        live: Stage[AudioBlock, Recognised | FinalCaption] = recognition.live
        if session is not None and session.begin:
            live = LaterUtterances(live, next_utterance(session.transcript))
        pipeline.add(live, self._speech, self._after_live)
        pipeline.add(recognition.revise, self._heard, self._keep)
        if session is not None:
            late = catch_up_for(request, session, model, terms, lambda: self._missed.cancelled)
            pipeline.add(late, self._missed, self._keep)

    def take(self, block: AudioBlock) -> None:
        """Never waits: what there is no room for is missed."""
        accepted = self._speech.offer(block)
        self._miss(self._skipped.note(block, accepted=accepted))

    def end(self) -> None:
        """There is nothing more to take."""
        self._miss(self._skipped.end())

    def note(self, event: StageChanged) -> None:
        """A stage has changed: once the model is loaded what is missed can be caught up with."""
        if event.state is StageState.RUNNING and event.stage == "transcribe":
            self._loaded = True

    def _after_live(self, item: Recognised | FinalCaption) -> None:
        match item:
            case HeardUtterance():
                self._keep(item.caption)
                self._hear(item)
                if not self._heard.offer(item):
                    logger.warning("utterance %d keeps its live text", item.caption.utterance)
            case SpeechRested():
                self._heard.offer(item)
                self._missed.offer(item)
            case RecognitionSkipped():
                self._miss(item)
            case _:
                self._keep(item)

    def _miss(self, skipped: RecognitionSkipped | None) -> None:
        if skipped is not None:
            self._keep(skipped)
            if self._loaded:
                self._missed.offer(skipped)
