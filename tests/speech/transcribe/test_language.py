"""When the language counts as found."""

from __future__ import annotations

import pytest

from app.core.events import LanguageDetected
from app.speech.transcribe.language import LanguageFinder
from app.speech.transcribe.options import LanguageOptions
from tests.fakes.speech import FakeWhisper

OPTIONS = LanguageOptions(needed=1.5, patience=5.0, floor=0.5)


def finder(*named: tuple[str, float], language: str = "auto") -> LanguageFinder:
    model = FakeWhisper(multilingual=True)
    model.named = [[name] for name in named]
    return LanguageFinder(model, OPTIONS, language)


def test_a_language_that_the_user_chose_is_not_looked_for() -> None:
    found = finder(("de", 0.9), language="ko")
    assert (found.language, found.ready, found.settled) == ("ko", True, True)


def test_too_little_speech_is_not_judged() -> None:
    found = finder(("ko", 0.99))
    assert found.consider([], 1.4, patient=True) is None
    assert not found.ready
    assert found.consider([], 1.5, patient=True) == LanguageDetected("ko", 0.99)
    assert found.settled


def test_at_the_end_of_an_utterance_even_little_speech_is_judged() -> None:
    found = finder(("ko", 0.3))
    assert found.consider([], 0.4, patient=False) == LanguageDetected("ko", 0.3)
    assert found.ready
    assert not found.settled


def test_an_unsure_answer_waits_for_more_speech_until_patience_ends() -> None:
    found = finder(("de", 0.4))
    assert found.consider([], 4.9, patient=True) is None
    assert not found.ready
    assert found.consider([], 5.0, patient=True) == LanguageDetected("de", 0.4)
    assert found.ready
    assert not found.settled


def test_a_surer_answer_replaces_an_unsure_one_and_a_less_sure_one_does_not() -> None:
    found = finder(("de", 0.4), ("ko", 0.3), ("ko", 0.45), ("ko", 0.8))
    found.consider([], 6.0, patient=True)
    assert found.consider([], 6.5, patient=True) is None
    assert found.language == "de"
    assert found.consider([], 7.0, patient=True) == LanguageDetected("ko", 0.45)
    assert found.consider([], 7.5, patient=True) is None, "surer, but no other language"
    assert found.settled


def test_english_that_is_found_is_told_too() -> None:
    assert finder(("en", 0.9)).consider([], 2.0, patient=True) == LanguageDetected("en", 0.9)


@pytest.mark.parametrize("patient", [True, False])
def test_no_answer_at_all_is_waited_out(patient: bool) -> None:
    found = finder(("ko", 0.9))
    assert isinstance(found._model, FakeWhisper)
    found._model.named = [[], [("ko", 0.9)]]
    assert found.consider([], 9.0, patient=patient) is None
    assert not found.ready
    assert found.consider([], 9.0, patient=patient) == LanguageDetected("ko", 0.9)
