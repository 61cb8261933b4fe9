"""Utterances decoded again in windows, and laid over the lines that were read live."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import FinalCaption, Word
from app.speech.transcribe.quiet import Rest
from app.speech.transcribe.revise import ReviseStage, in_order, lay_over, restore_dropped
from app.speech.transcribe.utterance import HeardUtterance, SpeechRested
from tests.fakes.speech import FakeWhisper, Speaker

if TYPE_CHECKING:
    from collections.abc import Sequence


def heard(number: int, start: float, *texts: str, language: str = "en") -> HeardUtterance:
    """An utterance of which the words were heard where they are said, after 0.2 s."""
    speaker = Speaker().rest(0.2).say(*texts)
    words = tuple(
        Word(f" {said.text}", start + said.start, start + said.end, 0.4) for said in speaker.said
    )
    return _utterance(
        number, AudioChunk(round(start * SPEECH_RATE), speaker.samples), words, language
    )


def _utterance(
    number: int, audio: AudioChunk, words: tuple[Word, ...], language: str = "en"
) -> HeardUtterance:
    text = "".join(word.text for word in words).strip()
    caption = FinalCaption(number, 0, words[0].start, words[-1].end, text, language, words)
    return HeardUtterance(caption, audio)


def long(number: int, start: float, seconds: float) -> HeardUtterance:
    words = (Word(" said", start, start + seconds, 0.9),)
    samples = np.zeros(round(seconds * SPEECH_RATE), np.float32)
    return _utterance(number, AudioChunk(round(start * SPEECH_RATE), samples), words)


def stage(model: FakeWhisper) -> ReviseStage:
    made = ReviseStage(lambda: model)
    made.open()
    return made


def test_utterances_wait_until_their_window_is_full() -> None:
    model = FakeWhisper()
    revise = stage(model)
    assert list(revise.feed([heard(0, 0.0, "one"), heard(1, 1.0, "two")])) == []
    assert model.searched == 0
    revised = list(revise.flush())
    assert model.searched == 1
    assert [(c.utterance, c.revision, c.text) for c in revised] == [(0, 1, "one"), (1, 1, "two")]
    assert list(revise.flush()) == []


def test_what_was_misheard_is_corrected_where_it_was_said() -> None:
    wrong = heard(0, 10.0, "one", "two")
    misheard = tuple(Word(" what", w.start, w.end, 0.3) for w in wrong.caption.words)
    revise = stage(FakeWhisper())
    list(revise.feed([_utterance(0, wrong.audio, misheard), heard(1, 11.0, "three")]))
    first, second = revise.flush()
    assert (first.text, second.text) == ("one two", "three")
    assert first.start == pytest.approx(10.2, abs=0.05)
    assert second.start == pytest.approx(11.2, abs=0.05)
    assert "".join(word.text for word in first.words).strip() == first.text


@pytest.mark.parametrize("seconds", [3.0, 6.9, 13.9])
def test_no_window_is_longer_than_the_model_can_hear(seconds: float) -> None:
    model = FakeWhisper()
    revise = stage(model)
    windows: list[int] = []
    for number in range(30):
        before = model.searched
        list(revise.feed([long(number, number * seconds, seconds)]))
        if model.searched != before:
            windows.append(number)
    lengths = [b - a for a, b in pairwise([0, *windows])]
    assert lengths
    assert all(count == int(28.0 // seconds) for count in lengths)


def test_silence_of_three_seconds_ends_a_window() -> None:
    model = FakeWhisper()
    revise = stage(model)
    list(revise.feed([long(0, 0.0, 2.0), long(1, 4.9, 2.0)]))
    assert model.searched == 0
    list(revise.feed([long(2, 10.0, 2.0)]))
    assert model.searched > 0


def test_another_language_begins_another_window() -> None:
    model = FakeWhisper(multilingual=True)
    revise = stage(model)
    list(revise.feed([heard(0, 0.0, "one", language="de"), heard(1, 1.0, "two", language="ko")]))
    list(revise.flush())
    assert [task.language for task in model.tasks] == ["de", "ko"]


def test_when_nobody_speaks_the_window_is_decoded() -> None:
    model = FakeWhisper()
    revise = stage(model)
    assert [c.text for c in revise.feed([heard(0, 0.0, "one"), SpeechRested(6.0)])] == ["one"]
    assert list(revise.feed([SpeechRested(60.0)])) == []
    assert model.searched == 1


def test_where_nothing_is_likely_the_live_words_stay() -> None:
    model = FakeWhisper()
    model.score = -2.0
    revise = stage(model)
    list(revise.feed([heard(0, 0.0, "one")]))
    assert list(revise.flush()) == []


def test_what_was_hardly_heard_goes_where_nothing_is_likely() -> None:
    model = FakeWhisper()
    model.score = -2.0
    laughter = heard(0, 0.0, "one", "two", "three")
    odds = zip(laughter.caption.words, (0.005, 0.9, 0.05), strict=True)
    words = tuple(replace(word, probability=probability) for word, probability in odds)
    revise = stage(model)
    list(revise.feed([_utterance(0, laughter.audio, words)]))
    assert [(c.utterance, c.revision, c.text) for c in revise.flush()] == [(0, 1, "")]


def test_where_the_model_loops_the_live_words_stay() -> None:
    model = FakeWhisper()
    model.dressed = [[3] * 20, [3] * 20]
    revise = stage(model)
    list(revise.feed([heard(0, 0.0, "one", "two")]))
    assert list(revise.flush()) == []


def test_a_clause_that_the_search_left_out_is_put_back() -> None:
    utterance = heard(0, 0.0, "one", "two", "three", "four", "five")
    sure = tuple(Word(w.text, w.start, w.end, 0.9) for w in utterance.caption.words)
    model = FakeWhisper()
    model.dressed = [[0, 4]]
    revise = stage(model)
    list(revise.feed([_utterance(0, utterance.audio, sure)]))
    (caption,) = revise.flush()
    assert caption.text == "one two three four five"


def test_where_the_model_stopped_too_soon_it_is_asked_again() -> None:
    model = FakeWhisper()
    model.dressed = [[0, 1]]
    revise = stage(model)
    list(revise.feed([heard(0, 0.0, "one", "two", "three", "four", "five", "six", "seven")]))
    (caption,) = revise.flush()
    assert caption.text == "one two three four five six seven"
    assert model.searched == 2


def test_a_model_that_has_nothing_to_add_is_asked_once_more_and_no_more() -> None:
    model = FakeWhisper()
    model.dressed = [[0], [0]]
    revise = stage(model)
    list(revise.feed([heard(0, 0.0, "one", "two", "three", "four", "five")]))
    (caption,) = revise.flush()
    assert caption.text.startswith("one")
    assert model.searched == 2


def test_live_words_from_before_the_sound_stay() -> None:
    utterance = heard(0, 10.0, "one", "two", "three")
    early = tuple(Word(t, 5.0 + i, 5.5 + i, 0.3) for i, t in enumerate((" so", " it", " was")))
    revise = stage(FakeWhisper())
    list(revise.feed([_utterance(0, utterance.audio, (*early, *utterance.caption.words))]))
    (caption,) = revise.flush()
    assert caption.text == "so it was one two three"
    assert caption.start == 5.0


def test_closing_forgets_what_waits() -> None:
    revise = stage(FakeWhisper())
    list(revise.feed([heard(0, 0.0, "one")]))
    revise.close()
    assert list(revise.flush()) == []


def words(*texts: str, probability: float = 0.9, start: float = 0.0) -> list[Word]:
    return [Word(t, start + i, start + i + 0.5, probability) for i, t in enumerate(texts)]


def test_a_mark_that_was_heard_alone_is_not_put_back() -> None:
    utterance = heard(0, 0.0, "one", "two")
    end = utterance.caption.words[-1].end
    live = (*utterance.caption.words, Word(".", end, end + 0.2, 0.9))
    revise = stage(FakeWhisper())
    list(revise.feed([_utterance(0, utterance.audio, live)]))
    (caption,) = revise.flush()
    assert caption.text == "one two"


def gaps(told: Sequence[Word]) -> list[Rest]:
    return [Rest(before.end, after.start) for before, after in pairwise(told)]


class TestRestoreDropped:
    LIVE = words(" we", " said", " that", " they", " came", " so")

    def test_a_run_of_sure_words_comes_back(self) -> None:
        revised = [self.LIVE[0], self.LIVE[1], self.LIVE[5]]
        assert restore_dropped(revised, self.LIVE) == self.LIVE

    def test_two_words_are_an_improvement(self) -> None:
        revised = [*self.LIVE[:2], *self.LIVE[4:]]
        assert restore_dropped(revised, self.LIVE) == revised

    def test_unsure_words_stay_away(self) -> None:
        live = words(" I", " said", " that", " we", " are", " so", probability=0.4)
        revised = [live[0], live[5]]
        assert restore_dropped(revised, live) == revised

    def test_words_that_were_replaced_stay_away(self) -> None:
        live = words(" a", " b", " c", " d", " e")
        revised = words(" a", " x", " e")
        assert restore_dropped(revised, live) == revised

    def test_case_and_marks_make_no_difference(self) -> None:
        live = words(" the", " end", " it", " was")
        revised = words(" The", " end.", " It", " was,")
        assert restore_dropped(revised, live) == revised

    def test_the_end_may_have_been_dropped_too(self) -> None:
        assert restore_dropped(self.LIVE[:3], self.LIVE) == self.LIVE
        assert restore_dropped([], self.LIVE) == self.LIVE


def test_no_line_begins_before_the_one_in_front_of_it() -> None:
    told = [Word(" a", 5.0, 6.0, 0.9), Word(" b", 2.0, 2.5, 0.9), Word(" c", 7.0, 7.5, 0.9)]
    assert [(w.start, w.end) for w in in_order(told)] == [(5.0, 6.0), (5.0, 5.0), (7.0, 7.5)]


class TestLayOver:
    FIRST, SECOND, THIRD = long(4, 0.0, 3.0), long(5, 3.0, 3.0), long(6, 6.0, 3.0)

    def _texts(self, *revised: Word) -> list[str]:
        captions = list(lay_over(revised, [self.FIRST, self.SECOND, self.THIRD], gaps(revised)))
        assert [caption.utterance for caption in captions] == [4, 5, 6]
        assert {caption.revision for caption in captions} == {1}
        return [caption.text for caption in captions]

    def test_each_utterance_gets_the_words_in_its_sound(self) -> None:
        revised = words(" a", " b", " c", " d", " e", " f", " g", " h", " i")
        assert self._texts(*revised) == ["a b c", "d e f", "g h i"]

    def test_one_that_holds_no_word_any_more_is_empty(self) -> None:
        captions = list(lay_over(words(" a", " b"), [self.FIRST, self.SECOND, self.THIRD], []))
        assert [caption.text for caption in captions] == ["a b", "", ""]
        assert captions[1].words == ()
        assert (captions[1].start, captions[1].end) == (3.0, 6.0)

    def test_a_line_ends_where_a_sentence_does_if_one_ends_close_by(self) -> None:
        assert self._texts(*words(" a", " b", " c", " d.", " E", " f", " g")) == [
            "a b c d.",
            "E f",
            "g",
        ]
        assert self._texts(*words(" a", " b.", " C", " d", " e", " f.", " G")) == [
            "a b.",
            "C d e f.",
            "G",
        ]

    def test_a_mark_without_a_rest_behind_it_moves_nothing(self) -> None:
        revised = words(" a", " b", " c", " Mr.", " Hill", " e", " f")
        captions = list(lay_over(revised, [self.FIRST, self.SECOND], gaps(revised[4:])))
        assert [caption.text for caption in captions] == ["a b c", "Mr. Hill e f"]

    def test_sound_that_two_utterances_have_is_the_later_one_s(self) -> None:
        late = _utterance(5, long(5, 2.0, 4.0).audio, (Word(" late", 2.0, 2.5, 0.9),))
        first, second = lay_over(words(" a", " b", " late", " now"), [self.FIRST, late], [])
        assert (first.text, second.text) == ("a b", "late now")

    def test_no_line_begins_with_a_mark(self) -> None:
        assert self._texts(*words(" a", " b", " c", " -", " e", " f", " -")) == [
            "a b c",
            "e f",
            "",
        ]

    def test_a_sentence_end_far_away_moves_nothing(self) -> None:
        assert self._texts(*words(" a", " b", " c", " d", " e", " f.", " G"))[0] == "a b c"

    def test_silence_after_a_word_does_not_carry_it_into_the_next_line(self) -> None:
        """Aligned by attention, a word lasts until the next one begins."""
        lasting = Word(" a", 2.5, 6.5, 0.9)
        assert self._texts(lasting, Word(" b", 6.5, 7.0, 0.9)) == ["a", "", "b"]

    def test_every_word_is_laid_somewhere(self) -> None:
        revised = words(*(f" w{i}." for i in range(12)))
        captions = list(lay_over(revised, [self.FIRST, self.SECOND, self.THIRD], gaps(revised)))
        assert [w for caption in captions for w in caption.words] == revised
