"""Committed words become utterances that share out the sound among themselves."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.core.events import Word
from app.speech.transcribe.options import UtteranceOptions
from app.speech.transcribe.utterance import HeardUtterance, UtteranceBuilder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

OPTIONS = UtteranceOptions(sentence_after=6.0, longest=20.0)


def word(text: str, start: float, end: float | None = None) -> Word:
    return Word(text, start, start + 0.4 if end is None else end, 0.9)


def spoken(end: float, *words: Word) -> AudioChunk:
    """Noise wherever there is a word."""
    samples = np.zeros(round(end * SPEECH_RATE), np.float32)
    noise = np.random.default_rng(5).standard_normal(len(samples)).astype(np.float32)
    for said in words:
        part = slice(round(said.start * SPEECH_RATE), round(said.end * SPEECH_RATE))
        samples[part] = 0.1 * noise[part]
    return AudioChunk(0, samples + 0.0001 * noise)


def ramp(start: float, end: float) -> AudioChunk:
    """Sample n holds n."""
    first, last = round(start * SPEECH_RATE), round(end * SPEECH_RATE)
    return AudioChunk(first, np.arange(first, last, dtype=np.float32))


def closed(found: Sequence[object]) -> list[HeardUtterance]:
    return [item for item in found if isinstance(item, HeardUtterance)]


def numbers(found: Sequence[object]) -> list[int]:
    return [item[0] for item in found if isinstance(item, tuple)]


def joined(utterances: Sequence[HeardUtterance]) -> NDArray[np.float32]:
    """The audio of consecutive utterances, which must follow each other to the sample."""
    for before, after in pairwise(utterances):
        assert after.audio.first_sample == before.audio.end_sample
    return np.concatenate([utterance.audio.samples for utterance in utterances])


def test_a_pause_closes_the_utterance() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(1.0, 4.0))
    assert numbers(list(builder.add([word(" good", 1.5), word(" day", 2.0)], "en"))) == [0, 0]
    (utterance,) = builder.close("en")
    caption = utterance.caption
    assert (caption.utterance, caption.revision, caption.language) == (0, 0, "en")
    assert (caption.start, caption.end, caption.text) == (1.5, 2.4, "good day")
    assert [w.text for w in caption.words] == [" good", " day"]
    assert utterance.audio.first_sample == 1.0 * SPEECH_RATE
    np.testing.assert_array_equal(utterance.audio.samples, ramp(1.0, 4.0).samples)
    assert builder.number == 1


def test_without_words_there_is_nothing_to_close() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 2.0))
    assert list(builder.close("en")) == []
    assert builder.number == 0


def test_a_sentence_end_closes_an_utterance_that_is_long_enough() -> None:
    builder = UtteranceBuilder(OPTIONS)
    words = [word(" a.", 0.5), word(" b", 3.0), word(" c.", 7.0), word(" d", 7.7), word(" e", 9.0)]
    builder.hear(spoken(12.0, *words))
    found = list(builder.add(words, "en"))
    assert numbers(found) == [0, 0, 0, 1, 1]
    assert [u.caption.text for u in closed(found)] == ["a. b c."]


@pytest.mark.parametrize("mark", [" Mr.", " z.", " 3.", " है।"])
def test_a_mark_without_a_rest_behind_it_ends_nothing(mark: str) -> None:
    """Whatever time the words are given: attention puts half a second there."""
    builder = UtteranceBuilder(OPTIONS)
    heard = [word(" a", 0.5), word(mark, 7.0, 7.4), word(" Hill", 7.4, 7.9), word(" so", 8.5)]
    builder.hear(spoken(12.0, *heard))
    told = [*heard[:2], word(" Hill", 7.8, 7.9), heard[3]]
    assert numbers(list(builder.add(told, "en"))) == [0, 0, 0, 0]


def test_a_long_utterance_ends_with_a_sentence_that_has_hardly_a_rest_behind_it() -> None:
    builder = UtteranceBuilder(OPTIONS)
    words = [word(" a.", 0.5), word(" b.", 7.0, 8.0), word(" c.", 8.1, 13.0), word(" d", 13.1)]
    builder.hear(spoken(20.0, *words))
    assert numbers(list(builder.add(words, "en"))) == [0, 0, 0, 1]


def test_where_noise_hides_the_rests_a_long_time_is_one() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(spoken(12.0, word("", 0.0, 12.0)))
    words = [word(" a", 0.5), word(" b.", 7.0, 7.4), word(" c", 8.1)]
    assert numbers(list(builder.add(words, "en"))) == [0, 0, 1]


@pytest.mark.parametrize("mark", [".", '."', "...", "?!", "。", ")."])
def test_a_mark_never_opens_an_utterance(mark: str) -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 30.0))
    words = [word(" a", 0.0), word(" b.", 20.5), word(mark, 21.0), word(" c", 21.5)]
    found = list(builder.add(words, "en"))
    assert numbers(found) == [0, 0, 0, 1]
    assert closed(found)[0].caption.text == f"a b.{mark}"


@pytest.mark.parametrize("mark", [".", ",", "...", '"', " -", " ♪", "。"])
def test_a_mark_alone_is_no_utterance_and_begins_none(mark: str) -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 30.0))
    assert list(builder.add([word(mark, 1.0)], "en")) == []
    assert list(builder.close("en")) == []
    list(builder.add([word(mark, 2.0), word(" Margaret", 3.0)], "en"))
    (utterance,) = builder.close("en")
    assert (utterance.caption.text, utterance.caption.start) == ("Margaret", 3.0)
    assert utterance.caption.utterance == 0


@pytest.mark.parametrize("opening", [' "', " (", "「", "（"])
def test_an_opening_mark_goes_with_what_follows(opening: str) -> None:
    builder = UtteranceBuilder(OPTIONS)
    words = [word(" a", 0.0), word(" b.", 7.0), word(opening, 7.8), word("c", 8.2)]
    builder.hear(spoken(30.0, *words))
    assert numbers(list(builder.add(words, "en"))) == [0, 0, 1, 1]


def test_any_word_closes_the_longest_utterance() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 30.0))
    found = list(builder.add([word(" so", second) for second in range(29)], "en"))
    (utterance,) = closed(found)
    assert utterance.caption.end - utterance.caption.start == pytest.approx(20.4)


def test_consecutive_utterances_share_the_sound_without_gap_or_overlap() -> None:
    builder = UtteranceBuilder(OPTIONS)
    heard: list[HeardUtterance] = []
    for second in range(2, 62):
        builder.hear(ramp(second, second + 0.5))
        builder.hear(ramp(second + 0.5, second + 1))
        text = " stop." if second % 4 == 0 else " go"
        heard += closed(list(builder.add([word(text, second + 0.1)], "en")))
    heard += builder.close("en")
    assert len(heard) > 5
    assert [u.caption.utterance for u in heard] == list(range(len(heard)))
    np.testing.assert_array_equal(joined(heard), ramp(2, 62).samples)


def test_the_cut_lies_in_the_rest() -> None:
    builder = UtteranceBuilder(OPTIONS)
    said = [word(" a", 0.0), word(" b.", 7.0, 7.5), word(" c", 8.5, 9.0)]
    builder.hear(spoken(12.0, *said))
    told = [*said[:2], word(" c", 7.9, 9.0)]
    (utterance,) = closed(list(builder.add(told, "en")))
    assert utterance.audio.end == pytest.approx(8.0, abs=0.03)


def test_without_a_rest_the_cut_lies_where_it_is_quietest() -> None:
    builder = UtteranceBuilder(OPTIONS)
    said = [word(" a", 0.0), word(" b", 19.0, 20.0), word(" c", 20.1, 21.0)]
    builder.hear(spoken(30.0, *said))
    told = [said[0], word(" b", 19.0, 20.3), word(" c", 20.3, 21.0)]
    (utterance,) = closed(list(builder.add(told, "en")))
    assert utterance.audio.end == pytest.approx(20.05, abs=0.03)


def test_words_that_are_placed_beyond_the_sound_do_not_cut_beyond_it() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 8.0))
    words = [word(" a", 0.0), word(" b.", 7.9, 9.0), word(" c", 9.7)]
    first = closed(list(builder.add(words, "en")))
    (last,) = builder.close("en")
    assert first[0].audio.end == 8.0
    assert last.audio.samples.size == 0


def heard_for(seconds: float) -> UtteranceBuilder:
    builder = UtteranceBuilder(OPTIONS)
    for tenth in range(round(seconds * 10)):
        builder.hear(ramp(tenth / 10, (tenth + 1) / 10))
    return builder


def in_its_place(audio: AudioChunk) -> bool:
    """Whether each sample holds its number, as in `ramp`."""
    numbers = np.arange(audio.first_sample, audio.end_sample, dtype=np.float32)
    return np.array_equal(audio.samples, numbers)


@pytest.mark.parametrize("first", [34.0, 50.0, 59.0])
def test_an_utterance_begins_three_seconds_before_its_first_word(first: float) -> None:
    builder = heard_for(60.0)
    list(builder.add([word(" late", first)], "en"))
    (utterance,) = builder.close("en")
    assert (utterance.audio.start, utterance.audio.end) == (first - 3.0, 60.0)
    assert utterance.audio.samples.base is None, "or it holds on to half a minute"
    assert in_its_place(utterance.audio)


def test_sound_that_no_decoder_holds_any_more_is_forgotten() -> None:
    builder = heard_for(300.0)
    list(builder.add([word(" late", 100.0)], "en"))
    (utterance,) = builder.close("en")
    assert utterance.audio.start == pytest.approx(270.0, abs=0.1)


def test_a_word_that_comes_after_its_sound_was_handed_on_has_it_too() -> None:
    builder = heard_for(12.0)
    list(builder.add([word(" soon", 1.0, 2.0)], "en"))
    list(builder.close("en"))
    builder.hear(ramp(12.0, 13.0))
    list(builder.add([word(" late", 8.0), word(" now", 12.5)], "en"))
    (utterance,) = builder.close("en")
    assert utterance.audio.start == pytest.approx(7.7)
    assert utterance.audio.end == 13.0
    assert in_its_place(utterance.audio)


def test_sound_that_is_handed_on_twice_holds_no_word_twice() -> None:
    builder = heard_for(12.0)
    list(builder.add([word(" soon", 7.0, 7.9)], "en"))
    list(builder.close("en"))
    list(builder.add([word(" late", 8.0)], "en"))
    (utterance,) = builder.close("en")
    assert utterance.audio.start == pytest.approx(7.9)


def test_a_jump_of_the_clock_begins_anew() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 2.0))
    list(builder.add([word(" a", 1.0)], "en"))
    list(builder.close("en"))
    builder.hear(ramp(9.0, 10.0))
    list(builder.add([word(" b", 9.2)], "en"))
    (utterance,) = builder.close("en")
    assert utterance.audio.first_sample == 9 * SPEECH_RATE
    np.testing.assert_array_equal(utterance.audio.samples, ramp(9.0, 10.0).samples)


def test_marks_are_joined_in_the_caption() -> None:
    builder = UtteranceBuilder(OPTIONS)
    builder.hear(ramp(0.0, 2.0))
    list(builder.add([word(' "', 0.1), word("Yes", 0.2), word('."', 0.6)], "en"))
    (utterance,) = builder.close("en")
    assert utterance.caption.text == '"Yes."'
    assert [w.text for w in utterance.caption.words] == [' "Yes."']
