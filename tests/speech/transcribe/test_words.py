"""From tokens to words: spaces, marks, characters of several tokens, and times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tokenizers import Tokenizer

from app.core.events import Word
from app.speech.transcribe.whisper import Alignment
from app.speech.transcribe.words import (
    SENTENCE_END,
    Piece,
    PlacedPiece,
    join_marks,
    place,
    since,
    split,
    without_stutter,
)

if TYPE_CHECKING:
    from pathlib import Path


class Bytes:
    """A decoder whose tokens are given as text or, for parts of characters, as bytes."""

    def __init__(self, *tokens: str | bytes) -> None:
        self._tokens = [t.encode() if isinstance(t, str) else t for t in tokens]
        self.ids = list(range(len(tokens)))

    def __call__(self, ids: Sequence[int]) -> str:
        return b"".join(self._tokens[i] for i in ids).decode("utf-8", "replace")

    def words(self, language: str = "en") -> list[str]:
        return [piece.text for piece in split(self.ids, self, language)]


@pytest.mark.parametrize(
    ("tokens", "words"),
    [
        ([" Good", " morning"], [" Good", " morning"]),
        ([" mor", "ning", " all"], [" morning", " all"]),
        (["Good", " morning"], ["Good", " morning"]),
        ([" end", ".", " New"], [" end", ".", " New"]),
        ([" don", "'t", " go"], [" don't", " go"]),
        ([" don", "'", "t", " go"], [" don't", " go"]),
        ([" well", "-", "known"], [" well-known"]),
        ([" state", "-", "of", "-", "the", "-", "art"], [" state-of-the-art"]),
        ([" 3", ".", "5", " percent"], [" 3.5", " percent"]),
        ([" 1", ",", "000", ",", "000", "."], [" 1,000,000", "."]),
        ([" said", ",", ' "', "yes", '."'], [" said", ",", ' "yes', '."']),
        ([' "', "Yes", '?"'], [' "Yes', '?"']),
        ([" wait", "...", " what"], [" wait", "...", " what"]),
        ([" café", "s"], [" cafés"]),
        ([" caf", b"\xc3", b"\xa9", " au"], [" café", " au"]),
    ],
)
def test_words_are_cut_at_spaces_and_before_marks(
    tokens: list[str | bytes], words: list[str]
) -> None:
    assert Bytes(*tokens).words() == words


def test_korean_has_words_between_spaces_of_characters_in_parts() -> None:
    first, second = "안녕".encode()[:3], "안녕".encode()[3:]
    decoder = Bytes(b" " + first[:2], first[2:], second[:1], second[1:], "하세요", ".", " 네")
    assert decoder.words("ko") == [" 안녕하세요", ".", " 네"]


def test_japanese_words_are_whole_tokens_and_characters_wait_for_all_their_bytes() -> None:
    kanji = "曜".encode()
    decoder = Bytes("今日は", kanji[:1], kanji[1:2], kanji[2:], "日です", "。")
    assert decoder.words("ja") == ["今日は", "曜", "日です", "。"]
    assert decoder.words("zh") == ["今日は", "曜", "日です", "。"]


def test_bytes_that_never_become_a_character_are_no_word() -> None:
    assert Bytes(" ok", b"\xe6").words() == [" ok"]
    assert Bytes(b"\xe6").words() == []


def test_every_token_of_complete_text_belongs_to_one_piece() -> None:
    decoder = Bytes(" it", "'", "s", " 3", ".", "5", ",", " well", "-", "known", '."')
    pieces = split(decoder.ids, decoder, "en")
    assert [token for piece in pieces for token in piece.tokens] == decoder.ids
    assert "".join(piece.text for piece in pieces) == decoder(decoder.ids)


SENTENCES = [
    ("en", ' I don\'t think the well-known 3.5% rule applies, "does it?" Yes.'),
    ("ko", " 안녕하세요. 오늘 회의에 오신 것을 환영합니다."),
    ("ja", "今日は曜日の話をします。鬱陶しいですね。"),
    ("zh", "今天天氣很好,我們去公園散步吧。龘"),
    ("de", " Grüße aus Köln – schön, dass Sie's geschafft haben!"),
]


@pytest.fixture(scope="module")
def tokenizer(tiny_en_store: Path) -> Tokenizer:
    return Tokenizer.from_file(str(tiny_en_store / "tiny.en" / "tokenizer.json"))


@pytest.mark.model
@pytest.mark.parametrize(("language", "text"), SENTENCES)
def test_of_real_tokens_nothing_is_lost(tokenizer: Tokenizer, language: str, text: str) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    pieces = split(ids, tokenizer.decode, language)
    assert "".join(piece.text for piece in pieces) == text
    assert [token for piece in pieces for token in piece.tokens] == ids
    assert not any("\ufffd" in piece.text for piece in pieces)


@pytest.mark.model
@pytest.mark.parametrize(("language", "text"), [SENTENCES[0], SENTENCES[1], SENTENCES[4]])
def test_real_tokens_give_the_words_between_spaces(
    tokenizer: Tokenizer, language: str, text: str
) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    pieces = split(ids, tokenizer.decode, language)
    assert len(ids) > len(text.split())
    assert _joined(pieces) == [" " + word for word in text.split()]


@pytest.mark.model
@pytest.mark.parametrize(("language", "text"), SENTENCES[2:4])
def test_real_tokens_of_text_without_spaces_give_many_words(
    tokenizer: Tokenizer, language: str, text: str
) -> None:
    ids = tokenizer.encode(text, add_special_tokens=False).ids
    assert len(split(ids, tokenizer.decode, language)) >= len(text) / 2


def _joined(pieces: Sequence[Piece]) -> list[str]:
    words = [Word(piece.text, 0.0, 0.0, 1.0) for piece in pieces]
    return [word.text for word in join_marks(words)]


def test_a_piece_lies_from_its_first_token_to_the_next_piece() -> None:
    pieces = [Piece(" one", (1, 2)), Piece(" two", (3,)), Piece(".", (4,))]
    alignment = Alignment(
        np.array([0, 10, 14, 20, 30, 31]), np.array([0.9, 0.8, 0.5, 0.7, 0.6], np.float32)
    )
    placed = place(pieces, alignment, 1)
    assert [(p.start, p.end) for p in placed] == [(10, 20), (20, 30), (30, 31)]
    assert [p.probability for p in placed] == pytest.approx([0.5, 0.7, 0.6])


def test_a_placed_piece_is_a_word_on_the_clock_of_the_source() -> None:
    alignment = Alignment(np.array([5, 25]), np.array([0.87654], np.float32))
    (placed,) = place([Piece(" hi", (1,))], alignment, 0)
    assert placed.as_word(61.3) == Word(" hi", 61.4, 61.8, 0.877)


def _word(text: str, start: float = 0.0, end: float = 1.0) -> Word:
    return Word(text, start, end, 0.5)


@pytest.mark.parametrize(
    ("texts", "joined"),
    [
        ([], []),
        ([" yes", "."], [" yes."]),
        ([" yes", ".", '"'], [' yes."']),
        ([" he", " said", ",", ' "', "yes", '."'], [" he", " said,", ' "yes."']),
        ([" (", "well", ")"], [" (well)"]),
        (["今日", "は", "。", "「", "曜日", "」"], ["今日", "は。", "「曜日」"]),
        (["…"], ["…"]),
        ([" -", " no"], [" -", " no"]),
    ],
)
def test_marks_join_the_word_that_they_belong_to(texts: list[str], joined: list[str]) -> None:
    assert [word.text for word in join_marks([_word(text) for text in texts])] == joined


def test_a_joined_mark_changes_neither_times_nor_probability() -> None:
    words = [Word(" yes", 1.0, 1.5, 0.9), Word(".", 1.5, 2.5, 0.1)]
    assert join_marks(words) == (Word(" yes.", 1.0, 1.5, 0.9),)


@pytest.mark.parametrize(
    "text", [" end.", " end!", ' end?"', " end.')", "です。", "吗？", "…", "है।"]
)
def test_sentences_end_in(text: str) -> None:
    assert SENTENCE_END.search(text)


@pytest.mark.parametrize("text", [" end", " end,", " 3.5", " e.g.x", ' "'])
def test_sentences_do_not_end_in(text: str) -> None:
    assert not SENTENCE_END.search(text)


def _placed(text: str, start: int, end: int) -> PlacedPiece:
    return PlacedPiece(Piece(text, (hash(text),)), start, end, 0.9)


def test_a_word_that_is_said_again_in_no_time_was_said_once() -> None:
    stuttered = [_placed(" mom", 0, 25), _placed(" mom", 25, 31), _placed(" mom", 31, 31)]
    assert without_stutter([*stuttered, _placed(" many", 57, 70)]) == [
        stuttered[0],
        _placed(" many", 57, 70),
    ]


def test_a_word_that_is_said_again_stays() -> None:
    twice = [_placed(" bye", 0, 12), _placed(" bye", 12, 22)]
    assert without_stutter(twice) == twice
    characters = [_placed("妈", 0, 5), _placed("妈", 5, 9)]
    assert without_stutter(characters) == characters


def test_words_since_a_moment_do_not_end_before_it_and_none_begins_before_it() -> None:
    words = [
        _placed(" old", 0, 5),
        _placed(" none", 5, 5),
        _placed(" new", 5, 30),
        _placed(" last", 30, 40),
    ]
    assert since(10, words) == [
        _placed(" new", 10, 30),
        _placed(" last", 30, 40),
    ]
    assert since(0, words) == words
