"""Error rates and latencies by hand."""

from __future__ import annotations

import pytest

from app.bench.manifest import TimedText
from app.bench.score import (
    Errors,
    characters,
    count_errors,
    latencies,
    match_words,
    start_errors,
)
from app.core.events import Word


@pytest.mark.parametrize(
    ("reference", "text", "language", "errors"),
    [
        ("we go home", "We, go, home.", "en", Errors(0, 0, 0, 3)),
        ("we go home", "we grow home", "en", Errors(1, 0, 0, 3)),
        ("good day", "good old day", "en", Errors(0, 1, 0, 2)),
        ("good day", "day", "en", Errors(0, 0, 1, 2)),
        ("good day", "", "en", Errors(0, 0, 2, 2)),
        ("", "good day", "en", Errors(0, 2, 0, 0)),
        ("", "", "en", Errors(0, 0, 0, 0)),
        ("it's colour", "it is color", "en", Errors(0, 0, 0, 3)),
        ("guten Tag", "Guten tag!", "de", Errors(0, 0, 0, 2)),
        ("안녕 하세요", "안녕하세요", "ko", Errors(0, 0, 0, 5)),
        ("안녕하세요", "안녕하서요", "ko", Errors(1, 0, 0, 5)),
        ("今日は", "今日", "ja", Errors(0, 0, 1, 3)),
        ("हिन्दी में लिखो।", "हिन्दी में लिखो", "hi", Errors(0, 0, 0, 3)),
        ("की किताब", "का किताब", "hi", Errors(1, 0, 0, 2)),
        ("আমি বাংলায়", "আমি বাংলা", "bn", Errors(1, 0, 0, 2)),
        ("กินข้าว", "กิน ข้าว", "th", Errors(0, 0, 0, 7)),
        ("กินข้าว", "กนข้าว", "th", Errors(0, 0, 1, 7)),
        ("ພາສາລາວ", "ພາສາ", "lo", Errors(0, 0, 3, 7)),
        ("မြန်မာ", "မြန်မာ။", "my", Errors(0, 0, 0, 6)),
        ("مَرْحَبًا بكم", "مرحبا بكم", "ar", Errors(0, 0, 0, 2)),
        ("İstanbul", "istanbul", "tr", Errors(0, 0, 0, 1)),
        ("cafe\u0301 ☕\ufe0f", "Café", "fr", Errors(0, 0, 0, 1)),
    ],
)
def test_errors_are_counted_as_the_field_does(
    reference: str, text: str, language: str, errors: Errors
) -> None:
    assert count_errors(reference, text, language) == errors


def test_errors_add_up() -> None:
    total = Errors(1, 2, 3, 10) + Errors(1, 0, 0, 10)
    assert total == Errors(2, 2, 3, 20)
    assert total.rate == pytest.approx(0.35)
    assert Errors().rate == 0.0


def test_words_are_matched_in_order() -> None:
    truth = [TimedText(text, i, i + 0.5) for i, text in enumerate(["good", "old", "day"])]
    heard = [("Good,", 1.0), ("cold", 2.0), ("day.", 3.0), ("good", 4.0)]
    assert match_words(truth, heard) == [(truth[0], 1.0), (truth[2], 3.0)]


def committed(*words: tuple[str, float]) -> list[tuple[Word, float]]:
    return [(Word(text, 0.0, 0.0, 1.0), moment) for text, moment in words]


TRUTH = [TimedText("don't", 0.0, 1.0), TimedText("stop", 1.0, 2.0)]


def test_latency_is_from_the_true_end_to_the_moment_of_telling() -> None:
    told = committed((" don't", 1.5), (" stop", 2.75))
    assert latencies(TRUTH, told) == pytest.approx([0.5, 0.75])


def test_a_word_in_parts_came_with_its_last_part() -> None:
    told = committed((" don", 1.2), ("'t", 1.9), (" stop", 2.5))
    assert latencies(TRUTH, told) == pytest.approx([0.9, 0.5])


def test_a_mark_that_comes_later_does_not_make_a_word_late() -> None:
    told = committed((" don't", 1.5), (" stop", 2.5), (".", 9.0))
    assert latencies(TRUTH, told) == pytest.approx([0.5, 0.5])


def test_misheard_words_have_no_latency() -> None:
    assert latencies(TRUTH, committed((" never", 1.5))) == []


def test_a_words_start_is_that_of_its_first_part() -> None:
    truth = [TimedText("o'clock", 1.0, 1.6), TimedText("sharp", 1.7, 2.0)]
    heard = [
        (Word(" o", 1.1, 1.2, 0.9), 2.0),
        (Word("'clock", 1.2, 1.6, 0.9), 2.5),
        (Word(" sharp", 1.4, 2.0, 0.9), 3.0),
        (Word(".", 2.0, 2.0, 0.9), 9.0),
    ]
    assert start_errors(truth, heard) == pytest.approx([0.1, 0.3])
    assert latencies(truth, heard) == pytest.approx([0.9, 1.0])


def test_words_are_the_same_only_with_the_same_marks() -> None:
    truth = [TimedText("की", 0.0, 1.0), TimedText("don't", 1.0, 2.0)]
    assert match_words(truth, [("का", 1), ("don’t", 2)]) == [(truth[1], 2)]
    assert match_words(truth, [("की।", 1)]) == [(truth[0], 1)]


def test_marks_stay_with_their_letters() -> None:
    assert [letter.text for letter in characters(TimedText("กินข้าว", 0.0, 5.0))] == [
        *("กิ", "น", "ข้", "า", "ว")
    ]


def test_letters_share_the_time_of_their_word() -> None:
    assert characters(TimedText("오늘,", 1.0, 2.0)) == [
        TimedText("오", 1.0, 1.5),
        TimedText("늘", 1.5, 2.0),
    ]
    assert characters(TimedText("…", 1.0, 2.0)) == []


@pytest.mark.parametrize("language", ["ja", "zh", "ko"])
def test_where_characters_count_each_of_them_has_its_latency(language: str) -> None:
    truth = [TimedText("今日は", 0.0, 3.0), TimedText("雨", 3.0, 4.0)]
    heard = [(Word("今日", 0.0, 2.0, 0.9), 2.5), (Word("も雨。", 2.0, 4.0, 0.9), 4.5)]
    assert latencies(truth, heard, language) == pytest.approx([1.5, 0.5, 0.5])
    assert start_errors(truth, heard, language) == pytest.approx([0.0, 0.0, 0.0])
