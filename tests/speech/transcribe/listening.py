"""Stages that hear a `Speaker` behind the detector of speech, and what can be read of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, TypeVar

from app.core.audio import AudioChunk
from app.core.events import PreviewChanged, Word, WordsCommitted
from app.pipeline.chain import Chain
from app.pipeline.protocol import Stage
from app.speech.transcribe.decoders import DecoderOptions
from app.speech.transcribe.options import UtteranceOptions
from app.speech.transcribe.stage import Recognised, TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance
from app.speech.vad.protocol import SpeechAudio
from app.speech.vad.stage import VadStage
from tests.fakes.speech import FakeWhisper, LoudnessDetector, Speaker

Out = TypeVar("Out")
Told: TypeAlias = list[tuple[float, Recognised]]
"""What was told, and the end of the sound that had been fed by then (s)."""


def behind_vad(stage: Stage[SpeechAudio, Out]) -> Chain[AudioChunk, SpeechAudio, Out]:
    """The stage with a detector in front of it, opened."""
    chain = Chain(VadStage(detector=LoudnessDetector), stage)
    chain.open()
    return chain


def listen(
    stage: Stage[SpeechAudio, Out], sound: Speaker | Iterable[AudioChunk]
) -> list[tuple[float, Out]]:
    """All that the stage tells of a sound, from opening to closing it; times as in `Told`."""
    chain = behind_vad(stage)
    told: list[tuple[float, Out]] = []
    end = 0.0
    for chunk in sound.chunks() if isinstance(sound, Speaker) else sound:
        end = chunk.end
        told += [(end, item) for item in chain.feed([chunk])]
    told += [(end, item) for item in chain.flush()]
    chain.close()
    return told


def recognise(
    sound: Speaker | Iterable[AudioChunk],
    model: FakeWhisper | None = None,
    *,
    language: str = "en",
    options: DecoderOptions | None = None,
    utterances: UtteranceOptions | None = None,
) -> Told:
    """What the live recogniser tells; without `options` it is AlignAtt as it comes."""
    hearing = model or FakeWhisper()
    return listen(TranscribeStage(lambda: hearing, language, options, utterances), sound)


def words_of(told: Told) -> list[Word]:
    return [w for _, event in told if isinstance(event, WordsCommitted) for w in event.words]


def committed(told: Told) -> str:
    return "".join(word.text for word in words_of(told)).strip()


def utterances(told: Told) -> list[HeardUtterance]:
    return [item for _, item in told if isinstance(item, HeardUtterance)]


def texts(told: Told) -> list[str]:
    return [utterance.caption.text for utterance in utterances(told)]


def previews(told: Told) -> list[PreviewChanged]:
    return [item for _, item in told if isinstance(item, PreviewChanged)]
