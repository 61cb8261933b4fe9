"""The live recogniser: the language of what it hears, chosen or found."""

from __future__ import annotations

import pytest

from app.core.errors import LanguageError
from app.core.events import LanguageDetected
from tests.fakes.speech import FakeWhisper, Speaker, ramble
from tests.speech.transcribe.listening import committed, recognise, texts, utterances


def test_a_language_that_is_chosen_is_what_is_decoded() -> None:
    model = FakeWhisper(multilingual=True)
    told = recognise(Speaker().say("one", "two").rest(2), model, language="ko")
    assert {task.language for task in model.tasks} == {"ko"}
    assert utterances(told)[0].caption.language == "ko"
    assert not [e for _, e in told if isinstance(e, LanguageDetected)]


def test_an_english_model_needs_no_search() -> None:
    told = recognise(Speaker().say("one", "two").rest(2), language="auto")
    assert utterances(told)[0].caption.language == "en"
    assert not [e for _, e in told if isinstance(e, LanguageDetected)]


def test_an_unknown_language_is_refused_before_anything_is_heard() -> None:
    with pytest.raises(LanguageError):
        recognise(Speaker().say("one"), FakeWhisper(multilingual=True), language="xx")


def test_auto_finds_the_language_before_the_first_word() -> None:
    model = FakeWhisper(multilingual=True)
    model.named = [[("ko", 0.9)]]
    speaker = Speaker().say("one", "two", "three", "four", "five").rest(2)
    told = recognise(speaker, model, language="auto")
    assert isinstance(told[0][1], LanguageDetected)
    assert told[0][0] == pytest.approx(1.5, abs=0.6)
    assert committed(told) == "one two three four five"
    assert {task.language for task in model.tasks} == {"ko"}


def test_auto_waits_for_a_sure_answer_but_not_for_ever() -> None:
    model = FakeWhisper(multilingual=True)
    model.named = [[("de", 0.4)]]
    speaker = Speaker().say(*ramble(20)).rest(2)
    told = recognise(speaker, model, language="auto")
    assert told[0][1] == LanguageDetected("de", 0.4)
    assert told[0][0] == pytest.approx(5.0, abs=0.6)
    assert committed(told).split() == [said.text for said in speaker.said]


def test_auto_takes_what_it_has_when_the_utterance_ends() -> None:
    model = FakeWhisper(multilingual=True)
    model.named = [[("de", 0.4)], [("ko", 0.8)]]
    speaker = Speaker().say("one", gap=0).rest(2).say("two", "three", "four", "five").rest(2)
    told = recognise(speaker, model, language="auto")
    found = [e for _, e in told if isinstance(e, LanguageDetected)]
    assert found == [LanguageDetected("de", 0.4), LanguageDetected("ko", 0.8)]
    assert texts(told) == ["one", "two three four five"]
    assert [u.caption.language for u in utterances(told)] == ["de", "ko"]
