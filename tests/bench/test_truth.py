"""When the words of a reference were said, with times beside it and without."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.bench.aligner import settled
from app.bench.manifest import Recording, TimedText
from app.bench.run import load_samples, offline_captions
from app.bench.stretches import stretches
from app.bench.truth import true_words
from app.core.events import Word
from app.core.resources import resource
from app.speech.transcribe.whisper import Whisper
from tests.fakes.speech import FakeWhisper, Speaker, ramble

NOWHERE = Path("a.wav")


def assert_like(found: list[TimedText], speaker: Speaker) -> None:
    assert [word.text for word in found] == [word.text for word in speaker.said]
    for word, said in zip(found, speaker.said, strict=True):
        assert word.start == pytest.approx(said.start, abs=0.03)
        assert word.end == pytest.approx(said.end, abs=0.03)


def test_words_that_nobody_recognised_have_times_too() -> None:
    speaker = Speaker().rest(0.7).say("one", "three").rest(1.5).say("two", "four").rest(1.0)
    recording = Recording(NOWHERE, "en", "[cough] ONE THREE TWO FOUR")
    found = true_words(recording, speaker.samples, FakeWhisper(), [])
    assert [word.text for word in found] == ["one", "three", "two", "four"]
    assert_like(found, speaker)


def test_times_made_by_hand_are_taken_as_they_are() -> None:
    words = (TimedText("one", 3.0, 4.0),)
    recording = Recording(NOWHERE, "en", "one", words)
    assert true_words(recording, np.zeros(0, np.float32), FakeWhisper(), []) == [*words]


def test_segments_are_aligned_each_in_its_time() -> None:
    speaker = Speaker().rest(1.0).say("one", "two").rest(1.0).say("three").rest(0.5)
    segments = (TimedText("one two", 0.8, 2.0), TimedText("three", 2.5, 3.3))
    recording = Recording(NOWHERE, "en", "one two three", (), segments)
    assert_like(true_words(recording, speaker.samples, FakeWhisper(), []), speaker)


def test_a_long_recording_is_cut_where_the_offline_pass_is_right() -> None:
    said = ramble(90)
    speaker = Speaker()
    for at in range(0, 90, 10):
        speaker.say(*said[at : at + 10]).rest(1.0)
    heard = [Word(f" {w.text}", w.start, w.end, 0.9) for w in speaker.said]
    heard[40] = Word(" seventeen", heard[40].start, heard[40].end, 0.9)
    model = FakeWhisper()
    recording = Recording(NOWHERE, "en", " ".join(said))
    found = true_words(recording, speaker.samples, model, heard)
    assert_like(found, speaker)
    assert model.longest_window <= 30.0
    assert true_words(recording, speaker.samples, model, []) == [], "nothing tells where to cut"


def test_what_is_silent_or_says_nothing_has_no_words() -> None:
    silence = np.zeros(16_000, np.float32)
    assert true_words(Recording(NOWHERE, "en", " "), silence, FakeWhisper(), []) == []
    nothing = np.zeros(0, np.float32)
    assert true_words(Recording(NOWHERE, "en", "one"), nothing, FakeWhisper(), []) == []


def _spoken(*texts: str, length: float = 0.5) -> list[Word]:
    return [Word(text, k * length, (k + 1) * length, 0.9) for k, text in enumerate(texts)]


def test_stretches_end_in_long_pauses_and_keep_all_of_the_text() -> None:
    heard = _spoken(*(f" w{k}," for k in range(140)))
    heard[40:] = [Word(w.text, w.start + 2, w.end + 2, 0.9) for w in heard[40:]]
    text = " ".join(f"W{k}" for k in range(140))
    parts = stretches(TimedText(text, 0.0, 72.0), heard, "en")
    assert " ".join(part.text.strip() for part in parts) == text
    assert (parts[0].end, parts[0].text.split()[-1]) == (21.0, "W39")
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert max(part.end - part.start for part in parts) <= 30.0


def test_letters_are_what_agrees_where_there_are_no_spaces() -> None:
    letters = [chr(0x4E00 + k) for k in range(100)]
    heard = _spoken(*("".join(letters[k : k + 2]) for k in range(0, 100, 2)), length=1.0)
    text = "、".join("".join(letters[k : k + 5]) for k in range(0, 100, 5)) + "。"
    parts = stretches(TimedText(text, 0.0, 50.0), heard, "zh")
    assert "".join(part.text for part in parts) == text
    assert len(parts) == 2
    assert parts[0].end == pytest.approx(27.0)


def test_a_stretch_in_which_nothing_agrees_stays_long() -> None:
    heard = _spoken(*(f" w{k}" for k in range(200)))
    text = " ".join(f"w{k}" if not 20 <= k < 120 else "x" for k in range(200))
    parts = stretches(TimedText(text, 0.0, 100.0), heard, "en")
    assert [part.end - part.start > 30 for part in parts] == [False, True, False, False]
    assert " ".join(part.text.strip() for part in parts) == text


def test_words_on_which_attention_gave_up_share_the_sound() -> None:
    sounds = np.ones(200, np.bool_)
    sounds[100:150] = False
    words = [
        Word(" she", 0.0, 0.4, 0.9),
        Word(" your", 0.4, 3.0, 0.0),
        Word(" dark", 3.0, 3.0, 0.0),
        Word(" suit", 3.0, 4.0, 0.01),
        Word(".", 4.0, 4.0, 0.5),
    ]
    assert settled(words[:4], sounds) == [
        TimedText("she", 0.0, 0.4),
        TimedText("your", 0.4, 1.26),
        TimedText("dark", 1.26, 3.12),
        TimedText("suit", 3.12, 4.0),
    ]


def test_a_pause_belongs_to_no_word() -> None:
    sounds = np.zeros(200, np.bool_)
    sounds[50:60] = sounds[150:160] = True
    words = [Word(" one", 0.0, 2.5, 0.9), Word(" two", 2.5, 3.9, 0.9), Word(" x", 3.9, 4.0, 0.9)]
    assert settled(words, sounds) == [
        TimedText("one", 1.0, 1.2),
        TimedText("two", 3.0, 3.2),
        TimedText("x", 3.9, 4.0),
    ]


@pytest.mark.model
def test_a_text_with_words_that_the_model_does_not_hear(tiny_en_store: Path) -> None:
    text = resource("selftest.txt").read_text(encoding="utf-8").strip()
    model = Whisper(tiny_en_store / "tiny.en")
    recording = Recording(Path(resource("selftest.flac")), "en", text.replace("weather", "leather"))
    samples = load_samples(recording)
    heard = [w for caption in offline_captions(lambda: model, samples, "en") for w in caption.words]
    found = true_words(recording, samples, model, heard)
    assert [word.text for word in found] == re.findall(r"\w+", recording.transcript)
    for one, other in pairwise(found):
        assert one.start < one.end <= other.start + 0.05
    assert found[-1].end == pytest.approx(heard[-1].end, abs=0.3)
