"""The figures of translation: likeness to a reference, and what was taken back."""

from __future__ import annotations

import pytest

from app.bench.chrf import overlap
from app.bench.translation import Translated, erased, row_of


def test_the_same_text_is_alike_and_another_one_is_not() -> None:
    assert overlap("The same words.", "The same  words.").score == 100.0
    assert overlap("abc", "xyz").score == 0.0
    assert overlap("", "xyz").score == 0.0


def test_chrf_counts_recall_twice() -> None:
    # One n-gram length: precision 1, recall 1/2, so 5 * 0.5 / (4 + 0.5).
    short = overlap("a", "ab")
    assert short.score == pytest.approx(100 * 5 * 1 * 0.5 / (4 * 1 + 0.5))
    assert (short + overlap("ab", "ab")).score > short.score


def test_words_count_as_erased_when_they_are_taken_back() -> None:
    assert erased(["a b", "a b c", "a b c d"]) == 0
    assert erased(["a b", "a x y", "z"]) == 1 + 3
    assert erased(["a"]) == 0


def test_results_add_up() -> None:
    one = Translated("a", 2.0, 0.2, (0.1,), (0.6,), 3, 1, 10)
    row = row_of(one + Translated("b", 2.0, 0.2, (0.3,), (0.5,), 1, 1, 10))
    assert (row["recording"], row["audio_s"], row["finals"]) == ("total", 4.0, 2)
    assert row["cpu_per_s"] == pytest.approx(0.1)
    assert row["final_worst_s"] == 0.3
    assert row["update_least_s"] == 0.5
    assert (row["flicker"], row["flicker_all"]) == (0.1, 0.2)
