"""Windows decoded with beam search: prompts, loops, and what is not to be trusted."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.offline import WindowDecoder, join_audio
from app.speech.transcribe.options import RevisionOptions
from app.speech.transcribe.whisper import DecodingTask
from tests.fakes.speech import FakeWhisper, Speaker

TASK = DecodingTask("en")


def window(*words: str, at: float = 0.0) -> AudioChunk:
    return AudioChunk(round(at * SPEECH_RATE), Speaker().rest(0.5).say(*words).rest(0.5).samples)


def decoder(model: FakeWhisper) -> WindowDecoder:
    return WindowDecoder(model, RevisionOptions())


def test_words_lie_on_the_clock_of_the_source_with_their_marks() -> None:
    decoded = decoder(FakeWhisper()).decode(window("one", "end", at=100.0), TASK)
    assert decoded is not None
    assert decoded.sound
    assert [word.text for word in decoded.words] == [" one", " end."]
    assert [word.start for word in decoded.words] == pytest.approx([100.5, 100.9], abs=0.05)
    assert decoded.words[-1].end == pytest.approx(101.2, abs=0.05)


def test_the_text_of_the_window_before_is_the_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    work.decode(window("three", at=5.0), TASK)
    assert model.prompts == [[], [0, 1]]


def test_after_half_a_minute_the_text_before_says_nothing() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    work.decode(window("three", at=60.0), TASK)
    assert model.prompts == [[], []]


def test_a_window_without_likely_text_has_none() -> None:
    model = FakeWhisper()
    model.score = -1.5
    assert decoder(model).decode(window("one"), TASK) is None
    assert decoder(FakeWhisper()).decode(AudioChunk(0, np.zeros(16_000, np.float32)), TASK) is None


def test_a_loop_is_tried_again_without_the_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    work.decode(window("one", "two"), TASK)
    model.dressed = [[3] * 20]
    decoded = work.decode(window("four", "five", at=5.0), TASK)
    assert decoded is not None
    assert decoded.sound
    assert [word.text for word in decoded.words] == [" four", " five"]
    assert model.prompts == [[], [0, 1], []]


def test_a_model_that_only_loops_is_not_trusted_and_is_no_prompt() -> None:
    model = FakeWhisper()
    work = decoder(model)
    model.dressed = [[1, 3, 3, 3, 3, 3, 3], [1, 3, 3, 3, 3, 3, 3]]
    decoded = work.decode(window("one", "two"), TASK)
    assert decoded is not None
    assert not decoded.sound
    assert [word.text for word in decoded.words] == [" two", " four"]
    work.decode(window("five", at=5.0), TASK)
    assert model.prompts[-1] == []


def test_chunks_are_joined_at_their_places_with_silence_between() -> None:
    ones = np.ones(10, np.float32)
    joined = join_audio([AudioChunk(100, ones), AudioChunk(110, 2 * ones), AudioChunk(130, ones)])
    assert joined.first_sample == 100
    expected = [*[1] * 10, *[2] * 10, *[0] * 10, *[1] * 10]
    np.testing.assert_array_equal(joined.samples, expected)
