"""One meeting being recorded and captioned: the place that knows all the concrete classes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.captioning import Captioning
from app.capture.mixing import TrackBlock
from app.capture.ownvoice import OwnVoice
from app.core.audio import AudioBlock
from app.core.errors import StorageError
from app.core.events import (
    CaptureStalled,
    MeetingForgot,
    MeetingPaused,
    MeetingResumed,
    OwnVoiceHeard,
    StageChanged,
    StageState,
)
from app.diarization import diarize_stage
from app.goingon import LaterVoices, next_speaker
from app.hearing import Hearing, source_for
from app.intake import Passage, seconds_of
from app.meeting import model_for, new_meeting
from app.mixed import CarefulMix
from app.pipeline.channel import Channel
from app.pipeline.pipeline import Pipeline
from app.recording import Recording
from app.session.recorder import RecorderStage
from app.session.store import SessionStore
from app.translating import Translating
from app.vocabulary.wording import Wording, load_wording, meeting_wording

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.core.paths import Paths
    from app.meeting import MeetingRequest
    from app.pipeline.runner import ThreadHost
    from app.session.session import Session

logger = logging.getLogger(__name__)

_TRACKS_BACKLOG = 120.0  # seconds of sound, of all tracks, that may wait for being mixed
_UNDO_TIMEOUT = 5.0  # seconds for a stage to end that has heard nothing
_VOICES_BACKLOG = 60.0  # seconds of sound that may wait for the diarizer


class LiveMeeting:
    """Owns sources, pipeline and session. Its methods are called from one thread at a time.

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
        self._hearing = Hearing(self._keep)
        self._recording = Recording(self._hearing, self._keep, self._after_recording)
        self._translating = Translating(request, paths, self._keep)
        self._captioning = Captioning(self._keep, self._translating.hear)
        self._tracks: Channel[TrackBlock] = Channel(_TRACKS_BACKLOG, _seconds_of_track)
        self._voices: Channel[AudioBlock] = Channel(_VOICES_BACKLOG, seconds_of)
        self._wording = Wording()
        self._storage_failed = False
        self._begin = 0.0
        self._mixing = False
        self._over = self._finished = False
        self._late: tuple[str, ...] = ()

    @property
    def session(self) -> Session:
        """The saved meeting; only after `start`, and only if it is saved."""
        assert self._session is not None, "the meeting has not been started, or is not saved"
        return self._session

    @property
    def seconds(self) -> float:
        """Seconds of audio taken in so far: the meeting's clock."""
        return max(self._begin, self._hearing.seconds)

    @property
    def begin(self) -> float:
        """Where the clock began: 0 unless a meeting goes on."""
        return self._begin

    @property
    def stream_time(self) -> float:
        """The meeting's clock, had it gone on with the wall's since the first sample."""
        return self._hearing.stream_time

    @property
    def sources(self) -> tuple[str, ...]:
        """What is recorded; after `start`, without what could not be opened."""
        return self._hearing.names

    @property
    def late(self) -> tuple[str, ...]:
        """Stages that were still at work after `stop`: their threads cannot be ended."""
        return self._late

    def start(self) -> None:
        """Open the sources, create the session, start recording; quick, no model is awaited.

        Raises CaptureError or StorageError, or PairMissingError if what is wished cannot be
        translated; nothing is left behind then. Of several sources one is enough; what is wrong
        with another, or a missing model, is told as StageChanged(FAILED) and the recording goes on.
        """
        self._translating.check()
        self._hearing.open(self._request.sources, source_for)
        try:
            self._open_session()
        except BaseException:
            self._hearing.close()
            raise
        self._hearing.prepare(self._begin)
        self._build()
        self._pipeline.start()
        try:
            if self._session is not None and not self._request.resume:
                self._publish(self._session.started(*self._hearing.names))
            self._hearing.start()
        except BaseException:
            self._undo_start()
            raise

    def pause(self) -> None:
        """Stop taking audio in; the clock of the audio stands still."""
        if self._hearing.pause():
            self._keep(MeetingPaused(self.seconds))

    def resume(self) -> None:
        if self._hearing.resume():
            self._keep(MeetingResumed(self.seconds))

    def forget(self, seconds: float) -> MeetingForgot:
        """Remove the last `seconds` for good: sound and text, also what is not final yet.

        Blocks while files are written, so call it from a background operation in the GUI. Raises
        StorageError; nobody sees the text any more even if the disk then refuses.
        """
        end = self.seconds
        gone = MeetingForgot(max(0.0, end - seconds), end)
        try:
            return self.session.forget(gone.start, gone.end, *self._recording.erasers)
        finally:
            if gone in self.session.transcript.forgotten:
                self._publish(gone)

    def translate_to(self, targets: tuple[str, ...]) -> None:
        """Translate captions into other languages from now on, or into none.

        Raises PairMissingError if that cannot be done; nothing changes then.
        """
        self._translating.translate_to(targets)

    def tell(self, event: Event) -> None:
        """Keep what a person said about the meeting, such as CaptionEdited; not published.

        Raises StorageError.
        """
        self.session.record(event)
        self._translating.take(event)

    def stop(self, timeout: float = 30.0) -> None:
        """Stop and save everything; blocks, so call it from a background operation in the GUI.

        The recording is complete before any model is waited for; each recognition stage may
        take `timeout` seconds to finish what was said last, until one does not. May be called
        again with less patience after it was interrupted. Raises StorageError.
        """
        self._hearing.stop()
        late = self._pipeline.stop(timeout)
        if late:
            logger.warning("still running after %s s: %s", timeout, ", ".join(late))
        self._late = (*self._late, *late)
        self._over = True
        if self._session is not None and not self._finished:
            self._finished = True
            try:
                self._session.finish(self.seconds)
            finally:
                self._session.close()

    def _open_session(self) -> None:
        self._wording = load_wording(self._paths, self._request.vocabulary)
        if self._request.save:
            self._session = new_meeting(self._request, self._paths, *self._hearing.names)
            self._begin = self._session.begin
            if self._request.resume:
                self._wording = meeting_wording(self._paths, self._session.folder)

    def _undo_start(self) -> None:
        """The sources were opened but do not run: leave neither threads nor a new meeting."""
        self._hearing.stop()
        self._pipeline.stop(_UNDO_TIMEOUT)
        if self._session is None:
            return
        if self._request.resume:
            self._session.finish(self._begin)
        self._session.close()
        if not self._request.resume:
            SessionStore(self._paths.meetings).delete(self._session.id)

    def _build(self) -> None:
        folder = None if self._session is None else self._session.audio_folder
        self._recording.add_to(self._pipeline, folder, self._begin)
        wanted = self._request.model or self._request.speakers.engine
        self._mixing = bool(wanted) and len(self._hearing.ears) > 1
        if self._mixing:
            self._pipeline.add(CarefulMix(), self._tracks, self._after_mixing)
        if self._request.model:
            model, terms = model_for(self._request, self._paths), self._wording.terms
            self._captioning.add_to(self._pipeline, self._request, model, terms, self._session)
            self._translating.add_to(self._pipeline, model)
        if self._request.speakers.engine:
            diarize = diarize_stage(self._request.speakers, self._paths)
            if self._begin:
                first = next_speaker(self.session.transcript)
                diarize = LaterVoices(diarize, self._begin, first)
            self._pipeline.add(diarize, self._voices, self._keep)

    def _after_recording(self, source: str, block: AudioBlock) -> None:
        """Runs in the thread of the source's recorder."""
        if not self._mixing:
            self._pass_on(block)
        elif not self._tracks.offer(TrackBlock(source, block)):
            logger.warning("%s is not mixed at %.1f s", source, block.start)

    def _after_mixing(self, item: AudioBlock | OwnVoice | StageChanged) -> None:
        match item:
            case AudioBlock():
                self._pass_on(item)
            case OwnVoice():
                if self._request.own_voice:
                    self._keep(OwnVoiceHeard(item.start, item.end))
            case _:
                self._keep(item)

    def _pass_on(self, block: AudioBlock) -> None:
        """What all models hear."""
        if self._request.speakers.engine:
            self._voices.offer(block)  # a jump in the clock tells the diarizer what it missed
        if self._request.model:
            self._captioning.take(block)

    def _after_change(self, event: StageChanged) -> None:
        """Runs in the stage's thread; the recorder's end comes before the others are stopped."""
        self._keep(event)
        self._captioning.note(event)
        if event.state is StageState.FAILED and event.stage == RecorderStage.name:
            self._recording.failed(event)
        ended = event.state in (StageState.STOPPED, StageState.FAILED)
        before = (CarefulMix.name,) if self._mixing else (RecorderStage.name, Passage.name)
        if ended and event.stage in before:
            self._captioning.end()

    def _keep(self, event: Event) -> None:
        """Keep `event`, then show it. A full disk must not take the captions away as well."""
        if self._over:
            logger.warning("%s came after the end of the meeting", type(event).__name__)
            return
        kept: Event | None = self._wording.corrections.apply(event)
        if self._session is not None and kept is not None:
            try:
                kept = self._session.record(kept)
            except StorageError as exc:
                self._report_storage(exc)
        if kept is None:
            return  # it was said in a stretch that is forgotten
        if isinstance(kept, CaptureStalled):
            self._recording.rest(kept.source)
        self._translating.take(kept)
        self._publish(kept)

    def _report_storage(self, exc: StorageError) -> None:
        if not self._storage_failed:
            self._storage_failed = True
            self._publish(StageChanged("session", StageState.FAILED, str(exc), exc.hint))


def _seconds_of_track(item: TrackBlock) -> float:
    return seconds_of(item.block)
