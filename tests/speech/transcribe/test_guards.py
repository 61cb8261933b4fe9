"""A phrase again and again is noticed; speech that merely resembles it is not."""

from __future__ import annotations

import pytest

from app.speech.transcribe.guards import is_echo, is_loop


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
