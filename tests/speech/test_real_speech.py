"""The whole of live recognition with a real model: words where there are some, and only there."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat
from app.core.errors import ModelCorruptError
from app.core.events import Event, FinalCaption, WordsCommitted
from app.core.resources import resource
from app.fastpace import FastPace
from app.meeting import MeetingRequest, recognition_for
from app.platforms.process import prepare_process, release_memory
from app.selftest import share_heard
from app.speech.transcribe.loading import SharedModel

pytestmark = pytest.mark.model
TEXT = resource("selftest.txt").read_text(encoding="utf-8")
GROWTH_MB = 25.0
REQUEST = MeetingRequest("", model="tiny.en", language="en", save=False)


@pytest.fixture(scope="module")
def model(tiny_en_store: Path) -> SharedModel:
    return SharedModel(lambda: tiny_en_store / "tiny.en")


def blocks(samples: NDArray[np.float32], seconds: float = 0.04) -> Iterator[AudioBlock]:
    pcm = (samples * 32767).astype(np.int16)[:, None]
    size = round(seconds * SPEECH_RATE)
    for at in range(0, len(pcm), size):
        yield AudioBlock(at, pcm[at : at + size], AudioFormat(SPEECH_RATE, 1))


def caption(model: SharedModel, samples: NDArray[np.float32]) -> list[tuple[Event, float]]:
    told: list[tuple[Event, float]] = []
    FastPace(recognition_for(REQUEST, model), lambda e, at: told.append((e, at))).run(
        blocks(samples)
    )
    return told


def stored(told: list[tuple[Event, float]]) -> str:
    lines = {e.utterance: e.text for e, _ in told if isinstance(e, FinalCaption)}
    return " ".join(text for _, text in sorted(lines.items()))


def test_speech_between_silences_is_heard_in_its_place(
    model: SharedModel, spoken: NDArray[np.float32]
) -> None:
    silence = np.zeros(4 * SPEECH_RATE, np.float32)
    told = caption(model, np.concatenate([silence, spoken, silence]))
    assert share_heard(TEXT, stored(told)) >= 0.9
    words = [word for e, _ in told if isinstance(e, WordsCommitted) for word in e.words]
    assert share_heard(TEXT, "".join(word.text for word in words)) >= 0.8
    assert words[0].start >= 4.0
    assert words[-1].end <= 4.0 + len(spoken) / SPEECH_RATE + 0.2
    late = [at - w.end for e, at in told if isinstance(e, WordsCommitted) for w in e.words]
    assert np.mean(late) < 2.0


def silent(_random: np.random.Generator, t: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.zeros_like(t)


def quiet_noise(random: np.random.Generator, t: NDArray[np.float64]) -> NDArray[np.float64]:
    return random.normal(0, 0.003, len(t))


def loud_noise(random: np.random.Generator, t: NDArray[np.float64]) -> NDArray[np.float64]:
    return random.normal(0, 0.1, len(t)).clip(-1, 1)


def hum(_random: np.random.Generator, t: NDArray[np.float64]) -> NDArray[np.float64]:
    return sum((0.1 / k * np.sin(2 * np.pi * 50 * k * t) for k in (1, 2, 3)), np.zeros_like(t))


def clicks(random: np.random.Generator, t: NDArray[np.float64]) -> NDArray[np.float64]:
    """As of a keyboard: short bursts of noise."""
    keys = np.zeros_like(t)
    for start in random.integers(0, len(t) - 400, 100):
        keys[start : start + 400] += random.normal(0, 0.3, 400) * np.exp(-np.arange(400) / 60)
    return keys.clip(-1, 1)


@pytest.mark.parametrize("make", [silent, quiet_noise, loud_noise, hum, clicks])
def test_where_nobody_speaks_nothing_is_written(
    make: Callable[[np.random.Generator, NDArray[np.float64]], NDArray[np.float64]],
    model: SharedModel,
) -> None:
    t = np.arange(20 * SPEECH_RATE) / SPEECH_RATE
    told = caption(model, make(np.random.default_rng(5), t).astype(np.float32))
    assert [e for e, _ in told if isinstance(e, WordsCommitted | FinalCaption)] == []


@pytest.mark.lengthy
def test_memory_does_not_grow_with_the_length_of_the_meeting(
    model: SharedModel, spoken: NDArray[np.float32]
) -> None:
    """Three minutes; a backlog of three seconds at a time, so that it does not take them."""
    prepare_process()  # as the program does
    recognition = recognition_for(REQUEST, model)
    process = psutil.Process()
    used: list[float] = []
    told = 0

    def look() -> None:
        gc.collect()
        release_memory()  # what was freed does not count, and glibc keeps more of it each minute
        used.append(process.memory_info().rss / 2**20)

    recognition.live.open()
    recognition.revise.open()
    try:
        looped = np.tile(spoken, round(180 * SPEECH_RATE / len(spoken)))
        for number, block in enumerate(blocks(looped, 3.0)):
            for item in recognition.live.feed([block]):
                told += isinstance(item, WordsCommitted)
            if number % 10 == 9:
                look()
    finally:
        recognition.live.close()
        recognition.revise.close()
    assert told > 40
    assert len(used) == 6
    warm = used[1]  # after a minute, when windows of every length have been decoded once
    assert max(used) - warm < GROWTH_MB, used


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "vocabulary.txt", "config.json"])
def test_a_damaged_model_is_told_as_that(name: str, tiny_en_store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "tiny.en"
    folder.mkdir()
    for file in (tiny_en_store / "tiny.en").iterdir():
        (folder / file.name).symlink_to(file)
    assert (folder / name).exists()
    content = (folder / name).read_bytes()[: 1000 if name == "model.bin" else 50]
    (folder / name).unlink()
    (folder / name).write_bytes(content)
    with pytest.raises(ModelCorruptError, match=r"tiny\.en") as told:
        SharedModel(lambda: folder)()
    assert "captionist models" in told.value.hint


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "vocabulary.txt"])
def test_an_incomplete_model_is_told_as_that(
    name: str, tiny_en_store: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "tiny.en"
    folder.mkdir()
    for file in (tiny_en_store / "tiny.en").iterdir():
        if file.name != name:
            (folder / file.name).symlink_to(file)
    with pytest.raises(ModelCorruptError, match=r"tiny\.en") as told:
        SharedModel(lambda: folder)()
    assert told.value.hint
