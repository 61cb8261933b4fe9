"""The live recogniser: where its utterances end, and what sound they have."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE
from app.core.events import LoadLevel, WordsCommitted
from app.speech.transcribe.options import UtteranceOptions
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from tests.fakes.speech import FakeWhisper, Speaker, chunked, ramble
from tests.speech.transcribe.listening import behind_vad, recognise, texts, utterances


@pytest.mark.parametrize("level", list(LoadLevel))
def test_an_utterance_has_the_sound_of_all_its_words_however_late_they_come(
    level: LoadLevel,
) -> None:
    stage = TranscribeStage(FakeWhisper, "en")
    chain = behind_vad(stage)
    stage.ease(level)
    speaker = Speaker().rest(1).say(*ramble(12), "end", *ramble(12), gap=0.2).rest(3)
    told = [item for chunk in speaker.chunks() for item in chain.feed([chunk])]
    heard = [item for item in told if isinstance(item, HeardUtterance)]
    assert heard
    for utterance in heard:
        assert utterance.audio.start <= utterance.caption.start


def test_a_long_pause_ends_the_utterance_and_the_next_one_has_the_next_number() -> None:
    speaker = Speaker().rest(1).say("one", "two").rest(1.4).say("three", "four").rest(1.4)
    told = recognise(speaker)
    assert texts(told) == ["one two", "three four"]
    assert [u.caption.utterance for u in utterances(told)] == [0, 1]
    numbers = [
        (e.utterance, w.text) for _, e in told if isinstance(e, WordsCommitted) for w in e.words
    ]
    assert numbers == [(0, " one"), (0, " two"), (1, " three"), (1, " four")]


def test_the_utterance_is_told_after_its_words() -> None:
    told = recognise(Speaker().rest(1).say("one", "end").rest(2).say("two", "end").rest(2))
    for place, (_, item) in enumerate(told):
        if isinstance(item, HeardUtterance):
            earlier = [e for _, e in told[:place] if isinstance(e, WordsCommitted)]
            words = [w for e in earlier if e.utterance == item.caption.utterance for w in e.words]
            assert "".join(w.text for w in words).strip() == item.caption.text


def test_long_speech_is_cut_at_sentence_ends() -> None:
    speaker = Speaker().rest(0.5)
    for number in range(4):
        speaker.say(*ramble(28)[number * 7 : number * 7 + 7], "end").rest(0.2)
    told = recognise(speaker.rest(2), utterances=UtteranceOptions(sentence_after=3.0))
    assert len(texts(told)) == 4
    assert all(text.endswith(" end.") and len(text.split()) == 8 for text in texts(told))
    sound = [utterance.audio for utterance in utterances(told)]
    assert all(a.end_sample == b.first_sample for a, b in pairwise(sound))


def test_a_full_stop_without_a_rest_ends_no_utterance() -> None:
    """As in "Mr. Thornton": in any language nobody rests there."""
    speaker = Speaker().rest(0.5).say(*ramble(10), "end", *ramble(3)).rest(2)
    told = recognise(speaker, utterances=UtteranceOptions(sentence_after=3.0))
    assert len(texts(told)) == 1


def test_speech_without_a_rest_is_cut_between_two_words() -> None:
    speaker = Speaker().rest(0.5).say(*ramble(40)).rest(2)
    told = utterances(recognise(speaker, utterances=UtteranceOptions(longest=5.0)))
    assert len(told) > 2
    for cut in (utterance.audio.end for utterance in told):
        assert not any(said.start < cut < said.end for said in speaker.said)


def test_no_sound_of_an_utterance_is_missing() -> None:
    speaker = Speaker().rest(1).say(*ramble(30)).rest(3)
    (first, *_), samples = utterances(recognise(speaker)), speaker.samples
    audio = first.audio
    np.testing.assert_array_equal(audio.samples, samples[audio.first_sample : audio.end_sample])


def test_a_long_rest_is_passed_on_after_the_utterance() -> None:
    told = [e for _, e in recognise(Speaker().rest(1).say("one").rest(20).say("two").rest(9))]
    kinds = [type(e) for e in told if isinstance(e, HeardUtterance | SpeechRested)]
    assert kinds == [HeardUtterance, SpeechRested] * 2
    rested = [e.at for e in told if isinstance(e, SpeechRested)]
    assert rested == pytest.approx([1.3 + 5, 21.7 + 5], abs=0.3)


def test_a_jump_of_the_clock_ends_what_came_before_and_begins_anew() -> None:
    before = Speaker().rest(0.5).say("one", "two", gap=0.05)
    after = Speaker().say("three", "four").rest(2)
    place = 20 * SPEECH_RATE
    told = recognise([*before.chunks(), *chunked(after.samples, 640, place)])
    assert texts(told) == ["one two", "three four"]
    second = utterances(told)[1]
    assert second.caption.start == pytest.approx(20.0, abs=0.06)
    assert second.audio.first_sample == place


def test_an_utterance_does_not_last_through_minutes_of_music() -> None:
    speaker = Speaker().rest(0.5).say("one", "two").rest(0.1).hum(60).rest(0.1)
    told = recognise(speaker.say("three", "end").rest(2))
    assert texts(told) == ["one two", "three end."]
    assert max(u.audio.end - u.audio.start for u in utterances(told)) < 15.0
