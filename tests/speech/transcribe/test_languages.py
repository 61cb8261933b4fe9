"""Meetings in several languages: judged for each utterance, with patience, never flip-flopping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.errors import LanguageError
from app.core.events import FinalCaption, LanguageDetected, Word
from app.speech.transcribe.guidance import GLOSSARY_TOKENS, Guidance, Guide
from app.speech.transcribe.language import LanguageFinder, check_languages, languages_of
from app.speech.transcribe.opening import Opening
from app.speech.transcribe.options import LanguageOptions, UtteranceOptions
from app.speech.transcribe.revise import ReviseStage, is_thin
from app.speech.transcribe.stage import TranscribeStage
from app.speech.transcribe.utterance import HeardUtterance, UtteranceBuilder
from tests.fakes.speech import FakeWhisper, Speaker
from tests.speech.transcribe.listening import committed, listen, recognise, texts, utterances
from tests.speech.transcribe.test_revise import heard
from tests.speech.transcribe.test_whole import text, transcribe

if TYPE_CHECKING:
    from collections.abc import Sequence

GERMAN = ("one", "two", "three", "two", "one", "three", "three", "one", "two")
KOREAN = ("four", "five", "six", "five", "four", "six", "six", "four", "five")


class Polyglot(FakeWhisper):
    """Takes `GERMAN` words for German and `KOREAN` ones for Korean, with this probability."""

    def __init__(self, probability: float = 0.99) -> None:
        super().__init__(multilingual=True)
        self.probability = probability
        self.judged = 0

    def name_language(self, encoded: Any, allowed: Sequence[str] = ()) -> list[tuple[str, float]]:
        self.judged += 1
        korean = sum(item.token >= 3 for item in encoded) * 2 > len(encoded)
        name = "ko" if korean else "de"
        return [(name, self.probability)] if not allowed or name in allowed else []


class Hasty(Polyglot):
    """Whatever is said, it is sure of one language as long as it has heard little of it."""

    def __init__(self, early: str) -> None:
        super().__init__()
        self.early = early

    def name_language(self, encoded: Any, allowed: Sequence[str] = ()) -> list[tuple[str, float]]:
        named = super().name_language(encoded, allowed)
        return [(self.early, 0.975)] if len(encoded) <= 3 else named


def spoken(told: list[tuple[float, Any]]) -> list[str]:
    return [e.language for _, e in told if isinstance(e, LanguageDetected)]


def test_a_meeting_that_switches_is_written_in_each_language() -> None:
    model = Polyglot()
    speaker = Speaker().rest(0.5)
    for words in (GERMAN, KOREAN, GERMAN):
        speaker.say(*words).rest(1.5)
    told = recognise(speaker.rest(2), model, language="auto")
    assert spoken(told) == ["de", "ko", "de"]
    assert [u.caption.language for u in utterances(told)] == ["de", "ko", "de"]
    assert committed(told).split() == [said.text for said in speaker.said]


def test_no_word_of_an_utterance_is_decoded_in_the_language_before() -> None:
    model = Polyglot()
    speaker = Speaker().rest(0.5).say(*GERMAN).rest(1.5).say(*KOREAN).rest(2)
    recognise(speaker, model, language="auto")
    languages = [task.language for task in model.tasks]
    assert languages == sorted(languages), "first de, then ko, and never back"


@pytest.mark.parametrize("early", ["de", "ko"])
def test_a_sure_but_wrong_answer_about_the_first_second_is_put_right(early: str) -> None:
    """Between the first look and the second one words are told; what is stored has the language."""
    speaker = Speaker().rest(0.5).say(*GERMAN).rest(1.5)
    later = GERMAN if early == "ko" else KOREAN
    told = recognise(speaker.say(*later).rest(2), Hasty(early), language="de,ko")
    spoken_later = "de" if early == "ko" else "ko"
    assert {u.caption.language for u in utterances(told)[1:]} == {spoken_later}
    assert committed(told).split() == [said.text for said in speaker.said]


def test_a_short_answer_stays_in_the_language_of_the_conversation() -> None:
    model = Polyglot()
    speaker = Speaker().rest(0.5).say(*GERMAN).rest(1.5).say("four").rest(1.5)
    told = recognise(speaker.say(*GERMAN).rest(2), model, language="auto")
    assert spoken(told) == ["de"]
    assert {u.caption.language for u in utterances(told)} == {"de"}


@pytest.mark.parametrize("languages", ["auto", "de,ko"])
def test_the_same_language_costs_two_looks_for_each_utterance(languages: str) -> None:
    model = Polyglot()
    speaker = Speaker().rest(0.5)
    for _ in range(5):
        speaker.say(*GERMAN).rest(1.5)
    told = recognise(speaker, model, language=languages)
    assert len(utterances(told)) == 5
    assert model.judged == 5 * 2, "one lets the words through, one ends the question"


def test_a_language_that_was_chosen_is_never_judged() -> None:
    model = Polyglot()
    recognise(Speaker().say(*GERMAN).rest(1.5).say(*KOREAN).rest(2), model, language="de")
    assert model.judged == 0


def test_speakers_without_a_pause_are_told_apart_when_a_sentence_ends() -> None:
    """What had been written by then becomes an utterance that is decoded again in its language."""
    model = Polyglot()
    speaker = Speaker().rest(0.5).say(*GERMAN, *GERMAN, "end").rest(0.1)
    speaker.say(*KOREAN, "seven", *KOREAN).rest(2)
    told = recognise(speaker, model, language="auto", utterances=UtteranceOptions(6.0, 20.0))
    assert spoken(told) == ["de", "ko"]
    assert committed(told).replace(".", "").split() == [said.text for said in speaker.said]
    assert utterances(told)[0].caption.language == "de"
    assert {u.caption.language for u in utterances(told)[1:]} == {"ko"}


def test_a_set_of_languages_limits_the_choice() -> None:
    model = Polyglot()
    speaker = Speaker().rest(0.5).say(*KOREAN).rest(1.5).say(*GERMAN).rest(2)
    told = recognise(speaker, model, language="ko,en")
    assert spoken(told) == ["ko"]
    assert {task.language for task in model.tasks} == {"ko"}


@pytest.mark.parametrize(
    ("choice", "codes"),
    [("auto", ()), ("ko", ("ko",)), (" KO, en ,ko", ("ko", "en")), ("ko,auto", ()), ("", ())],
)
def test_choices_of_languages(choice: str, codes: tuple[str, ...]) -> None:
    assert languages_of(choice) == codes


def test_every_language_of_a_set_is_checked() -> None:
    check_languages(FakeWhisper(multilingual=True), "ko,en")
    with pytest.raises(LanguageError, match="'xx' is unknown"):
        check_languages(FakeWhisper(multilingual=True), "ko,xx")
    with pytest.raises(LanguageError, match="English only, not 'ko'"):
        check_languages(FakeWhisper(), "ko,en")


class TestHysteresis:
    def finder(self, *named: tuple[str, float], languages: str = "auto") -> LanguageFinder:
        model = FakeWhisper(multilingual=True)
        model.named = [[("de", 0.9)], *([name] for name in named)]
        found = LanguageFinder(model, LanguageOptions(), languages)
        found.consider([], 2.0, patient=True)
        found.doubt(hold=True)
        return found

    def test_it_waits_for_enough_speech(self) -> None:
        found = self.finder(("ko", 0.99))
        assert not found.due(0.9, patient=True)
        assert found.due(1.0, patient=True)
        assert not found.ready

    def test_the_same_language_again_settles_it(self) -> None:
        found = self.finder(("de", 0.9))
        assert found.consider([], 2.0, patient=True) is None
        assert found.ready
        assert found.settled

    def test_an_early_answer_lets_the_words_through_and_leaves_the_question_open(self) -> None:
        found = self.finder(("de", 0.9), ("ko", 0.99))
        assert found.consider([], 1.0, patient=True) is None
        assert found.ready
        assert not found.due(1.5, patient=True), "nothing waits, and it could not switch yet"
        assert found.due(2.0, patient=True)
        assert found.consider([], 2.0, patient=True) == LanguageDetected("ko", 0.99)
        assert found.settled

    @pytest.mark.parametrize(("languages", "seconds"), [("auto", 1.5), ("de,ko", 1.0)])
    def test_a_short_utterance_may_be_in_another_language(
        self, languages: str, seconds: float
    ) -> None:
        found = self.finder(("ko", 0.96), languages=languages)
        assert not found.due(seconds - 0.1, patient=False)
        assert found.due(seconds, patient=False)
        assert found.consider([], seconds, patient=False) == LanguageDetected("ko", 0.96)

    def test_a_short_utterance_in_perhaps_another_language_keeps_the_one_before(self) -> None:
        found = self.finder(("ko", 0.9), languages="de,ko")
        assert found.consider([], 1.9, patient=False) is None
        assert found.settled

    def test_a_few_languages_are_told_apart_soon(self) -> None:
        assert self.finder(("ko", 0.96), languages="de,ko").consider(
            [], 1.0, patient=True
        ) == LanguageDetected("ko", 0.96)

    def test_an_early_answer_is_doubted_however_sure_it_is(self) -> None:
        found = self.finder(("de", 0.99), ("ko", 0.99), languages="de,ko")
        assert found.consider([], 1.0, patient=True) is None
        assert found.ready, "the words come"
        assert found.due(2.0, patient=True)
        assert found.consider([], 2.0, patient=True) == LanguageDetected("ko", 0.99)
        assert found.settled

    def test_an_early_switch_may_be_taken_back(self) -> None:
        found = self.finder(("ko", 0.99), ("de", 0.97), languages="de,ko")
        assert found.consider([], 1.0, patient=True) == LanguageDetected("ko", 0.99)
        assert found.ready
        assert not found.due(1.5, patient=True), "nothing waits, and it could not switch yet"
        assert found.due(2.0, patient=True)
        assert found.consider([], 2.0, patient=True) == LanguageDetected("de", 0.97)
        assert found.settled

    def test_where_nothing_waits_the_first_look_comes_when_it_can_switch(self) -> None:
        found = self.finder(("ko", 0.99))
        found.doubt(hold=False)
        assert not found.due(1.9, patient=True)
        assert found.due(2.0, patient=True)

    def test_one_very_sure_answer_switches_once_there_is_enough_speech(self) -> None:
        found = self.finder(("ko", 0.99), ("ko", 0.99))
        assert found.consider([], 1.0, patient=True) is None
        assert not found.ready, "words wait for the second look"
        assert found.consider([], 2.0, patient=True) == LanguageDetected("ko", 0.99)
        assert found.ready

    def test_two_likely_answers_in_a_row_switch(self) -> None:
        found = self.finder(("ko", 0.8), ("ko", 0.75))
        assert found.consider([], 2.0, patient=True) is None
        assert found.consider([], 2.5, patient=True) == LanguageDetected("ko", 0.75)

    def test_two_answers_that_differ_do_not(self) -> None:
        found = self.finder(("ko", 0.8), ("en", 0.8), ("ko", 0.65))
        for seconds in (2.0, 2.5, 3.0):
            assert found.consider([], seconds, patient=True) is None
        assert found.language == "de"
        assert found.settled, "patience has an end"

    def test_when_patience_ends_a_likely_answer_is_enough(self) -> None:
        found = self.finder(("ko", 0.8), ("ko", 0.69), ("ko", 0.75))
        assert found.consider([], 2.0, patient=True) is None
        assert found.consider([], 2.5, patient=True) is None
        assert found.consider([], 3.0, patient=True) == LanguageDetected("ko", 0.75)
        assert found.settled

    def test_an_unsure_answer_lets_the_words_through_at_once(self) -> None:
        found = self.finder(("ko", 0.6))
        found.consider([], 1.0, patient=True)
        assert found.ready
        assert not found.settled

    def test_an_utterance_that_ends_unjudged_keeps_the_language(self) -> None:
        found = self.finder(("ko", 0.99))
        found.keep()
        assert found.ready
        assert found.language == "de"

    def test_it_is_not_asked_again_for_the_same_sound(self) -> None:
        found = self.finder(("ko", 0.8))
        found.consider([], 1.0, patient=True)
        assert not found.due(1.4, patient=True)
        assert found.due(1.5, patient=True)
        assert not found.due(1.4, patient=False), "too little to switch: it keeps the language"
        assert found.due(1.5, patient=False)


def test_the_opening_keeps_a_little_of_what_came_before_and_counts_speech_only() -> None:
    opening = Opening(500)
    second = np.ones(SPEECH_RATE, np.float32)
    opening.hear(AudioChunk(0, second), silent=True)
    opening.begin()
    opening.hear(AudioChunk(SPEECH_RATE, second), silent=False)
    opening.hear(AudioChunk(2 * SPEECH_RATE, second), silent=True)
    assert opening.seconds == 1.0
    assert opening.audio.start == pytest.approx(0.7)
    assert opening.age == pytest.approx(2.3)
    opening.hear(AudioChunk(9 * SPEECH_RATE, second), silent=False)
    assert opening.audio.start == 9.0, "a jump of the clock"


def test_the_opening_does_not_grow() -> None:
    opening = Opening(500)
    opening.begin()
    for number in range(60):
        opening.hear(
            AudioChunk(number * SPEECH_RATE, np.ones(SPEECH_RATE, np.float32)), silent=False
        )
    assert len(opening.audio.samples) <= 8 * SPEECH_RATE
    opening.settle()
    opening.hear(AudioChunk(60 * SPEECH_RATE, np.ones(SPEECH_RATE, np.float32)), silent=False)
    assert len(opening.audio.samples) <= 2 * SPEECH_RATE


def test_a_builder_closes_at_the_switch() -> None:
    builder = UtteranceBuilder(UtteranceOptions())
    builder.hear(AudioChunk(0, np.zeros(10 * SPEECH_RATE, np.float32)))
    words = [Word(" a", 1, 2, 0.9), Word(" b", 3, 4, 0.9), Word(" c", 6, 7, 0.9)]
    list(builder.add(words, "de"))
    first, second = builder.split_at(5 * SPEECH_RATE, "de", "ko")
    assert (first.caption.text, first.caption.language, first.audio.end) == ("a b", "de", 5.0)
    assert (second.caption.text, second.caption.language) == ("c", "ko")
    assert (second.audio.start, second.audio.end) == (5.0, 7.0)
    assert list(builder.split_at(8 * SPEECH_RATE, "ko", "de")) == []


class TestTranslation:
    def test_captions_are_english_whatever_is_spoken(self) -> None:
        model = Polyglot()
        stage = TranscribeStage(lambda: model, "auto", guidance=Guidance(translate=True))
        (utterance,) = utterances(listen(stage, Speaker().rest(0.5).say(*KOREAN).rest(2)))
        assert (utterance.caption.language, utterance.spoken) == ("en", "ko")
        assert {(task.language, task.translate) for task in model.tasks} == {("ko", True)}

    def test_windows_are_translated_from_what_was_spoken(self) -> None:
        model = FakeWhisper(multilingual=True)
        stage = ReviseStage(lambda: model, guidance=Guidance(translate=True))
        stage.open()
        first, second = heard(0, 0.0, "one"), heard(1, 1.0, "two")
        korean = HeardUtterance(first.caption, first.audio, "ko")
        german = HeardUtterance(second.caption, second.audio, "de")
        list(stage.feed([korean, german]))
        list(stage.flush())
        assert [(task.language, task.translate) for task in model.tasks] == [
            ("ko", True),
            ("de", True),
        ]

    def test_a_model_for_english_only_is_refused(self) -> None:
        with pytest.raises(LanguageError, match="cannot translate"):
            Guide(FakeWhisper(), Guidance(translate=True))


class TestGlossary:
    def test_terms_stand_in_front_of_every_prompt(self) -> None:
        model = _Spelling()
        task = Guide(model, Guidance(terms=("Okafor", "Kim"))).task("en")
        assert bytes(task.glossary).decode() == " Okafor, Kim."

    def test_what_is_too_much_is_left_out(self) -> None:
        model = _Spelling()
        terms = tuple(f"name{number:02}" for number in range(30))
        glossary = Guide(model, Guidance(terms=terms)).task("en").glossary
        assert len(glossary) <= GLOSSARY_TOKENS
        assert bytes(glossary).decode().startswith(" name00, name01")

    def test_no_terms_no_prompt(self) -> None:
        assert Guide(FakeWhisper(), Guidance()).task("en").glossary == ()


class _Spelling(FakeWhisper):
    def tokens(self, text: str) -> list[int]:
        return list(text.encode())


class TestWindows:
    def test_a_file_is_cut_where_the_language_changes(self) -> None:
        model = Polyglot()
        speaker = Speaker().rest(0.5)
        for words in (GERMAN, KOREAN, GERMAN):
            speaker.say(*words).rest(0.7)
        told = transcribe(speaker.rest(2), model, "auto")
        captions = [e for e in told if isinstance(e, FinalCaption)]
        assert [c.language for c in captions] == ["de", "ko", "de"]
        assert [e.language for e in told if isinstance(e, LanguageDetected)] == ["de", "ko", "de"]
        assert text(told) == [said.text for said in speaker.said]

    def test_one_language_is_one_window(self) -> None:
        model = Polyglot()
        speaker = Speaker().rest(0.5).say(*GERMAN).rest(0.7).say("seven", *GERMAN).rest(2)
        transcribe(speaker, model, "auto")
        assert model.searched == 1

    def test_what_follows_a_pause_is_decoded_if_the_model_stopped_there(self) -> None:
        model = FakeWhisper()
        model.dressed = [[0, 1, 2]]  # hears the first sentence of two
        speaker = Speaker().rest(0.5).say(*GERMAN[:3]).rest(1.5).say(*KOREAN).rest(2)
        told = transcribe(speaker, model)
        assert text(told) == [said.text for said in speaker.said]

    def test_a_window_that_leaves_most_out_does_not_replace_what_was_heard(self) -> None:
        live = [Word(f" word{n}", n, n + 0.5, 0.9) for n in range(6)]
        assert is_thin(live[:2], live)
        assert not is_thin(live[:4], live)
        assert not is_thin([], [Word(" noise", 0, 1, 0.2)])


def test_texts_of_a_switch_are_not_mixed() -> None:
    speaker = Speaker().rest(0.5).say(*GERMAN).rest(1.5).say(*KOREAN).rest(2)
    told = recognise(speaker, Polyglot(), language="auto")
    assert texts(told) == [" ".join(GERMAN), " ".join(KOREAN)]
