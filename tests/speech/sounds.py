"""Sounds in which nobody speaks: a minute of each, the same every time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from app.core.audio import SPEECH_RATE

Wave = NDArray[np.float64]
SECONDS = 60
LENGTH = SECONDS * SPEECH_RATE
TIME = np.arange(LENGTH) / SPEECH_RATE


def _full(sound: Wave) -> Wave:
    """As loud as it can be."""
    scaled: Wave = sound / np.abs(sound).max()
    return scaled


def _coloured(exponent: float) -> Wave:
    """Noise whose power falls with this power of the frequency."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(LENGTH))
    spectrum /= np.maximum(np.arange(len(spectrum)), 20) ** (exponent / 2)
    noise = np.fft.irfft(spectrum, LENGTH)
    return _full(noise)


def _hum() -> Wave:
    tones = [np.sin(2 * np.pi * 50 * n * TIME) / n for n in range(1, 8)]
    return _full(np.sum(tones, axis=0))


def _clicks() -> Wave:
    random = np.random.default_rng(2)
    sound = np.zeros(LENGTH)
    at = 0
    while at < LENGTH - 8:
        sound[at : at + 8] = random.choice([-1.0, 1.0])
        at += int(random.integers(SPEECH_RATE // 8, SPEECH_RATE))
    return sound


def _chords() -> Wave:
    """A chord a second, each of four notes with overtones that die away."""
    random = np.random.default_rng(3)
    beat = TIME[:SPEECH_RATE]
    bars = []
    for _ in range(SECONDS):
        root = 220 * 2 ** (random.integers(12) / 12)
        notes = [root * 2 ** (step / 12) * n for step in (0, 4, 7, 12) for n in range(1, 5)]
        bars.append(np.sum([np.sin(2 * np.pi * hz * beat) for hz in notes], axis=0))
    sound = np.concatenate([bar * np.exp(-2 * beat) for bar in bars])
    return _full(sound)


def _drums() -> Wave:
    random = np.random.default_rng(4)
    beat = TIME[: SPEECH_RATE // 2]
    kick = np.sin(2 * np.pi * (60 + 60 * np.exp(-30 * beat)) * beat) * np.exp(-12 * beat)
    snare = random.standard_normal(len(beat)) * np.exp(-20 * beat) * 0.6
    return np.tile(np.concatenate([kick, snare]), SECONDS)


def _laughter() -> Wave:
    """Bursts of "ha": a voice at a falling pitch with a vowel's overtones, and breath."""
    random = np.random.default_rng(5)
    sound = np.zeros(LENGTH)
    ha = TIME[: int(0.11 * SPEECH_RATE)]
    at = SPEECH_RATE // 2
    while at < LENGTH - 3 * SPEECH_RATE:
        pitch = random.uniform(180, 320)
        for _ in range(random.integers(4, 8)):
            overtones = [
                np.sin(2 * np.pi * pitch * n * ha) * np.exp(-(((pitch * n - 800) / 500) ** 2))
                for n in range(1, 12)
            ]
            voice = np.sum(overtones, axis=0) * 0.7 + random.standard_normal(len(ha)) * 0.25
            sound[at : at + len(ha)] += voice * np.hanning(len(ha))
            at += int(0.2 * SPEECH_RATE)
            pitch *= 0.96
        at += int(random.uniform(1, 3) * SPEECH_RATE)
    return _full(sound)


UNSPOKEN: dict[str, Callable[[], Wave]] = {
    "silence": lambda: np.zeros(LENGTH),
    "faint noise": lambda: np.random.default_rng(6).standard_normal(LENGTH) * 1e-4,
    "white noise": lambda: np.random.default_rng(7).standard_normal(LENGTH) * 0.1,
    "loud white noise": lambda: np.random.default_rng(8).standard_normal(LENGTH) * 0.5,
    "pink noise": lambda: _coloured(1) * 0.5,
    "brown noise": lambda: _coloured(2) * 0.5,
    "hum": lambda: _hum() * 0.2,
    "clicks": lambda: _clicks() * 0.5,
    "chords": lambda: _chords() * 0.4,
    "drums": lambda: _drums() * 0.6,
    "chords and drums": lambda: _chords() * 0.3 + _drums() * 0.4,
    "laughter": lambda: _laughter() * 0.4,
}
