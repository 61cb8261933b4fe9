"""Words that the model is in doubt about are decoded once more, from more sound."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.core.audio import SPEECH_RATE
from app.core.events import LoadLevel
from app.speech.transcribe.alignatt import AlignAttDecoder
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.whisper import Alignment, DecodingTask
from tests.fakes.speech import VOCABULARY, FakeWhisper, Speaker, ramble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.core.events import Word

NAMES = [word.strip(" .") for word in VOCABULARY]
ONE, TWO, FIVE = (NAMES.index(name) for name in ("one", "two", "five"))
STEP = 8_000  # samples


def decoder_of(model: FakeWhisper) -> AlignAttDecoder:
    return AlignAttDecoder(model, AlignAttOptions(), DecodingTask())


def steps(decoder: AlignAttDecoder, speaker: Speaker) -> Iterator[Word]:
    samples = speaker.samples
    for begin in range(0, len(samples), STEP):
        decoder.append(samples[begin : begin + STEP])
        yield from decoder.step(Pause.NONE, 0.0)
    yield from decoder.step(Pause.LONG, 1.0)


def said(words: Iterator[Word]) -> list[str]:
    return [word.text.strip() for word in words]


def test_a_doubtful_word_is_searched_with_more_beams_and_corrected() -> None:
    model = FakeWhisper()
    model.unsure, model.mistaken = {FIVE: 0.3}, {TWO: FIVE}
    assert said(steps(decoder_of(model), Speaker().say("one", "two", "three").rest(1.5))) == [
        "one",
        "two",
        "three",
    ]
    assert 5 in {search.beams for search in model.searches}


def test_sure_words_cost_no_closer_look() -> None:
    model = FakeWhisper()
    list(steps(decoder_of(model), Speaker().say("one", "two", "three").rest(1.5)))
    assert {search.beams for search in model.searches} == {1}


def test_a_word_is_not_searched_before_it_could_be_committed() -> None:
    model = FakeWhisper()
    model.unsure = {ONE: 0.3}
    decoder = decoder_of(model)
    decoder.append(Speaker().say("one").samples)
    assert decoder.step(Pause.NONE, 0.0) == []
    assert decoder.preview.strip() == "one"
    assert {search.beams for search in model.searches} == {1}


def test_a_closer_look_hears_what_the_steps_have_left_behind() -> None:
    model = FakeWhisper()
    decoder = decoder_of(model)
    list(steps(decoder, Speaker().say(*ramble(30), gap=0.4)))
    assert model.longest_window <= AlignAttOptions().longest + 1.0
    assert decoder.seconds > AlignAttOptions().longest
    model.unsure = {FIVE: 0.3}
    decoder.append(Speaker().say("five").rest(1.0).samples)
    assert said(iter(decoder.step(Pause.LONG, 1.0))) == ["five"]
    assert model.longest_window > AlignAttOptions().longest + 1.0
    assert decoder.seconds <= AlignAttOptions().reach + 2.0


def test_a_closer_look_hears_what_was_said_before_a_pause() -> None:
    model = FakeWhisper()
    decoder = decoder_of(model)
    before = list(steps(decoder, Speaker().say(*ramble(12)).rest(2.0)))
    heard, model.longest_window = model.longest_window, 0.0
    decoder.restart(60 * SPEECH_RATE)
    words = list(steps(decoder, Speaker().rest(0.5).say("one", "two").rest(1.0)))
    assert model.longest_window < heard, "a step begins behind the pause"
    model.unsure = {FIVE: 0.3}
    decoder.append(Speaker().say("five").rest(1.0).samples)
    words += decoder.step(Pause.LONG, 1.0)
    assert said(iter(words)) == ["one", "two", "five"]
    assert model.longest_window > before[-1].end
    assert words[0].start == pytest.approx(60.5, abs=0.1), "by the samples' own numbers"


class _Stretches(FakeWhisper):
    """The path through its attention begins a third word with the sound itself."""

    def align(self, *arguments: Any) -> Alignment:
        found = super().align(*arguments)
        found.starts[2] = min(found.starts[2], 2)
        return found


def test_no_word_begins_before_the_pause_that_it_follows() -> None:
    options = replace(AlignAttOptions(), doubt=1.0)
    decoder = AlignAttDecoder(_Stretches(), options, DecodingTask())
    list(steps(decoder, Speaker().say("one", "two").rest(1.0)))
    decoder.restart(60 * SPEECH_RATE)
    decoder.append(Speaker().rest(0.2).say("three", "one").rest(1.0).samples)
    words = decoder.step(Pause.LONG, 1.0)
    assert said(iter(words)) == ["three", "one"]
    assert words[0].start == 60.0


def test_sound_without_words_does_not_stay_for_closer_looks() -> None:
    decoder = decoder_of(FakeWhisper())
    words = list(steps(decoder, Speaker().say("one", "two").rest(1.0)))
    for minute in range(1, 5):
        decoder.append(Speaker().rest(3.0).samples)
        decoder.restart(minute * 60 * SPEECH_RATE)
        assert words[-1].end < decoder.seconds < words[-1].end + 1.0


def test_the_text_does_not_outgrow_the_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some scripts need forty tokens a second, of which the decoder holds ten seconds."""
    monkeypatch.setattr("app.speech.transcribe.alignatt._MOST_TEXT", 6)
    model = _Reading()
    model.unsure = {FIVE: 0.3}
    words = ramble(40)
    assert said(steps(decoder_of(model), Speaker().say(*words).rest(1.0))) == words
    assert max(model.prefixes) <= 14, "six, and what the last seconds add"


def test_scripts_that_would_never_catch_up_may_write_more_at_once() -> None:
    budgets = {}
    for language in ("en", "hi", "my"):
        model = FakeWhisper(multilingual=True)
        decoder = AlignAttDecoder(model, AlignAttOptions(), DecodingTask(language))
        decoder.append(Speaker().say(*ramble(10)).samples)
        decoder.step(Pause.NONE, 0.0)
        budgets[language] = model.searches[0].budget
    assert budgets["hi"] == budgets["en"]
    assert budgets["my"] > 1.5 * budgets["en"]


class _Reading(FakeWhisper):
    """Remembers how long the text was that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: list[int] = []

    def continue_text(self, *arguments: Any) -> list[int]:
        self.prefixes.append(len(arguments[2]))
        return super().continue_text(*arguments)


def test_there_is_no_time_for_it_when_recognition_is_behind() -> None:
    model = FakeWhisper()
    model.unsure = {FIVE: 0.3}
    decoder = decoder_of(model)
    decoder.careful = False
    assert "five" in said(steps(decoder, Speaker().say("one", "five", "three").rest(1.5)))
    assert {search.beams for search in model.searches} == {1}


def test_the_stage_is_careful_only_while_it_keeps_up() -> None:
    model = FakeWhisper()
    model.unsure = {FIVE: 0.3}
    stage = TranscribeStage(lambda: model, "en")
    stage.open()
    stage.ease(LoadLevel.LONGER_STEPS)
    assert not stage._decoder.careful
    stage.ease(LoadLevel.NORMAL)
    assert stage._decoder.careful
    stage.close()
