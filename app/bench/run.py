"""Measures live recognition on recordings with references, on the virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from app.bench.reference import OfflineReference
from app.bench.score import BY_CHARACTER, Errors, count_errors, latencies, start_errors
from app.bench.truth import true_words
from app.capture.media import MediaFile
from app.capture.resample import SpeechResampler
from app.core.audio import AudioChunk
from app.core.errors import LanguageError, MediaError
from app.core.events import Event, FinalCaption, Word, WordsCommitted
from app.fastpace import BLOCK_SECONDS, FastPace
from app.meeting import MeetingRequest, recognition_for
from app.modelstore.store import ModelStore
from app.pipeline.chain import Chain
from app.platforms.usage import cpu_seconds, peak_memory_mb
from app.session.transcript import Transcript
from app.speech.transcribe.decoding import Decoding
from app.speech.transcribe.guidance import Guidance
from app.speech.transcribe.loading import SharedModel
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.stage import VadStage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from numpy.typing import NDArray

    from app.bench.manifest import Recording, TimedText
    from app.bench.usable import LeftOut
    from app.core.paths import Paths
    from app.speech.transcribe.whisper import Whisper

_AS_USUAL = Decoding()
_NO_GUIDANCE = Guidance()


@dataclass(frozen=True, slots=True)
class Result:
    """What one recording gave: `late` and `start_off` are seconds for each word that is right

    (each character where `by_character`), `cpu` CPU seconds, `reference` is faster-whisper.
    """

    name: str
    audio: float
    live: Errors
    stored: Errors
    offline: Errors
    cpu: float
    late: list[float] = field(default_factory=list)
    start_off: list[float] = field(default_factory=list)
    reference: Errors | None = None
    by_character: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What a run told: each committed word with its moment, and the text that is stored."""

    words: list[tuple[Word, float]]
    stored: str
    audio: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Setup:
    """What is measured. `language` None takes each recording's own."""

    model: str
    policy: str = "alignatt"
    decoding: Decoding = _AS_USUAL
    language: str | None = None
    guidance: Guidance = _NO_GUIDANCE
    reference: bool = False


class Bench:
    """Runs recordings through the stages of a live meeting. Raises AppError."""

    def __init__(self, paths: Paths, setup: Setup) -> None:
        self._setup = setup
        self._store = ModelStore(paths.models)
        self._shared = SharedModel(self._locate)
        self._reference: OfflineReference | None = None
        self.peak_memory_mb = 0.0

    def hear_all(
        self, recordings: Iterable[Recording], left_out: LeftOut, told: Callable[[str], object]
    ) -> list[tuple[Recording, Heard]]:
        """Run them all live; afterwards `peak_memory_mb` is what that took.

        What turns out to be unreadable, or in a language that the model does not understand, is
        added to `left_out`.
        """
        heard = []
        for recording in recordings:
            told(recording.path.name)
            try:
                heard.append((recording, self._hear(recording)))
            except (MediaError, LanguageError) as exc:
                left_out.add(recording, exc)
        self.peak_memory_mb = peak_memory_mb()
        return heard

    def judge(self, recording: Recording, heard: Heard) -> Result:
        """Compare with the reference, and with what an offline pass makes of it."""
        samples = load_samples(recording)
        language = self._spoken(recording)
        offline = self._transcribe(samples, language)
        translated = self._setup.guidance.translate
        truth: list[TimedText] = true_words(
            recording, samples, self._shared(), offline, translated=translated
        )
        committed = "".join(word.text for word, _ in heard.words)
        reference = recording.transcript
        return Result(
            recording.path.name,
            heard.audio,
            count_errors(reference, committed, recording.language),
            count_errors(reference, heard.stored, recording.language),
            count_errors(reference, "".join(w.text for w in offline), recording.language),
            heard.cpu,
            latencies(truth, heard.words, recording.language),
            start_errors(truth, heard.words, recording.language),
            self._reference_errors(recording, samples),
            by_character=recording.language in BY_CHARACTER,
        )

    def _reference_errors(
        self, recording: Recording, samples: NDArray[np.float32]
    ) -> Errors | None:
        if not self._setup.reference:
            return None
        if self._reference is None:
            self._reference = OfflineReference(self._locate())
        text = self._reference.transcribe(samples, self._spoken(recording))
        return count_errors(recording.transcript, text, recording.language)

    def _locate(self) -> Path:
        return self._store.locate(self._setup.model)

    def _spoken(self, recording: Recording) -> str:
        return self._setup.language or recording.language

    def _hear(self, recording: Recording) -> Heard:
        words: list[tuple[Word, float]] = []
        transcript = Transcript()

        def emit(event: Event, emitted: float) -> None:
            if isinstance(event, WordsCommitted):
                words.extend((word, emitted) for word in event.words)
            if isinstance(event, FinalCaption):
                transcript.apply(event)
                if self._setup.policy == "offline":
                    words.extend((word, emitted) for word in event.words)

        request = MeetingRequest(
            str(recording.path),
            model=self._setup.model,
            language=self._spoken(recording),
            save=False,
            policy=self._setup.policy,
            decoding=self._setup.decoding,
            translate=self._setup.guidance.translate,
            vocabulary=self._setup.guidance.terms,
        )
        pace = FastPace(recognition_for(request, self._shared), emit)
        before = cpu_seconds()
        with MediaFile(recording.path) as media:
            media.open()
            pace.run(media.blocks(BLOCK_SECONDS))
        stored = " ".join(line.text for line in transcript.lines)
        return Heard(words, stored, pace.audio_seconds, cpu_seconds() - before)

    def _transcribe(self, samples: NDArray[np.float32], language: str) -> list[Word]:
        captions = offline_captions(self._shared, samples, language, self._setup.guidance)
        return [word for caption in captions for word in caption.words]


def offline_captions(
    load: Callable[[], Whisper],
    samples: NDArray[np.float32],
    language: str,
    guidance: Guidance = _NO_GUIDANCE,
) -> list[FinalCaption]:
    """What an offline pass makes of a recording. `language` is a code or "auto"."""
    stage = Chain(VadStage(), WholeStage(load, language, guidance=guidance))
    stage.open()
    size = 1600
    chunks = [AudioChunk(at, samples[at : at + size]) for at in range(0, len(samples), size)]
    events = [event for chunk in chunks for event in stage.feed([chunk])]
    events += stage.flush()
    stage.close()
    return [event for event in events if isinstance(event, FinalCaption)]


def load_samples(recording: Recording) -> NDArray[np.float32]:
    """The whole recording as models hear it: mono float32 at 16 kHz. Raises MediaError."""
    resampler = SpeechResampler()
    resampler.open()
    with MediaFile(recording.path) as media:
        media.open()
        chunks = [c for block in media.blocks() for c in resampler.feed([block])]
    chunks += resampler.flush()
    return np.concatenate([chunk.samples for chunk in chunks] or [np.zeros(0, np.float32)])
