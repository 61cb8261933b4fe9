"""Measures live translation on recordings, on the virtual clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from itertools import pairwise, takewhile
from operator import add
from statistics import median
from typing import TYPE_CHECKING

from app.bench.chrf import Overlap, overlap
from app.bench.score import latencies
from app.bench.truth import true_words
from app.capture.media import MediaFile
from app.core.events import FinalCaption, Translation, WordsCommitted
from app.fastpace import BLOCK_SECONDS, FastPace
from app.meeting import MeetingRequest, recognition_for
from app.modelstore.store import ModelStore
from app.platforms.usage import cpu_seconds
from app.session.transcript import Transcript
from app.speech.transcribe.loading import SharedModel
from app.translate.glossary import Glossary
from app.translate.pairs import PairWork
from app.translation import TranslationWish, check_wish, engine_for, translate_stage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.bench.manifest import Recording, TimedText
    from app.bench.table import Row
    from app.core.events import Event, Word
    from app.core.paths import Paths
    from app.translate.stage import TranslateStage


_NOTHING = Overlap()


@dataclass(frozen=True, slots=True)
class Translated:
    """What one recording gave, in one language.

    `lags` are seconds from a final caption to its translation, `gaps` those between two live
    updates of an utterance; `cpu` is of translation alone. `erased` and `written` count words:
    what was shown and taken back, and what stands in the end; `erased_live` leaves out what
    revisions of captions changed. `likeness` is to the offline translation of the reference text,
    `policy` to that of the text that was recognised. `late` are seconds from the end of a word to
    its commitment, with translation and without it.
    """

    name: str
    audio: float
    cpu: float = 0.0
    lags: tuple[float, ...] = ()
    gaps: tuple[float, ...] = ()
    erased: int = 0
    erased_live: int = 0
    written: int = 0
    likeness: Overlap = _NOTHING
    policy: Overlap = _NOTHING
    late: tuple[float, ...] = ()
    late_alone: tuple[float, ...] = ()
    text: str = ""
    offline: str = ""

    def __add__(self, other: Translated) -> Translated:
        return Translated(
            "total",
            self.audio + other.audio,
            self.cpu + other.cpu,
            self.lags + other.lags,
            self.gaps + other.gaps,
            self.erased + other.erased,
            self.erased_live + other.erased_live,
            self.written + other.written,
            self.likeness + other.likeness,
            self.policy + other.policy,
            self.late + other.late,
            self.late_alone + other.late_alone,
        )


@dataclass
class _Told:
    """Everything that a run tells, with its moments."""

    words: list[tuple[Word, float]] = field(default_factory=list)
    captions: dict[int, float] = field(default_factory=dict)
    shown: dict[int, list[tuple[Translation, float]]] = field(default_factory=dict)
    lags: list[float] = field(default_factory=list)
    transcript: Transcript = field(default_factory=Transcript)

    def take(self, event: Event, moment: float) -> None:
        self.transcript.apply(event)
        match event:
            case WordsCommitted():
                self.words.extend((word, moment) for word in event.words)
            case FinalCaption():
                self.captions[event.utterance] = moment
            case Translation():
                self.shown.setdefault(event.utterance, []).append((event, moment))
                if event.final and event.utterance in self.captions:
                    self.lags.append(moment - self.captions[event.utterance])
            case _:
                pass

    def stored(self) -> list[str]:
        """What was recognised, line by line."""
        return [line.text for line in self.transcript.lines]


class TranslationBench:
    """Runs recordings with translation and without it. Raises AppError."""

    def __init__(self, paths: Paths, model: str, wish: TranslationWish) -> None:
        """`wish` has one target."""
        self._paths, self._model, self._wish = paths, model, wish
        store = ModelStore(paths.models)
        self._shared = SharedModel(lambda: store.locate(model))
        self._offline: dict[str, PairWork] = {}
        self._number = 0

    def measure(self, recording: Recording) -> Translated:
        (target,) = self._wish.targets
        check_wish(self._wish, self._request(recording).spoken, self._paths)
        alone, _, _ = self._run(recording, None)
        told, seconds, cpu = self._run(recording, self._stage(recording))
        texts = [[event.text for event, _ in events] for events in told.shown.values()]
        final = " ".join(
            found.text
            for line in told.transcript.lines
            if (found := line.translation(target)) is not None
        )
        offline = self._translate(recording, recording.transcript)
        truth = self._truth(recording)
        return Translated(
            name=recording.path.name,
            audio=seconds,
            cpu=cpu,
            lags=tuple(told.lags),
            gaps=tuple(gap for events in told.shown.values() for gap in _gaps(events)),
            erased=sum(map(erased, texts)),
            erased_live=sum(erased(_first(events)) for events in told.shown.values()),
            written=sum(len(shown[-1].split()) for shown in texts),
            likeness=overlap(final, offline),
            policy=overlap(final, " ".join(self._translate(recording, t) for t in told.stored())),
            late=tuple(latencies(truth, told.words, recording.language)),
            late_alone=tuple(latencies(truth, alone.words, recording.language)),
            text=final,
            offline=offline,
        )

    def _truth(self, recording: Recording) -> list[TimedText]:
        from app.bench.run import load_samples, offline_captions

        samples = load_samples(recording)
        captions = offline_captions(self._shared, samples, recording.language)
        heard = [word for caption in captions for word in caption.words]
        return true_words(recording, samples, self._shared(), heard)

    def _request(self, recording: Recording) -> MeetingRequest:
        return MeetingRequest(
            str(recording.path), model=self._model, language=recording.language, save=False
        )

    def _stage(self, recording: Recording) -> TranslateStage:
        spoken = self._request(recording).spoken
        return translate_stage(self._wish, spoken, self._paths, self._shared)

    def _run(
        self, recording: Recording, stage: TranslateStage | None
    ) -> tuple[_Told, float, float]:
        """What was told, seconds of audio, and CPU seconds of translation."""
        told = _Told()
        recognition = recognition_for(self._request(recording), self._shared)
        pace = FastPace(recognition, told.take, cpu_seconds, None, stage)
        with MediaFile(recording.path) as media:
            media.open()
            pace.run(media.blocks(BLOCK_SECONDS))
        return told, pace.audio_seconds, pace.translation_cpu

    def _translate(self, recording: Recording, text: str) -> str:
        """`text`, translated without hurry."""
        source = self._request(recording).spoken.only
        if source not in self._offline:
            engine = engine_for(self._wish, self._paths, self._shared)
            self._offline[source] = PairWork(engine, source, self._wish.targets[0], Glossary())
        self._number += 1
        return self._offline[source].finish(self._number, text)


def _first(events: Sequence[tuple[Translation, float]]) -> list[str]:
    """What was shown up to the first final translation."""
    live = [event.text for event in takewhile(lambda e: not e.final, (e for e, _ in events))]
    return [*live, *[event.text for event, _ in events if event.final][:1]]


def _gaps(events: Sequence[tuple[Translation, float]]) -> list[float]:
    moments = [moment for event, moment in events if not event.final]
    return [later - earlier for earlier, later in pairwise(moments)]


def erased(shown: Sequence[str]) -> int:
    """Words that were shown and taken back (Arivazhagan et al. 2020, before normalising)."""
    count = 0
    for before, after in pairwise(text.split() for text in shown):
        kept = len(list(takewhile(lambda p: p[0] == p[1], zip(before, after, strict=False))))
        count += len(before) - kept
    return count


def measure_all(
    bench: TranslationBench, recordings: Sequence[Recording], told: Callable[[str], object]
) -> tuple[list[Translated], list[Row]]:
    """Each recording's result, and a row for each and for all of them."""
    results = []
    for recording in recordings:
        told(recording.path.name)
        results.append(bench.measure(recording))
    return results, [*map(row_of, results), row_of(reduce(add, results))]


def row_of(result: Translated) -> Row:
    """Seconds, and CPU seconds for each second of audio; chrF against the offline translation."""
    return {
        "recording": result.name,
        "audio_s": result.audio,
        "finals": len(result.lags),
        "final_s": median(result.lags) if result.lags else None,
        "final_worst_s": max(result.lags, default=None),
        "update_least_s": min(result.gaps, default=None),
        "cpu_per_s": result.cpu / max(result.audio, 0.001),
        "flicker": result.erased_live / max(result.written, 1),
        "flicker_all": result.erased / max(result.written, 1),
        "chrf": result.likeness.score,
        "chrf_policy": result.policy.score,
        "late_s": median(result.late) if result.late else None,
        "late_alone_s": median(result.late_alone) if result.late_alone else None,
    }
