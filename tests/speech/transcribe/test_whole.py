"""Files transcribed without hurry: where windows are cut, and how lines are made."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest

from app.core.audio import AudioChunk
from app.core.errors import LanguageError
from app.core.events import FinalCaption, LanguageDetected, Word
from app.speech.transcribe.options import UtteranceOptions
from app.speech.transcribe.quiet import Rest
from app.speech.transcribe.whole import LineMaker, WholeStage
from tests.fakes.speech import FakeWhisper, Speaker, ramble
from tests.speech.transcribe.listening import listen

Told = list[FinalCaption | LanguageDetected]


def transcribe(
    sound: Speaker | Iterable[AudioChunk], model: FakeWhisper | None = None, language: str = "en"
) -> Told:
    heard = model or FakeWhisper()
    chunks = sound.chunks(1600) if isinstance(sound, Speaker) else sound
    return [event for _, event in listen(WholeStage(lambda: heard, language), chunks)]


def text(told: Told) -> list[str]:
    """Every word."""
    return " ".join(e.text for e in told if isinstance(e, FinalCaption)).split()


def spoken(speaker: Speaker) -> list[str]:
    return [said.text for said in speaker.said]


def test_a_short_file_is_one_window() -> None:
    model = FakeWhisper()
    told = transcribe(Speaker().rest(1).say("one", "two", "end").rest(1), model)
    assert [(e.utterance, e.revision, e.text) for e in told if isinstance(e, FinalCaption)] == [
        (0, 0, "one two end.")
    ]
    assert model.searched == 1


def test_nothing_is_transcribed_of_silence() -> None:
    model = FakeWhisper()
    assert transcribe(Speaker().rest(60), model) == []
    assert model.encoded == 0


def test_long_speech_is_cut_into_windows_and_no_word_is_lost() -> None:
    model = FakeWhisper()
    speaker = Speaker().rest(0.5)
    for index, word in enumerate(ramble(250)):
        speaker.say(word, gap=0.45 if index % 9 == 8 else 0.1)
    told = transcribe(speaker.rest(1), model)
    assert text(told) == spoken(speaker)
    assert model.longest_window <= 30.0
    assert model.searched <= speaker.seconds / 15


def test_speech_without_a_pause_is_cut_all_the_same() -> None:
    model = FakeWhisper()
    speaker = Speaker().say(*ramble(200), gap=0.06)
    told = transcribe(speaker, model)
    assert model.longest_window <= 30.0
    assert text(told) == spoken(speaker)


def test_words_keep_their_places_over_windows_and_silences() -> None:
    speaker = Speaker().rest(2)
    for word in ramble(12):
        speaker.say(word).rest(7.0)
    told = transcribe(speaker)
    starts = [w.start for e in told if isinstance(e, FinalCaption) for w in e.words]
    assert starts == pytest.approx([said.start for said in speaker.said], abs=0.06)


def test_a_silence_is_not_carried_in_a_window() -> None:
    model = FakeWhisper()
    transcribe(Speaker().say("one").rest(10).say("two").rest(1), model)
    assert model.searched == 2


def test_lines_are_numbered_through_all_windows() -> None:
    speaker = Speaker()
    for word in ramble(40):
        speaker.say(word, "end").rest(1.5)
    captions = [e for e in transcribe(speaker) if isinstance(e, FinalCaption)]
    assert [c.utterance for c in captions] == list(range(40))


def test_the_language_is_found_in_the_first_window() -> None:
    model = FakeWhisper(multilingual=True)
    model.named = [[("ko", 0.9)]]
    told = transcribe(Speaker().say("one", "two").rest(20).say("three"), model, "auto")
    assert told[0] == LanguageDetected("ko", 0.9)
    assert {task.language for task in model.tasks} == {"ko"}
    assert {e.language for e in told if isinstance(e, FinalCaption)} == {"ko"}


def test_an_unsure_language_is_looked_for_again_in_the_next_window() -> None:
    model = FakeWhisper(multilingual=True)
    model.named = [[("de", 0.3)], [("ko", 0.9)]]
    told = transcribe(Speaker().say("one", "two").rest(20).say("three"), model, "auto")
    assert [e.language for e in told if isinstance(e, FinalCaption)] == ["de", "ko"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(LanguageError, match="xx"):
        transcribe(Speaker().say("one"), FakeWhisper(multilingual=True), "xx")


class TestLines:
    @staticmethod
    def _lines(*words: Word) -> list[str]:
        options = UtteranceOptions(sentence_after=6.0, longest=20.0)
        found = [Rest(a.end, b.start) for a, b in pairwise(words) if b.start - a.end >= 0.15]
        return [caption.text for caption in LineMaker(options).make(words, "en", found)]

    def test_a_pause_ends_a_line(self) -> None:
        assert self._lines(Word(" a", 0, 1, 1), Word(" b", 1.8, 2, 1), Word(" c", 2.95, 3, 1)) == [
            "a b",
            "c",
        ]

    def test_a_sentence_end_ends_a_line_that_is_long_enough(self) -> None:
        words = [Word(f" {c}.", i * 2.5, i * 2.5 + 2, 1) for i, c in enumerate("abcdef")]
        assert self._lines(*words) == ["a. b. c.", "d. e. f."]

    def test_a_mark_without_a_rest_behind_it_ends_no_line(self) -> None:
        words = [Word(" a", 0, 6, 1), Word(" Mr.", 6, 6.4, 1), Word(" Hill", 6.4, 7, 1)]
        assert self._lines(*words) == ["a Mr. Hill"]

    def test_no_line_begins_with_a_mark(self) -> None:
        assert self._lines(Word("...", 0, 1, 1), Word(" a", 1, 2, 1)) == ["a"]
        assert self._lines(Word(" -", 0, 1, 1)) == []

    def test_a_line_does_not_grow_for_ever(self) -> None:
        words = [Word(" x", i / 2, i / 2 + 0.4, 1) for i in range(100)]
        assert [len(line.split()) for line in self._lines(*words)] == [41, 41, 18]

    def test_no_words_no_line(self) -> None:
        assert self._lines() == []
