"""Which engine tells speakers apart, live and over a whole recording; loaded when it is needed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.capture.resample import SpeechResampler
from app.catchup import recorded_blocks
from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import ModelMissingError
from app.core.events import SpeakerNamed
from app.modelstore.store import ModelStore
from app.pipeline.chain import Chain
from app.session.matching import found_anew, matched
from app.session.turns import TurnBook

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from app.core.audio import AudioBlock
    from app.core.events import Event, SpeakerTurn, TurnsFound
    from app.core.paths import Paths
    from app.pipeline.protocol import Stage
    from app.session.audio import AudioReader
    from app.session.session import Session
    from app.speech.diarize.protocol import Diarizer, OfflineDiarizer
    from app.speech.diarize.sortformer_presets import Latency

STAGE = "diarize"
"""Name of the stage, in what is told about it."""

VOICES, SORTFORMER = "voices", "sortformer"
"""Names of the engines' models in the model store."""

_STEP = SPEECH_RATE
"""Samples that a live engine gets at once when it hears a whole recording."""

_NO_NAME = re.compile(r"(?i)(speaker|spkr?|s)?[ _-]*\d+")
"""Labels by which programs number speakers."""


@dataclass(frozen=True, slots=True)
class SpeakerWish:
    """How to tell speakers apart: `engine` is "embedded" or "sortformer", or "" for not at all.

    There are `least` to `most` speakers; 0 is unknown.
    """

    engine: str = ""
    least: int = 0
    most: int = 0


def locate_engine(wish: SpeakerWish, paths: Paths) -> Path:
    """Where the engine's files are. Raises ModelMissingError, ModelCorruptError."""
    if wish.engine == "embedded":
        return ModelStore(paths.models).locate(VOICES)
    folder = paths.models / SORTFORMER
    if not folder.is_dir():
        raise ModelMissingError(
            "The model sortformer is not installed",
            hint="Convert NVIDIA's file with "
            f"'captionist models convert FILE.nemo -o {folder}', or use --diarize embedded.",
        )
    return folder


def diarizer_for(wish: SpeakerWish, paths: Paths) -> Diarizer:
    """The live engine; nothing is loaded before it is opened."""
    if wish.engine == "embedded":
        from app.speech.diarize.clustering import SpeakerRange
        from app.speech.diarize.embedded import EmbeddedDiarizer, load_voices

        return EmbeddedDiarizer(
            lambda: load_voices(locate_engine(wish, paths)), SpeakerRange(wish.least, wish.most)
        )
    return _sortformer(wish, paths, None)  # the machine says how late it may be


def diarize_stage(wish: SpeakerWish, paths: Paths) -> Stage[AudioBlock, TurnsFound]:
    """The live engine as a stage that takes sound as it is recorded."""
    return Chain(SpeechResampler(), diarizer_for(wish, paths))


def offline_diarizer_for(wish: SpeakerWish, paths: Paths) -> OfflineDiarizer:
    """What hears a whole recording at once; nothing is loaded yet."""
    if wish.engine == "embedded":
        from app.speech.diarize.clustering import SpeakerRange
        from app.speech.diarize.embedded import load_voices
        from app.speech.diarize.offline import WholeDiarizer

        return WholeDiarizer(
            lambda: load_voices(locate_engine(wish, paths)), SpeakerRange(wish.least, wish.most)
        )
    from app.speech.diarize.sortformer_presets import PRESETS

    return PlayedThrough(_sortformer(wish, paths, PRESETS["10s"]))


def _sortformer(wish: SpeakerWish, paths: Paths, latency: Latency | None) -> Diarizer:
    from app.speech.diarize.sortformer import SortformerDiarizer
    from app.speech.diarize.sortformer_model import load_sortformer

    return SortformerDiarizer(lambda: load_sortformer(locate_engine(wish, paths)), latency)


class PlayedThrough:
    """A live engine as an `OfflineDiarizer`, for one that has nothing better."""

    def __init__(self, live: Diarizer) -> None:
        self._live = live

    def diarize(
        self,
        samples: NDArray[np.float32],
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> tuple[SpeakerTurn, ...]:
        book = TurnBook()
        try:
            self._live.open()
            for first in range(0, len(samples), _STEP):
                if cancelled():
                    return ()
                chunk = AudioChunk(first, samples[first : first + _STEP])
                for found in self._live.feed([chunk]):
                    book.apply(found)
                progress(chunk.end_sample / len(samples))
            for found in self._live.flush():
                book.apply(found)
        finally:
            self._live.close()
        return book.turns


def samples_of(blocks: Iterable[AudioBlock], seconds: float = 0.0) -> NDArray[np.float32]:
    """Sound as models hear it; lost sound is silence. `seconds` is about how much will come."""
    samples = np.zeros(round((seconds + 1.0) * SPEECH_RATE), np.float32)
    end = 0
    for chunk in _speech(blocks):
        end = max(end, chunk.end_sample)
        if end > len(samples):
            samples = np.concatenate([samples, np.zeros(max(end, 16 * SPEECH_RATE), np.float32)])
        samples[chunk.first_sample : chunk.end_sample] = chunk.samples
    return samples[:end]


def _speech(blocks: Iterable[AudioBlock]) -> Iterator[AudioChunk]:
    resampler = SpeechResampler()
    resampler.open()
    for block in blocks:
        yield from resampler.feed([block])
    yield from resampler.flush()


def whole_turns(
    recording: AudioReader,
    diarizer: OfflineDiarizer,
    progress: Callable[[float], None] = lambda _share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> tuple[SpeakerTurn, ...] | None:
    """The turns of a saved meeting, all of which is heard; None if it was cancelled.

    `progress` gets shares of 1. The meeting may be changed meanwhile. Raises AppError.
    """
    length = recording.duration()
    samples = samples_of(recorded_blocks(recording, 0.0, length), length)
    turns = () if cancelled() else diarizer.diarize(samples, progress, cancelled)
    return None if cancelled() else turns


def keep_turns(session: Session, turns: Sequence[SpeakerTurn]) -> TurnsFound:
    """Replace all turns of a meeting; people's names stay. Raises StorageError."""
    found = found_anew(turns, session.transcript.voices, session.info.duration_s)
    session.record(found)
    return found


def adopt_turns(
    session: Session, turns: Sequence[SpeakerTurn], names: Sequence[str]
) -> list[Event]:
    """Take over turns that another program found, and its speakers' names; returns what is kept.

    Numbers are no names. Raises StorageError.
    """
    voices = session.transcript.voices
    numbers = matched(turns, voices)
    events: list[Event] = [keep_turns(session, turns)]
    for who, name in enumerate(names):
        if who in numbers and not _NO_NAME.fullmatch(name):
            events.append(SpeakerNamed(numbers[who], name.replace("_", " ")))
    for event in events[1:]:
        session.record(event)
    return events
