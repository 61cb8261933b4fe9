"""One meeting being recorded and captioned: the place that knows all the concrete classes."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from app.capture.factory import open_source_for
from app.capture.watch import StallWatch
from app.catchup import CatchUpStage, StretchRecogniser, whole_stage
from app.core.audio import AudioBlock
from app.core.errors import AppError, PairMissingError, StorageError
from app.core.events import (
    CaptureEnded,
    MeetingPaused,
    MeetingResumed,
    RecognitionSkipped,
    StageChanged,
    StageState,
)
from app.diarization import diarize_stage
from app.intake import Intake, Passage, SkippedSpeech, seconds_of
from app.meeting import MeetingRequest as MeetingRequest
from app.meeting import Recognition as Recognition
from app.meeting import model_for as model_for
from app.meeting import new_meeting as new_meeting
from app.meeting import recognition_for as recognition_for
from app.pipeline.channel import Channel
from app.pipeline.pipeline import Pipeline
from app.session.audio import AudioReader
from app.session.recorder import RecorderStage
from app.session.store import SessionStore
from app.speech.transcribe.guidance import Guidance
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from app.translate.stage import Told, TranslateStage, TranslationInbox, UpdatePace
from app.translation import (
    check_wish,
    glossary_for,
    translate_stage,
)
from app.vocabulary.wording import Wording, load_wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.protocol import AudioSource
    from app.core.events import Event, FinalCaption
    from app.core.paths import Paths
    from app.pipeline.protocol import Stage
    from app.pipeline.runner import ThreadHost
    from app.session.session import Session
    from app.speech.transcribe.loading import SharedModel
    from app.speech.transcribe.stage import Recognised

logger = logging.getLogger(__name__)

_CAPTURE_BACKLOG = 30.0  # seconds of sound that may wait for the disk
_SPEECH_BACKLOG = 60.0  # seconds of sound that may wait for recognition; more is on disk
_UNDO_TIMEOUT = 5.0  # seconds for a stage to end that has heard nothing
_REVISION_BACKLOG = 64  # utterances that may wait for being decoded again
_MISSED_BACKLOG = 4096  # stretches that may wait for being caught up
_VOICES_BACKLOG = 60.0  # seconds of sound that may wait for the diarizer
_TRANSLATION_BACKLOG = 256  # words and utterances that may wait for being translated


class LiveMeeting:
    """Owns source, pipeline and session. Its methods are called from one thread at a time.

    `publish` gets every event, from any thread, after the session has kept it.
    """

    def __init__(
        self,
        request: MeetingRequest,
        paths: Paths,
        host: ThreadHost,
        publish: Callable[[Event], object],
    ) -> None:
        self._request = request
        self._paths = paths
        self._publish = publish
        self._session: Session | None = None
        self._pipeline = Pipeline(host, self._after_change)
        self._recorded: Channel[AudioBlock] = Channel(_CAPTURE_BACKLOG, seconds_of)
        self._speech: Channel[AudioBlock] = Channel(_SPEECH_BACKLOG, seconds_of)
        self._heard: Channel[HeardUtterance | SpeechRested] = Channel(_REVISION_BACKLOG)
        self._missed: Channel[RecognitionSkipped | SpeechRested] = Channel(_MISSED_BACKLOG)
        self._voices: Channel[AudioBlock] = Channel(_VOICES_BACKLOG, seconds_of)
        self._captions: Channel[Told] = Channel(_TRANSLATION_BACKLOG)
        self._inbox = TranslationInbox(self._captions)
        self._translate: TranslateStage | None = None
        self._pace = UpdatePace()
        self._intake = Intake(self._recorded)
        self._skipped = SkippedSpeech()
        self._wording = Wording()
        self._storage_failed = False
        self._recognising = False  # the model could be loaded
        self._over = False

    @property
    def session(self) -> Session:
        """The saved meeting; only after `start`, and only if it is saved."""
        assert self._session is not None, "the meeting has not been started, or is not saved"
        return self._session

    @property
    def seconds(self) -> float:
        """Seconds of audio taken in so far: the meeting's clock."""
        return self._intake.seconds

    @property
    def stream_time(self) -> float:
        """Seconds of wall time since the first sample was heard."""
        return self._intake.stream_time

    def start(self) -> None:
        """Open the source, create the session, start recording; quick, no model is awaited.

        Raises CaptureError or StorageError, or PairMissingError if what is wished cannot be
        translated; nothing is left behind then. A missing model is reported as
        StageChanged(FAILED) and the recording goes on.
        """
        if self._request.model and self._request.translation is not None:
            check_wish(self._request.translation, self._request.spoken, self._paths)
        self._source: AudioSource = open_source_for(self._request.source, self._request.device)
        self._source.open()
        self._wording = load_wording(self._paths, self._request.vocabulary)
        try:
            if self._request.save:
                self._session = new_meeting(self._request, self._paths)
        except BaseException:
            self._source.close()
            raise
        self._watch = StallWatch(self._source.name, self._keep)
        self._build()
        self._pipeline.start()
        self._watch.start()
        try:
            self._source.start(self._take, self._source_ended)
        except BaseException:
            self._undo_start()
            raise

    def pause(self) -> None:
        """Stop taking audio in; the clock of the audio stands still."""
        if self._intake.pause():
            self._watch.pause()
            self._keep(MeetingPaused(self.seconds))

    def resume(self) -> None:
        if self._intake.resume():
            self._watch.resume()
            self._keep(MeetingResumed(self.seconds))

    def translate_to(self, targets: tuple[str, ...]) -> None:
        """Translate captions into other languages from now on, or into none.

        Raises PairMissingError if that cannot be done; nothing changes then.
        """
        wish = self._request.translation
        if wish is None or self._translate is None:
            raise PairMissingError("This meeting was started without translation")
        check_wish(replace(wish, targets=targets), self._request.spoken, self._paths)
        self._translate.translate_to(targets)

    def tell(self, event: Event) -> None:
        """Keep what a person said about the meeting, such as CaptionEdited; not published.

        Raises StorageError.
        """
        self.session.record(event)
        self._inbox.take(event)

    def stop(self, timeout: float = 30.0) -> None:
        """Stop and save everything; blocks, so call it from a background operation in the GUI.

        The recording is complete before any model is waited for; each recognition stage may
        take `timeout` seconds to finish what was said last. Raises StorageError.
        """
        self._watch.stop()
        self._source.stop()
        self._source.close()
        late = self._pipeline.stop(timeout)
        if late:
            logger.warning("still running after %s s: %s", timeout, ", ".join(late))
        self._over = True
        if self._session is not None:
            try:
                self._session.finish(self.seconds)
            finally:
                self._session.close()

    def _undo_start(self) -> None:
        """The source was opened but does not run: leave neither threads nor a meeting."""
        self._watch.stop()
        self._source.close()
        self._pipeline.stop(_UNDO_TIMEOUT)
        if self._session is not None:
            self._session.close()
            SessionStore(self._paths.meetings).delete(self._session.id)

    def _build(self) -> None:
        first: Stage[AudioBlock, AudioBlock | Event] = Passage()
        if self._session is not None:
            first = RecorderStage(self._session.audio_folder, self._source.name)
        self._pipeline.add(first, self._recorded, self._after_recording)
        if self._request.model:
            model = model_for(self._request, self._paths)
            recognition = recognition_for(self._request, model, self._wording.terms)
            self._pipeline.add(recognition.live, self._speech, self._after_recognition)
            self._pipeline.add(recognition.revise, self._heard, self._keep)
            if self._session is not None:
                catch_up = self._catch_up_with(self._session, model)
                self._pipeline.add(catch_up, self._missed, self._keep)
            self._add_translation(model)
        if self._request.speakers.engine:
            diarize = diarize_stage(self._request.speakers, self._paths)
            self._pipeline.add(diarize, self._voices, self._keep)

    def _add_translation(self, model: SharedModel) -> None:
        """Behind all stages that make captions, and in nobody's way."""
        wish = self._request.translation
        if wish is not None:
            glossary = glossary_for(self._paths, wish.glossary)
            self._translate = translate_stage(
                wish, self._request.spoken, self._paths, model, glossary
            )
            self._pipeline.add(self._translate, self._captions, self._after_translation)

    def _catch_up_with(self, session: Session, model: SharedModel) -> CatchUpStage:
        return CatchUpStage(
            StretchRecogniser(
                AudioReader(session.audio_folder),
                lambda: whole_stage(
                    model,
                    self._request.language,
                    Guidance(self._request.translate, self._wording.terms),
                ),
                cancelled=lambda: self._missed.cancelled,
            )
        )

    def _take(self, block: AudioBlock) -> None:
        """Runs in the source's thread, perhaps a sound card's callback: it must not wait."""
        self._watch.beat()
        self._intake.take(block)

    def _source_ended(self) -> None:
        failure = self._source.failure
        hint = failure.hint if isinstance(failure, AppError) else ""
        error = str(failure) if failure else ""
        self._watch.pause()
        self._keep(CaptureEnded(self._source.name, error, hint))

    def _after_recording(self, item: AudioBlock | Event) -> None:
        if not isinstance(item, AudioBlock):
            self._keep(item)
            return
        if self._request.speakers.engine:
            self._voices.offer(item)  # a jump in the clock tells the diarizer what it missed
        if self._request.model:
            accepted = self._speech.offer(item)
            self._miss(self._skipped.note(item, accepted=accepted))

    def _after_change(self, event: StageChanged) -> None:
        """Runs in the stage's thread; the recorder's end comes before the others are stopped."""
        self._keep(event)
        if event.state is StageState.RUNNING and event.stage == "transcribe":
            self._recognising = True
        ended = event.state in (StageState.STOPPED, StageState.FAILED)
        if ended and event.stage in (RecorderStage.name, Passage.name):
            self._miss(self._skipped.end())

    def _after_recognition(self, item: Recognised | FinalCaption) -> None:
        match item:
            case HeardUtterance():
                self._keep(item.caption)
                if self._translate is not None and self._translate.hears:
                    self._inbox.hear(item)
                if not self._heard.offer(item):
                    logger.warning("utterance %d keeps its live text", item.caption.utterance)
            case SpeechRested():
                self._heard.offer(item)
                self._missed.offer(item)
            case RecognitionSkipped():
                self._miss(item)
            case _:
                self._keep(item)

    def _after_translation(self, event: Event) -> None:
        if self._pace.lets_through(event, time.monotonic()):
            self._keep(event)

    def _miss(self, skipped: RecognitionSkipped | None) -> None:
        """Tell what was not recognised; a saved meeting catches up if it has a model."""
        if skipped is not None:
            self._keep(skipped)
            if self._recognising:
                self._missed.offer(skipped)

    def _keep(self, event: Event) -> None:
        """Keep `event`, then show it. A full disk must not take the captions away as well."""
        if self._over:
            logger.warning("%s came after the end of the meeting", type(event).__name__)
            return
        event = self._wording.corrections.apply(event)
        if self._session is not None:
            try:
                self._session.record(event)
            except StorageError as exc:
                self._report_storage(exc)
        if self._translate is not None:
            self._inbox.take(event)
        self._publish(event)

    def _report_storage(self, exc: StorageError) -> None:
        if not self._storage_failed:
            self._storage_failed = True
            self._publish(StageChanged("session", StageState.FAILED, str(exc), exc.hint))
