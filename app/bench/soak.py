"""Hours of varied sound through the stages of a meeting, to see whether memory or cost grow."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import soxr

from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat
from app.core.events import WordsCommitted
from app.platforms.usage import cpu_seconds, memory_mb
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.meeting import Recognition

    Samples = NDArray[np.float32]

_BLOCK = SPEECH_RATE // 2
_FORM = AudioFormat(SPEECH_RATE, 1)
_FEWEST = 5  # readings that a slope can be told from
_VOICES = (0.9, 1.0, 1.12)
"""Speeds at which the clip is played; each sounds like another speaker."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a stretch of the run cost: `cpu` seconds for `spoken` and `audio` seconds of sound.

    `end` is its end in seconds of sound, `memory` in MB is what the process held then.
    """

    end: float
    memory: float
    cpu: float
    audio: float
    spoken: float
    words: int


@dataclass(frozen=True, slots=True)
class Slopes:
    """Growth an hour of sound: MB of memory, and the cost as a share of what it is on average."""

    memory: float
    cost: float


class Sounds:
    """Speech of several voices, pauses, noise, hum and music in a random order, always the same."""

    def __init__(self, clip: Samples, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._voices = [
            soxr.resample(clip, SPEECH_RATE * speed, SPEECH_RATE).astype(np.float32)
            for speed in _VOICES
        ]

    def pieces(self) -> Iterator[tuple[Samples, bool]]:
        """Without end; whether each is speech."""
        while True:
            if self._random.random() < 0.55:
                voice = self._voices[self._random.integers(len(self._voices))]
                loudness = float(self._random.uniform(0.3, 1.0))
                yield voice * np.float32(loudness) + self._noise(len(voice), 0.002), True
            yield self._rest(), False

    def _rest(self) -> Samples:
        length = int(self._random.uniform(0.2, 6.0) * SPEECH_RATE)
        kind = self._random.integers(4)
        if kind == 0:
            return np.zeros(length, np.float32)
        if kind == 1:
            return self._noise(length, 0.05)
        time = np.arange(length) / SPEECH_RATE
        tones = (50.0, 150.0) if kind == 2 else (261.6, 329.6, 392.0)
        return sum(np.sin(2 * np.pi * hertz * time) for hertz in tones).astype(np.float32) * 0.05  # type: ignore[union-attr]

    def _noise(self, length: int, loudness: float) -> Samples:
        return (self._random.standard_normal(length) * loudness).astype(np.float32)


class Soak:
    """Feeds `recognition` at full speed; it must be open."""

    def __init__(self, recognition: Recognition, clip: Samples) -> None:
        self._recognition = recognition
        self._pieces = Sounds(clip).pieces()
        self._held = np.zeros(0, np.float32)
        self._frame = 0
        self._spoken = 0.0
        self._words = 0

    def run(self, seconds: float, every: float, told: Callable[[Reading], object]) -> list[Reading]:
        """Readings of `every` seconds of sound each; `told` gets each as it is made."""
        readings: list[Reading] = []
        while self._frame < seconds * SPEECH_RATE:
            cpu, start, spoken, words = cpu_seconds(), self._seconds, self._spoken, self._words
            while self._seconds - start < every:
                self._feed(self._next_block())
            gc.collect()
            reading = Reading(
                self._seconds,
                memory_mb(),
                cpu_seconds() - cpu,
                self._seconds - start,
                self._spoken - spoken,
                self._words - words,
            )
            readings.append(reading)
            told(reading)
        return readings

    @property
    def _seconds(self) -> float:
        return self._frame / SPEECH_RATE

    def _next_block(self) -> AudioBlock:
        while len(self._held) < _BLOCK:
            piece, is_speech = next(self._pieces)
            self._spoken += len(piece) / SPEECH_RATE if is_speech else 0.0
            self._held = np.concatenate([self._held, piece])
        samples, self._held = self._held[:_BLOCK], self._held[_BLOCK:]
        pcm = (np.clip(samples, -1, 1) * 32767).astype(np.int16)[:, None]
        return AudioBlock(self._frame, pcm, _FORM)

    def _feed(self, block: AudioBlock) -> None:
        self._frame += block.frames
        for item in self._recognition.live.feed([block]):
            if isinstance(item, HeardUtterance | SpeechRested):
                list(self._recognition.revise.feed([item]))
            elif isinstance(item, WordsCommitted):
                self._words += len(item.words)


def slopes(readings: Sequence[Reading]) -> Slopes:
    """By least squares over all readings but the first quarter, in which everything fills up."""
    settled = readings[len(readings) // 4 :]
    hours = np.array([reading.end / 3600 for reading in settled])
    cost = np.array([reading.cpu / max(reading.spoken, 1.0) for reading in settled])
    memory = np.array([reading.memory for reading in settled])
    if len(settled) < _FEWEST:
        return Slopes(0.0, 0.0)
    return Slopes(_slope(hours, memory), _slope(hours, cost) / float(cost.mean()))


def _slope(hours: NDArray[np.float64], values: NDArray[np.float64]) -> float:
    """Growth an hour; 0 if it is less than twice its standard error, and so may be chance."""
    (slope, _), covariance = np.polyfit(hours, values, 1, cov=True)
    error = float(np.sqrt(max(0.0, covariance[0, 0])))
    return float(slope) if abs(slope) > 2 * error else 0.0
