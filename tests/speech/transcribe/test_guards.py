"""A phrase again and again is noticed; speech that merely resembles it is not."""

from __future__ import annotations

import pytest

from app.speech.transcribe.guards import cut_repeats, is_echo, is_loop


@pytest.mark.parametrize(
    ("prefix", "new", "kept"),
    [
        ("", "", ""),
        ("", "abcdefg", "abcdefg"),
        ("", "aaa", "aaa"),  # very, very, very
        ("", "aaaab", "a"),
        ("", "xaaaaaaaa", "xa"),
        ("", "abab", "abab"),
        ("", "xababab", "xab"),
        ("", "abcabc", "abcabc"),
        ("", "xabcabcabc", "xabc"),
        ("", "xabcdabcdyz", "xabcd"),
        ("", "abcdefghabcdefgh", "abcdefgh"),
        ("abcd", "abcd", ""),
        ("xabcd", "yzabcd", "yzabcd"),
        ("xab", "cdabcdz", "cd"),
        ("aaa", "ab", ""),
        ("aaaa", "b", "b"),  # what stands is not taken back
        ("abcdabcd", "xyz", "xyz"),
    ],
)
def test_a_repetition_ends_after_its_first_copy(prefix: str, new: str, kept: str) -> None:
    assert cut_repeats([ord(c) for c in prefix], [ord(c) for c in new]) == [ord(c) for c in kept]


def test_a_phrase_may_come_again_later() -> None:
    text = list(range(10))
    assert cut_repeats([], [*text, 99, *text]) == [*text, 99, *text]


def test_only_what_was_said_last_can_begin_a_repetition() -> None:
    """A text may rightly go on as it began, far away."""
    phrase = list(range(24))
    assert cut_repeats(phrase, phrase) == []
    assert cut_repeats([*phrase, *range(100, 117)], phrase) == phrase


def test_the_longest_phrase_that_is_looked_for() -> None:
    assert cut_repeats([], [*range(24), *range(24)]) == list(range(24))
    assert cut_repeats([], [*range(25), *range(25)]) == [*range(25), *range(25)]


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("", False),
        ("a" * 23, False),
        ("a" * 24, True),
        ("ab" * 11, False),
        ("ab" * 12, True),
        ("abcdefgh" * 3, False),  # people say a thing three times
        ("abcdefgh" * 4, True),
        ("xyz" + "ab" * 12, True),
        ("ab" * 12 + "x", False),
    ],
)
def test_a_text_that_ends_in_copies_is_a_loop(text: str, loops: bool) -> None:
    assert is_loop([ord(c) for c in text]) is loops


@pytest.mark.parametrize(
    ("text", "new", "seconds", "echo"),
    [
        ("abcd.", "abcd", 0.1, True),  # all but its last mark
        ("xabcd", "bcd", 0.2, True),
        ("abcd.", "abcd", -0.5, True),
        ("abcd.", "abcd", 0.8, False),  # time enough to say it again
        ("abcd.", "abd", 0.1, False),
        ("ab", "ab", 0.0, False),  # "no no" is not worth a doubt
        ("", "abc", 0.0, False),
    ],
)
def test_what_is_said_again_without_time_for_it_is_an_echo(
    text: str, new: str, seconds: float, *, echo: bool
) -> None:
    assert is_echo([ord(c) for c in text], [ord(c) for c in new], seconds) is echo
