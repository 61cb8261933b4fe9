"""Real models write nothing where nobody speaks, and all that is said around pauses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import FinalCaption, WordsCommitted
from app.selftest import share_heard
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.whisper import Whisper
from app.speech.transcribe.whole import WholeStage
from app.speech.vad.protocol import SpeechAudio
from app.speech.vad.stage import VadStage
from tests.fakes.recordings import samples_of
from tests.models import starter_model
from tests.speech.sounds import UNSPOKEN

pytestmark = pytest.mark.model

Samples = NDArray[np.float32]
_HELD_BACK = "CAPTIONIST_EVALDATA"
"""Names a folder with recordings of meetings, of which the silent parts are heard as well."""


@pytest.fixture(scope="module", params=["tiny.en", "base"])
def model(request: pytest.FixtureRequest) -> Whisper:
    return Whisper(starter_model(request.param), workers=1)


@pytest.fixture(scope="module")
def tiny() -> Whisper:
    return Whisper(starter_model("tiny.en"), workers=1)


def heard(model: Whisper, samples: Samples) -> tuple[str, str]:
    """What is said live, and what is stored."""
    vad = VadStage()
    vad.open()
    chunks = [AudioChunk(at, samples[at : at + 640]) for at in range(0, len(samples), 640)]
    speech = [*vad.feed(chunks), *vad.flush()]
    language = "auto" if model.multilingual else "en"
    live = TranscribeStage(lambda: model, language)
    live.open()
    told = [event for item in speech for event in live.feed([item])]
    told += live.flush()
    words = [w.text for e in told if isinstance(e, WordsCommitted) for w in e.words]
    return "".join(words).strip(), stored(model, speech)


def stored(model: Whisper, speech: list[SpeechAudio]) -> str:
    whole = WholeStage(lambda: model, "auto" if model.multilingual else "en")
    whole.open()
    told = [*whole.feed(speech), *whole.flush()]
    return " ".join(event.text for event in told if isinstance(event, FinalCaption))


@pytest.mark.parametrize("name", UNSPOKEN)
def test_nothing_is_written_where_nobody_speaks(model: Whisper, name: str) -> None:
    assert heard(model, UNSPOKEN[name]().astype(np.float32)) == ("", "")


def silent_parts() -> Iterator[tuple[str, Samples]]:
    folder = Path(os.environ.get(_HELD_BACK, "")) / "meeting"
    for recording in sorted(folder.glob("ami_*.flac")):
        samples = samples_of(recording)
        silent = np.ones(len(samples), bool)
        for line in recording.with_suffix(".rttm").read_text(encoding="utf-8").splitlines():
            start, length = (float(field) for field in line.split()[3:5])
            first = max(0, int((start - 0.1) * SPEECH_RATE))
            silent[first : int((start + length + 0.1) * SPEECH_RATE)] = False
        yield recording.stem, samples[silent]


def test_nothing_is_written_in_the_silent_parts_of_meetings(model: Whisper) -> None:
    if not os.environ.get(_HELD_BACK):
        pytest.skip(f"{_HELD_BACK} names no folder with recordings")
    written = {name: heard(model, samples) for name, samples in silent_parts()}
    assert written
    assert {name: texts for name, texts in written.items() if texts != ("", "")} == {}


SENTENCE_END = 3.3
"""Seconds into the clip at which a sentence has ended."""


def room(seconds: float) -> Samples:
    """The silence of a room."""
    noise = np.random.default_rng(9).standard_normal(int(seconds * SPEECH_RATE))
    return (noise * 2e-4).astype(np.float32)


@pytest.mark.parametrize("pause", [0.2, 1.0, 3.0])
def test_a_pause_takes_no_words(tiny: Whisper, spoken: Samples, pause: float) -> None:
    cut = int(SENTENCE_END * SPEECH_RATE)
    cut += int(np.argmin(np.convolve(spoken[cut - 4800 : cut + 4800] ** 2, np.ones(1600), "valid")))
    cut -= 4800 - 800
    parts = [room(0.5), spoken[:cut], room(pause), spoken[cut:], room(2.5)]
    plain, _ = heard(tiny, np.concatenate([room(0.5), spoken, room(2.5)]))
    live, kept = heard(tiny, np.concatenate(parts))
    assert share_heard(plain, live) > 0.94
    assert share_heard(plain, kept) > 0.94


def test_words_after_a_long_pause_are_whole(tiny: Whisper, spoken: Samples) -> None:
    twice = np.concatenate([spoken, room(8), spoken, room(2.5)])
    once, _ = heard(tiny, np.concatenate([spoken, room(2.5)]))
    live, kept = heard(tiny, twice)
    assert live.split() == [*once.split(), *once.split()]
    assert share_heard(f"{once} {once}", kept) > 0.9  # a window words some things otherwise
