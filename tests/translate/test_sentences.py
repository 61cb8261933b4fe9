"""Where sentences end, in scripts with and without spaces; more text never moves an end."""

from __future__ import annotations

import re

import pytest

from app.translate.sentences import LONGEST, count_words, split, split_growing, weight

TEXTS = {
    "Mr. Smith paid 3.5 dollars. He left": (["Mr. Smith paid 3.5 dollars."], "He left"),
    "Really? Yes! ok": (["Really?", "Yes!"], "ok"),
    'He said "go." Then he': (['He said "go."'], "Then he"),
    "On 3. Mai e.g. the U.S. team won. Good": (["On 3. Mai e.g. the U.S. team won."], "Good"),
    "See example.com now. Yes": (["See example.com now."], "Yes"),
    "Well... maybe": ([], "Well... maybe"),
    "你好。我们走吧!去哪": (["你好。", "我们走吧!"], "去哪"),
    "彼は「行こう。」と言った。それで": (["彼は「行こう。」", "と言った。"], "それで"),
    "안녕하세요. 저는 학생입니다. 오늘": (["안녕하세요.", "저는 학생입니다."], "오늘"),
    "यह अच्छा है। और": (["यह अच्छा है।"], "और"),
    "😀😀": ([], "😀😀"),
    "": ([], ""),
    "...": ([], "..."),
}


@pytest.mark.parametrize("text", TEXTS)
def test_sentences_end_where_a_reader_sees_it(text: str) -> None:
    assert split_growing(text) == TEXTS[text]


RUN_ONS = [
    "word " * 400,
    "a" * 2000,
    "今天天气很好我们一起去公园玩吧" * 60,
    "今天天气很好,我们一起去公园玩吧,然后回家吃饭 " * 40,
    "รถไฟฟ้ามาหานะเธอ" * 100,
    "👨\u200d👩\u200d👧" * 300,
    "그래서 우리는 " * 200,
]


@pytest.mark.parametrize("text", RUN_ONS, ids=lambda text: text[:8])
def test_what_goes_on_and_on_is_cut_into_pieces_that_lose_nothing(text: str) -> None:
    pieces = split(text)
    assert len(pieces) > 3
    assert all(weight(piece) <= LONGEST for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize("text", [*TEXTS, *(text[:600] for text in RUN_ONS)], ids=lambda t: t[:8])
def test_more_text_never_moves_an_end(text: str) -> None:
    words = re.findall(r"[\u0e00-\u9fff]|[^\s\u0e00-\u9fff]+|\s+", text)
    before: list[str] = []
    for count in range(len(words) + 1):
        sentences, _ = split_growing("".join(words[:count]))
        assert sentences[: len(before)] == before
        before = sentences


def test_a_run_on_is_cut_behind_a_mark_and_not_within_a_word_or_a_sign() -> None:
    first = split("and then they came to the city, " * 12)[0]
    assert first.endswith("city,")
    assert split("รถไฟฟ้า" * 60)[1][0] not in "\u0e49\u0e47\u0e34"


def test_a_space_ends_a_long_phrase_where_none_is_needed() -> None:
    text = "今天天气很好我们一起去公园玩吧好不好啊 然后我们回家"
    assert split(text) == ["今天天气很好我们一起去公园玩吧好不好啊", "然后我们回家"]
    assert split("今天 然后") == ["今天 然后"]


def test_words_are_counted_in_any_script() -> None:
    assert count_words("one two three") == 3
    assert count_words("你好世界") == 2
    assert count_words("안녕 하세요") == 2
    assert count_words("!") == 1
