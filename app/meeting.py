"""What a meeting is to be like, and the parts that are made for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.capture.resample import SpeechResampler
from app.diarization import SpeakerWish
from app.modelstore.store import ModelStore
from app.pipeline.chain import Chain
from app.session.info import TRANSCRIBE, TRANSLATE
from app.session.store import SessionStore
from app.speech.transcribe.decoding import Decoding
from app.speech.transcribe.guidance import Guidance
from app.speech.transcribe.load import GovernedStage
from app.speech.transcribe.loading import SharedModel
from app.translation import TranslationWish, keep_glossary, spoken_in
from app.vocabulary.files import write_list
from app.vocabulary.terms import FILE as VOCABULARY

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.catchup import CatchUpStage
    from app.core.audio import AudioBlock
    from app.core.events import FinalCaption
    from app.core.paths import Paths
    from app.pipeline.protocol import Stage
    from app.session.session import Session
    from app.speech.transcribe.stage import Recognised
    from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
    from app.speech.transcribe.whisper import Whisper
    from app.translation import Spoken

BOTH = "mic+system"
"""The source that is microphone and system together."""

_AS_USUAL = Decoding()
_NO_SPEAKERS = SpeakerWish()


@dataclass(frozen=True, slots=True)
class MeetingRequest:
    """What to record: `source` is "mic", "system", `BOTH` or a media file's path.

    `device` "" is the system's default; with `BOTH` it is the microphone, and `system_device` what
    the system plays on. `own_voice` attributes what is spoken into the microphone to the user
    where both are recorded. `resume` is the ID of a meeting that is to go on; its title, task and
    terms stay. `model` is a name in the model store; "" records without
    recognition. `save` keeps a meeting on disk; without it there are captions only. `policy` is
    one of `POLICIES` in `app.speech.transcribe.decoding`. `language` is a code, several of them
    ("ko,en") or "auto"; `translate` writes English instead. `vocabulary` are the meeting's own
    names and terms. `speakers` says whether and how to tell them apart. `translation` says what to
    translate captions into, now or later; with None nothing can be.
    """

    source: str
    device: str = ""
    model: str = ""
    language: str = "auto"
    title: str = ""
    threads: int = 1
    save: bool = True
    policy: str = "alignatt"
    decoding: Decoding = _AS_USUAL
    translate: bool = False
    vocabulary: tuple[str, ...] = ()
    speakers: SpeakerWish = _NO_SPEAKERS
    translation: TranslationWish | None = None
    system_device: str = ""
    own_voice: bool = True
    resume: str = ""

    @property
    def sources(self) -> tuple[tuple[str, str], ...]:
        """Each source with its device."""
        if self.source == BOTH:
            return (("mic", self.device), ("system", self.system_device))
        return ((self.source, self.device),)

    @property
    def spoken(self) -> Spoken:
        """What the captions will be written in, as far as it is known."""
        return spoken_in(self.language, self.model, english=self.translate)


@dataclass(frozen=True, slots=True)
class Recognition:
    """The stages between recorded sound and captions; they share one model."""

    live: Stage[AudioBlock, Recognised | FinalCaption]
    revise: Stage[HeardUtterance | SpeechRested, FinalCaption]


def model_for(request: MeetingRequest, paths: Paths) -> SharedModel:
    """The model of `request`, located and loaded when it is first needed.

    If no preset was chosen the machine is measured then, once for each model.
    """
    store = ModelStore(paths.models)
    fit = None
    if request.decoding.preset == "auto":
        from app.speech.transcribe.hardware import Fitting

        fit = Fitting(paths.data, request.model)
    return SharedModel(lambda: store.locate(request.model), request.threads, fit)


def recognition_for(
    request: MeetingRequest, model: SharedModel, terms: tuple[str, ...] | None = None
) -> Recognition:
    """Build the stages of `request`; nothing is loaded before they are opened.

    `terms` are what to expect, if not only the meeting's own.
    """
    from app.speech.transcribe.decoding import revision_options, streaming_options
    from app.speech.transcribe.revise import ReviseStage
    from app.speech.transcribe.stage import TranscribeStage
    from app.speech.vad.stage import VadStage

    policy, wishes = request.policy, request.decoding
    guidance = Guidance(request.translate, request.vocabulary if terms is None else terms)
    if policy == "offline":
        return _offline_recognition(request, model, guidance)
    transcribe = TranscribeStage(
        model,
        request.language,
        lambda: streaming_options(policy, wishes, request.model, model.preset),
        guidance=guidance,
    )
    revise = ReviseStage(model, lambda: revision_options(wishes, model.preset), guidance)
    live = Chain(SpeechResampler(), Chain(VadStage(), transcribe))
    return Recognition(GovernedStage(live, transcribe), revise)


def _offline_recognition(
    request: MeetingRequest, model: SharedModel, guidance: Guidance
) -> Recognition:
    from app.speech.transcribe.decoding import offline_options
    from app.speech.transcribe.whole import NoRevision, WholeStage
    from app.speech.vad.stage import VadStage

    whole = WholeStage(
        model,
        request.language,
        lambda: offline_options(request.decoding, model.preset),
        guidance,
    )
    return Recognition(Chain(SpeechResampler(), Chain(VadStage(), whole)), NoRevision())


def catch_up_for(
    request: MeetingRequest,
    session: Session,
    model: Callable[[], Whisper],
    terms: tuple[str, ...],
    cancelled: Callable[[], bool] = lambda: False,
) -> CatchUpStage:
    """Build what recognises later, from the recording, what live recognition has skipped."""
    from app.catchup import CatchUpStage, recogniser_of, whole_stage
    from app.goingon import next_late_utterance

    language, guidance = request.language, Guidance(request.translate, terms)
    first = next_late_utterance(session.transcript)
    recogniser = recogniser_of(
        session, lambda: whole_stage(model, language, guidance), first, cancelled
    )
    return CatchUpStage(recogniser)


def source_of(setting: str) -> str:
    """The source that a setting names, where `BOTH` is "both"."""
    return BOTH if setting == "both" else setting


def new_meeting(request: MeetingRequest, paths: Paths, *sources: str) -> Session:
    """A meeting with its own terms in its folder, or the one that is to go on.

    `sources` are those that could be opened. Raises StorageError; nothing is left then.
    """
    if request.resume:
        return _meeting_again(request, paths, *sources)
    task = TRANSLATE if request.translate else TRANSCRIBE
    store = SessionStore(paths.meetings)
    session = store.create(request.title, request.source, request.model, request.language, task)
    try:
        if request.vocabulary:
            own = "".join(f"{term}\n" for term in request.vocabulary)
            write_list(session.folder / VOCABULARY, own)
        if request.translation is not None:
            keep_glossary(session.folder, request.translation.glossary)
    except BaseException:
        session.close()
        store.delete(session.id)
        raise
    return session


def _meeting_again(request: MeetingRequest, paths: Paths, *sources: str) -> Session:
    session = SessionStore(paths.meetings).resume(request.resume, *sources)
    if request.model:
        session.recognised_with(request.model, session.info.task)
    return session
