"""What the stage tells of captions: every final translation once, and failures once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from app.core.audio import AudioChunk
from app.core.errors import ModelError, TranslationError
from app.core.events import (
    CaptionEdited,
    FinalCaption,
    LanguageDetected,
    PreviewChanged,
    StageChanged,
    StageState,
    Translation,
    TranslationEdited,
    Word,
    WordsCommitted,
)
from app.pipeline.channel import Channel
from app.translate.glossary import Entry, Glossary
from app.translate.stage import Told, TranslateStage, TranslationInbox, UpdatePace, failed_language
from app.translate.whisper import WhisperEngine
from tests.fakes.translators import FakeEngine, FakePair, slow_server

SAID = "one two three four five six"


def words(utterance: int, text: str, start: float = 0.0, each: float = 0.3) -> WordsCommitted:
    return WordsCommitted(
        utterance,
        tuple(
            Word(f" {word}", start + n * each, start + (n + 1) * each, 0.9)
            for n, word in enumerate(text.split())
        ),
    )


def final(utterance: int, text: str, revision: int = 0, language: str = "de") -> FinalCaption:
    return FinalCaption(utterance, revision, 0.0, 1.0, text, language, ())


def engine(*targets: str, **problems: Exception) -> FakeEngine:
    return FakeEngine({("de", to): FakePair(problem=problems.get(to)) for to in targets})


def opened(
    made: FakeEngine, *targets: str, glossary: Glossary | None = None, source: str = "de"
) -> TranslateStage:
    stage = TranslateStage(lambda: made, targets or ("en",), source, glossary)
    stage.open()
    return stage


def told(stage: TranslateStage, *items: Told) -> list[Translation | StageChanged]:
    return [event for item in items for event in stage.feed([item])]


def texts(events: list[Translation | StageChanged]) -> list[tuple[str, bool]]:
    return [(event.text, event.final) for event in events if isinstance(event, Translation)]


def test_words_are_translated_while_they_come_and_the_final_caption_ends_it() -> None:
    made = engine("en")
    stage = opened(made)
    events = told(
        stage,
        words(0, "one two three"),
        words(0, "four five six", 0.9),
        words(0, "seven", 1.8),
        final(0, f"{SAID} seven"),
    )
    assert texts(events) == [("ONE TWO THREE", False), (f"{SAID} SEVEN".upper(), True)]
    stage.close()
    assert not made.is_open


def test_an_utterance_is_not_translated_more_often_than_every_half_second() -> None:
    made = engine("en")
    stage = opened(made)
    said = [f"w{n}" for n in range(40)]
    for n, word in enumerate(said):
        list(stage.feed([words(0, word, n * 0.1, each=0.1)]))
    times = [len(text.split()) * 0.1 for text, _ in made.pairs["de", "en"].asked]
    assert len(times) > 4
    assert all(later - earlier >= 0.5 - 1e-9 for earlier, later in pairwise(times))


def test_a_caption_that_says_the_words_is_not_translated_twice() -> None:
    made = engine("en")
    stage = opened(made)
    told(stage, words(0, SAID), final(0, SAID), final(0, f" {SAID} ", 1))
    assert [text for text, _ in made.pairs["de", "en"].asked] == [f" {SAID}"[1:]]


def test_a_revision_with_other_words_is_translated_anew() -> None:
    stage = opened(engine("en"))
    events = told(stage, final(0, "one tow"), final(0, "one two", 1))
    assert texts(events) == [("ONE TOW", True), ("ONE TWO", True)]


def test_an_absorbed_utterance_loses_its_translation() -> None:
    stage = opened(engine("en"))
    events = told(stage, final(0, "one"), final(0, "", 1), final(1, ""))
    assert texts(events) == [("ONE", True), ("", True)]


def test_an_edited_caption_is_translated_and_no_revision_replaces_that() -> None:
    stage = opened(engine("en"))
    events = told(stage, final(0, "one"), CaptionEdited(0, "two"), final(0, "three", 1))
    assert texts(events) == [("ONE", True), ("TWO", True)]


def test_a_translation_that_a_person_wrote_is_left_alone() -> None:
    stage = opened(engine("en", "pt"), "en", "pt")
    events = told(stage, final(0, "one"), TranslationEdited(0, "en", "mine"), CaptionEdited(0, "b"))
    assert [(e.language, e.text) for e in events if isinstance(e, Translation)] == [
        ("en", "ONE"),
        ("pt", "ONE"),
        ("pt", "B"),
    ]


def test_a_backlog_skips_words_and_never_a_final_caption() -> None:
    made = engine("en")
    stage = opened(made)
    backlog: list[Told] = [
        words(0, SAID),
        final(0, SAID),
        words(1, "a b c"),
        final(1, "a b c"),
        words(2, SAID),
    ]
    assert texts(list(stage.feed(backlog))) == [(SAID.upper(), True), ("A B C", True)]
    assert len(made.pairs["de", "en"].asked) == 2


def test_a_revision_that_waits_behind_its_caption_is_the_only_one_translated() -> None:
    stage = opened(engine("en"))
    assert texts(list(stage.feed([final(0, "tow"), final(0, "two", 1)]))) == [("TWO", True)]


def test_the_language_comes_from_recognition() -> None:
    made = FakeEngine({("ko", "en"): FakePair(), ("jv", "en"): FakePair()})
    stage = opened(made, "en", source="")
    assert told(stage, words(0, SAID)) == []
    told(stage, LanguageDetected("ko", 0.9), words(0, "seven", 3.0))
    told(stage, final(1, "a", language="jw"))
    assert made.loaded == [("ko", "en"), ("jv", "en")]


def test_nothing_is_translated_into_its_own_language() -> None:
    made = engine("en")
    stage = opened(made, "de", "de-AT", "en")
    assert {e.language for e in told(stage, final(0, "eins")) if isinstance(e, Translation)} == {
        "en"
    }


def test_live_text_goes_if_it_turns_out_to_be_in_the_target_language() -> None:
    stage = opened(engine("en"))
    live = told(stage, words(0, SAID), words(0, SAID, 2.0))
    assert texts(live)
    assert texts(told(stage, final(0, "it is", language="en"))) == [("", True)]


def test_a_language_that_cannot_be_had_is_told_once_and_the_others_go_on() -> None:
    stage = opened(engine("en"), "en", "pt")
    events = told(stage, final(0, "one"), final(1, "two"), words(2, SAID))
    assert texts(events) == [("ONE", True), ("TWO", True)]
    [failed] = [event for event in events if isinstance(event, StageChanged)]
    assert failed == StageChanged(
        "translate:pt", StageState.FAILED, "Nothing translates from de into pt", "Pull."
    )
    assert failed_language(failed) == "pt"


def test_an_engine_that_fails_is_told_once_and_given_up() -> None:
    made = engine("en", "pt", pt=TranslationError("It broke"))
    stage = opened(made, "en", "pt")
    events = told(stage, final(0, "one"), final(1, "two"))
    assert texts(events) == [("ONE", True), ("TWO", True)]
    assert [e.error for e in events if isinstance(e, StageChanged)] == ["It broke"]
    assert len(made.pairs["de", "pt"].asked) == 1


def test_an_unexpected_failure_takes_nothing_else_down(caplog: pytest.LogCaptureFixture) -> None:
    stage = opened(engine("en", "pt", pt=RuntimeError("bang")), "pt", "en")
    events = told(stage, final(0, "one"))
    assert texts(events) == [("ONE", True)]
    assert "translate:pt: unexpected failure" in caplog.text


def test_a_server_that_comes_back_is_asked_again_and_its_failure_told_once() -> None:
    made = engine("en", en=slow_server())
    stage = opened(made)
    failures = told(stage, final(0, "one"), final(1, "two"))
    made.pairs["de", "en"].problem = None
    assert len(failures) == 1
    assert texts(told(stage, final(2, "three"))) == [("THREE", True)]
    made.pairs["de", "en"].problem = slow_server()
    assert told(stage, *(final(n, "x") for n in range(3, 9))) == []
    assert len(made.pairs["de", "en"].asked) == 2 + 1 + 3


def test_targets_change_while_it_runs() -> None:
    stage = opened(engine("en", "pt"))
    told(stage, words(0, "one two three"), words(0, "four five six", 0.9))
    stage.translate_to(["pt"])
    events = told(stage, final(0, SAID))
    assert [(e.language, e.text) for e in events if isinstance(e, Translation)] == [
        ("pt", SAID.upper())
    ]
    assert stage.targets == ("pt",)


def test_what_is_installed_meanwhile_is_found_when_it_is_wished_for_again() -> None:
    before, after = engine("en"), engine("en", "ko")
    made = [before, after]
    stage = TranslateStage(lambda: made.pop(0), ("en", "ko"), "de")
    stage.open()
    first = told(stage, final(0, "one"))
    assert texts(first) == [("ONE", True)]
    assert [e.stage for e in first if isinstance(e, StageChanged)] == ["translate:ko"]
    stage.translate_to(("en", "ko"))
    events = told(stage, final(1, "two"))
    assert {e.language for e in events if isinstance(e, Translation)} == {"en", "ko"}
    assert [text for text, _ in before.pairs["de", "en"].asked] == ["one", "two"], "goes on"
    stage.close()
    assert not before.is_open
    assert not after.is_open


def test_what_never_got_a_final_caption_is_translated_at_the_end() -> None:
    stage = opened(engine("en"))
    told(stage, words(0, "one two"))
    assert texts(list(stage.flush())) == [("ONE TWO", True)]


@pytest.mark.parametrize("text", ["", " ", "😀", "a", "x " * 1000, "你好 hello 😀 안녕", "…"])
def test_any_text_is_survived(text: str) -> None:
    events = told(opened(engine("en")), words(0, text), final(0, text))
    assert all(isinstance(event, Translation) for event in events)
    shown = [found for found, is_final in texts(events) if is_final]
    assert [" ".join(found.split()) for found in shown] == (
        [" ".join(text.upper().split())] if text.strip() else []
    )


def test_a_pause_ends_a_phrase_where_no_spaces_are_written() -> None:
    made = FakeEngine({("zh", "en"): FakePair()})
    stage = opened(made, source="zh")
    first = tuple(Word("今", n * 0.2, n * 0.2 + 0.2, 0.9) for n in range(18))
    second = tuple(Word("天", 5 + n * 0.2, 5.2 + n * 0.2, 0.9) for n in range(6))
    told(stage, WordsCommitted(0, first), WordsCommitted(0, second))
    assert [text for text, _ in made.pairs["zh", "en"].asked] == ["今" * 18, "天" * 6]


def test_the_glossary_counts_in_final_translations() -> None:
    glossary = Glossary((Entry("two", "DEUX", "en"),))
    stage = opened(engine("en"), glossary=glossary)
    assert texts(told(stage, final(0, "one two three"))) == [("ONE DEUX THREE", True)]


@dataclass
class Speech:
    caption: FinalCaption
    audio: AudioChunk
    spoken: str = ""


def heard(utterance: int, text: str, language: str = "pt") -> Speech:
    return Speech(final(utterance, text, language=language), AudioChunk(0, np.zeros(9, np.float32)))


def test_recognition_itself_translates_what_no_package_can() -> None:
    asked = []

    def decode(_audio: AudioChunk, language: str) -> str:
        asked.append(language)
        return " I am here. "

    made = engine("en")
    stage = TranslateStage(lambda: made, ["en"], "", None, WhisperEngine(decode))
    stage.open()
    spoken = heard(0, "eu estou aqui")
    events = told(stage, spoken.caption, spoken, final(0, "estou aqui", 1, "pt"))
    assert texts(events) == [("I am here.", True)]
    assert texts(told(stage, final(2, "ja"), heard(2, "ja", "de"))) == [("JA", True)]
    assert asked == ["pt"]


def test_recognition_that_fails_is_told_once() -> None:
    def decode(_audio: AudioChunk, _language: str) -> str:
        raise ModelError("It cannot")

    stage = TranslateStage(FakeEngine, ["en"], "", None, WhisperEngine(decode))
    stage.open()
    events = told(stage, final(0, "eu", language="pt"), heard(0, "eu"), heard(1, "eu"))
    assert [e.error for e in events if isinstance(e, StageChanged)] == ["It cannot"]


def test_a_full_inbox_refuses_words_and_never_what_is_final() -> None:
    channel: Channel[Told] = Channel(2)
    inbox = TranslationInbox(channel)
    for n in range(4):
        inbox.take(words(0, f"w{n}", n))
    for n in range(3):
        inbox.take(final(n, "said"))
    inbox.take(PreviewChanged(0, "no"))
    assert [type(item) for item in channel.take()] == [WordsCommitted] * 2 + [FinalCaption] * 3
    inbox.take(words(0, "w5", 5.0))  # there is a hole before it
    inbox.take(words(1, "w0"))
    assert [item.utterance for item in channel.take() if isinstance(item, WordsCommitted)] == [1]


def test_updates_are_shown_at_most_every_half_second_and_final_ones_at_once() -> None:
    pace = UpdatePace()
    live, other = Translation(0, "en", "a", final=False), Translation(0, "pt", "a", final=False)
    shown = [pace.lets_through(live, moment) for moment in (1.0, 1.3, 1.5, 1.9)]
    assert shown == [True, False, True, False]
    assert pace.lets_through(other, 1.9)
    assert pace.lets_through(Translation(0, "en", "a", final=True), 1.9)
    assert pace.lets_through(Translation(1, "en", "a", final=False), 1.9)


def test_a_revision_of_commas_is_not_translated_anew_and_a_question_is() -> None:
    stage = opened(engine("en"))
    events = told(stage, final(0, "so it is"), final(0, "So, it is.", 1), final(0, "So it is?", 2))
    assert texts(events) == [("SO IT IS", True), ("SO IT IS?", True)]
