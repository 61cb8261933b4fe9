"""When each word of a reference was really said."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from app.bench.aligner import Aligner
from app.bench.manifest import TimedText
from app.bench.stretches import stretches
from app.core.audio import SPEECH_RATE
from app.core.events import Word
from app.speech.transcribe.whisper import DecodingTask

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.bench.manifest import Part, Recording
    from app.speech.transcribe.whisper import Whisper

Timed = TypeVar("Timed", TimedText, Word)

_NOT_SPOKEN = re.compile(r"\[[^\]]*\]|<[^>]*>")


def true_words(
    recording: Recording,
    samples: NDArray[np.float32],
    model: Whisper,
    heard: Sequence[Word],
    *,
    translated: bool = False,
) -> list[TimedText]:
    """Hand-made times where there are some; else the reference, aligned with the sound by force.

    Every word of the reference gets a time, whether it was recognised or not. `model` aligns at
    most 30 s at once: a longer recording is taken by its segments, else it is cut where an offline
    pass `heard` what the reference says. Stretches that remain too long have no true words.
    `translated`: the reference is English, whatever is spoken. The parts of a joined recording are
    taken each by itself: loudness, by which words are placed, differs between them.
    """
    if recording.parts:
        return [
            _later(word, part.start)
            for part in recording.parts
            for word in true_words(
                part.recording,
                _sound_of(part, samples),
                model,
                _words_in(part, heard),
                translated=translated,
            )
        ]
    if recording.words:
        return list(recording.words)
    whole = TimedText(recording.transcript, 0.0, len(samples) / SPEECH_RATE)
    aligner = Aligner(model, samples, DecodingTask(recording.language, translated))
    found: list[TimedText] = []
    for text in map(_plain, recording.segments or (whole,)):
        longest = aligner.longest(text)
        for part in stretches(text, heard, recording.language, longest):
            found += aligner.words(part)
    return found


def _sound_of(part: Part, samples: NDArray[np.float32]) -> NDArray[np.float32]:
    return samples[round(part.start * SPEECH_RATE) : round(part.end * SPEECH_RATE)]


def _words_in(part: Part, heard: Sequence[Word]) -> list[Word]:
    """What was `heard` of `part`, in its own seconds."""
    words = (word for word in heard if part.start <= (word.start + word.end) / 2 < part.end)
    return [_later(word, -part.start) for word in words]


def _later(word: Timed, seconds: float) -> Timed:
    return replace(word, start=word.start + seconds, end=word.end + seconds)


def _plain(text: TimedText) -> TimedText:
    """Without remarks in brackets, and without capitals if there are no small letters."""
    said = " ".join(_NOT_SPOKEN.sub(" ", text.text).split())
    return TimedText(said.lower() if said.isupper() else said, text.start, text.end)
