"""No word may begin in the middle of a character."""

from __future__ import annotations

import itertools

import pytest

from app.speech.transcribe.graphemes import continues, may_go_on
from app.speech.transcribe.words import join_marks, split
from tests.speech.transcribe.test_words import Bytes, _word


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("हिन", "्दी"),  # virama
        ("हिन्", "दी"),  # the consonant that it binds
        ("द", "ी"),  # vowel sign
        ("ก", "ิ"),  # Thai vowel above
        ("น", "ํ"),
        ("น", "ำ"),  # Thai "am"
        ("ب", "\u064e"),  # Arabic fatha
        ("e", "\u0301"),
        ("\u1112", "\u1161"),  # Hangul jamo: h + a
        ("\u1112\u1161", "\u11ab"),  # + n
        ("하", "\u11ab"),
        ("👩", "\u200d"),
        ("👩\u200d", "💻"),
        ("👍", "🏽"),
        ("❤", "\ufe0f"),
        ("🇰", "🇷"),
    ],
)
def test_one_character(before: str, text: str) -> None:
    assert continues(before, text)


@pytest.mark.parametrize(
    ("before", "text"),
    [
        ("", "a"),
        ("a", ""),
        ("a", "b"),
        ("한", "국"),
        ("한", "\u1100"),
        ("今", "日"),
        ("か", "な"),
        ("ก", "า"),
        ("🇰🇷", "🇩"),
        ("👍", "👍"),
        ("दी", "ह"),
    ],
)
def test_two_characters(before: str, text: str) -> None:
    assert not continues(before, text)


@pytest.mark.parametrize("text", ["กิ", "हिन", "हिन्", "ب", "👩", "ဆ"])
def test_scripts_with_marks_wait_for_them(text: str) -> None:
    assert may_go_on(text)


@pytest.mark.parametrize("text", ["", " word", "слово", "한국", "今日", "かな", "one.", "3"])
def test_scripts_without_marks_do_not_wait(text: str) -> None:
    assert not may_go_on(text)


@pytest.mark.parametrize(
    ("language", "tokens", "words"),
    [
        ("hi", [" ह", "ि", "न", "्", "द", "ी", " है", "।"], [" हिन्दी", " है", "।"]),
        ("th", ["ก", "ิ", "น", "ข้", "าว"], ["กิ", "น", "ข้", "าว"]),
        ("en", [" ok", " 👩", "\u200d", "💻", " yes"], [" ok", " 👩\u200d💻", " yes"]),
        ("ko", [" \u1112", "\u1161", "\u11ab", " 네"], [" \u1112\u1161\u11ab", " 네"]),
        ("ar", [" كَ", "\u064e", "تب", " هو"], [" كَ\u064eتب", " هو"]),
        ("my", ["မ", "ြ", "န", "်", "မာ"], ["မြ", "န်", "မာ"]),
    ],
)
def test_words_are_whole_characters(language: str, tokens: list[str], words: list[str]) -> None:
    assert Bytes(*tokens).words(language) == words


@pytest.mark.parametrize("language", ["en", "th", "zh"])
def test_every_cut_through_the_bytes_of_a_text_gives_whole_characters(language: str) -> None:
    """However a tokenizer may cut bytes: nothing is lost and nothing broken."""
    text = " ok 👩\u200d💻 हिन्दी กินข้าว 曜日 한국 🇰🇷."
    raw = text.encode()
    for size in (1, 2, 3, 5):
        decoder = Bytes(*(raw[i : i + size] for i in range(0, len(raw), size)))
        pieces = split(decoder.ids, decoder, language)
        assert "".join(piece.text for piece in pieces) == text
        for before, after in itertools.pairwise(pieces):
            assert not continues(before.text, after.text)


def test_a_broken_byte_costs_no_text_behind_it() -> None:
    decoder = Bytes(" ok", b"\xe6", " then", " more")
    assert "".join(decoder.words()) == " ok then more"


def test_a_character_committed_in_two_steps_is_one_word_when_stored() -> None:
    joined = join_marks([_word("ก", 0.0, 0.5), _word("ิน", 0.5, 0.9), _word("ข้าว", 1.0, 1.4)])
    assert [word.text for word in joined] == ["กิน", "ข้าว"]
    assert joined[0].end == 0.9
