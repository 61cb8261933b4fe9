"""The live recogniser: which words are told when, with a model that hears tones."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import WordsCommitted
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.stage import TranscribeStage
from app.speech.vad.protocol import SpeechAudio
from tests.fakes.speech import FakeWhisper, Speaker, chunked, ramble
from tests.speech.transcribe.listening import (
    Told,
    behind_vad,
    committed,
    previews,
    recognise,
    texts,
    words_of,
)


def test_everything_that_is_said_is_committed_once_and_stored() -> None:
    speaker = Speaker().rest(1).say("one", "two", "three", "four", "end").rest(3)
    told = recognise(speaker)
    assert committed(told) == "one two three four end."
    assert texts(told) == ["one two three four end."]


def test_words_lie_where_they_were_said() -> None:
    speaker = Speaker().rest(1.3).say("one", "two", "three").rest(4).say("four", "end").rest(3)
    told = recognise(speaker)
    spoken = [word for word in words_of(told) if word.text != "."]
    assert [w.text.strip() for w in spoken] == [s.text for s in speaker.said]
    for word, said in zip(spoken, speaker.said, strict=True):
        assert word.start == pytest.approx(said.start, abs=0.06)
    assert spoken[-1].end == pytest.approx(speaker.said[-1].end, abs=0.06)


def test_words_come_while_the_speaker_goes_on() -> None:
    speaker = Speaker().rest(1).say(*ramble(16))
    told = recognise(speaker)
    emitted = [(end, w) for end, e in told if isinstance(e, WordsCommitted) for w in e.words]
    assert len(emitted) == 16
    assert max(end - word.end for end, word in emitted) < 1.0
    assert emitted[0][0] < 2.5


def test_one_step_each_half_second_however_small_the_chunks() -> None:
    model = FakeWhisper()
    speaker = Speaker().say(*ramble(20), gap=0.05)
    recognise(speaker.chunks(512), model)
    assert model.encoded == pytest.approx(speaker.seconds / 0.5, abs=2)


def test_a_backlog_costs_fewer_steps() -> None:
    model = FakeWhisper()
    stage = TranscribeStage(lambda: model, "en")
    chain = behind_vad(stage)
    speaker = Speaker().say(*ramble(40), gap=0.05)
    told: Told = [(0.0, item) for item in chain.feed(list(speaker.chunks()))]
    behind = model.encoded
    told += [(0.0, item) for item in chain.flush()]
    assert behind <= speaker.seconds / 3.0 + 1
    assert committed(told).split() == [said.text for said in speaker.said]


def test_a_short_pause_commits_what_is_sure() -> None:
    speaker = Speaker().rest(1).say("one", "two").rest(0.6)
    told = recognise([*speaker.chunks()])
    told_before_the_end = [item for item in told if item[0] < speaker.seconds]
    assert committed(told_before_the_end) == "one two"
    assert texts(told_before_the_end) == []


def test_a_short_pause_leaves_what_is_unsure_to_the_long_one() -> None:
    model = FakeWhisper()
    model.sure = 0.3
    speaker = Speaker().rest(1).say("one", "two").rest(0.7)
    before = recognise(speaker, model)
    silence = [item for item in before if item[0] < speaker.seconds]
    assert committed(silence) == ""
    assert previews(silence)[-1].text == " one two"
    longer = Speaker().rest(1).say("one", "two").rest(1.5)
    assert texts([i for i in recognise(longer, model) if i[0] < longer.seconds]) == ["one two"]


def test_what_is_utterly_improbable_is_never_committed() -> None:
    model = FakeWhisper()
    model.sure = 0.05
    told = recognise(Speaker().rest(1).say("one", "two").rest(3), model)
    assert committed(told) == ""
    assert previews(told)[-1].text == ""


def test_nothing_is_decoded_in_silence() -> None:
    model = FakeWhisper()
    recognise(Speaker().rest(30), model)
    assert model.encoded == 0
    speaker = Speaker().rest(1).say("one", "two").rest(1.5)
    recognise(speaker, model)
    until_then = model.encoded
    longer = FakeWhisper()
    recognise(Speaker().rest(1).say("one", "two").rest(30), longer)
    assert longer.encoded == until_then


def test_what_waits_at_the_end_of_the_sound_is_told() -> None:
    told = recognise(Speaker().rest(1).say("one", "two", "three", gap=0.02))
    assert texts(told) == ["one two three"]
    assert previews(told)[-1].text == ""


def test_older_text_is_the_prompt_of_what_comes_after_a_jump() -> None:
    model = FakeWhisper()
    before = Speaker().rest(0.5).say("one", "two")
    after = Speaker().say("three", "four").rest(2)
    recognise([*before.chunks(), *chunked(after.samples, 640, 20 * SPEECH_RATE)], model)
    assert model.prompts[0] == []
    assert model.prompts[-1] == [0, 1]


def test_sound_that_has_become_text_long_ago_is_dropped() -> None:
    model = FakeWhisper()
    speaker = Speaker().rest(0.5).say(*ramble(80))
    told = recognise(speaker.rest(2), model)
    assert committed(told).split() == [said.text for said in speaker.said]
    assert model.longest_window <= 13.0
    assert len(model.prompts[-1]) == AlignAttOptions().prompt_tokens


def test_speech_that_gives_no_text_for_long_does_not_stop_what_comes_after() -> None:
    """Thirty seconds of a hum that the detector takes for speech."""
    speaker = Speaker().rest(0.2).hum(30).rest(0.1)
    told = recognise(speaker.say("one", "two", "three", "end").rest(2))
    assert committed(told).endswith("one two three end.")


class Loops(FakeWhisper):
    """Says the same word again and again, from the third second on."""

    def continue_text(self, *arguments: object) -> list[int]:
        encoded, prefix = arguments[0], arguments[2]
        assert isinstance(encoded, list)
        assert isinstance(prefix, tuple)
        return [1, 2] * 20 if len(encoded) >= 6 else [i.token for i in encoded][len(prefix) :]


def test_a_looping_model_does_not_flood_the_captions() -> None:
    speaker = Speaker().rest(0.5).say(*ramble(40)).rest(2)
    told = recognise(speaker, Loops())
    assert len(committed(told).split()) <= 60


def test_a_stage_that_never_opened_can_be_closed() -> None:
    TranscribeStage(FakeWhisper, "en").close()


def test_less_sound_than_can_be_decoded_is_no_word() -> None:
    stage = TranscribeStage(FakeWhisper, "en")
    stage.open()
    tiny = SpeechAudio(AudioChunk(0, np.full(1000, 0.5, np.float32)), 0.0)
    assert list(stage.feed([tiny])) == []
    assert list(stage.flush()) == []
