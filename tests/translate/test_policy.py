"""What stands of a translation while the text grows."""

from __future__ import annotations

import pytest

from app.core.errors import TranslationError
from app.translate.policy import AgreementTranslation, Sentences, common_words, joined
from tests.fakes.translators import FakePair


def policy(pair: FakePair) -> AgreementTranslation:
    return AgreementTranslation(Sentences(pair))


def test_what_two_translations_have_in_common_stands() -> None:
    pair = FakePair({"a b c": "X Y Z", "a b c d e f": "X Y W V"})
    growing = policy(pair)
    assert growing.grow("a b c") == ""
    assert growing.grow("a b c d e f") == "X Y"
    assert pair.asked == [("a b c", ""), ("a b c d e f", "")]


def test_the_next_translation_begins_with_what_stands() -> None:
    pair = FakePair()
    growing = policy(pair)
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    for count in range(1, 10):
        growing.grow(" ".join(words[:count]))
    assert pair.asked == [
        ("one two three", ""),
        ("one two three four five six", ""),
        (" ".join(words), "ONE TWO THREE"),
    ]


def test_what_was_shown_is_the_beginning_of_what_comes_later() -> None:
    said = "a b c d e f g h i. j k l m n o p"
    other = {"a b c d e f g h i.": "other words altogether", "a b c d e f g h i": "or these"}
    growing = policy(FakePair(other))
    before = ""
    for length in range(len(said)):
        shown = growing.grow(said[:length])
        assert shown.startswith(before)
        before = shown
    assert before.startswith("A B C")
    assert before.endswith("J K L")


def test_a_finished_sentence_is_translated_once() -> None:
    pair = FakePair()
    growing = policy(pair)
    growing.grow("It is late. And we go")
    growing.grow("It is late. And we go home now or")
    assert growing.finish("It is late. And we go home.") == "IT IS LATE. AND WE GO HOME."
    assert [text for text, _ in pair.asked].count("It is late.") == 1


def test_nothing_is_translated_again_that_has_not_changed() -> None:
    pair = FakePair()
    growing = policy(pair)
    growing.grow("one two three")
    growing.grow(" one  two three")
    assert growing.finish("one two three") == "ONE TWO THREE"
    assert len(pair.asked) == 1
    assert growing.finish("one two three") == "ONE TWO THREE"
    assert len(pair.asked) == 1


def test_one_or_two_words_wait_for_more() -> None:
    pair = FakePair()
    growing = policy(pair)
    assert growing.grow("Good morning") == ""
    assert pair.asked == []
    assert growing.finish("Good morning") == "GOOD MORNING"


def test_other_final_words_are_translated_anew_and_unchanged_sentences_are_not() -> None:
    pair = FakePair()
    growing = policy(pair)
    growing.finish("It is late. We go hone.")
    assert growing.finish("It is late. We go home.") == "IT IS LATE. WE GO HOME."
    assert [text for text, _ in pair.asked] == ["It is late.", "We go hone.", "We go home."]


def test_a_prefix_that_leads_into_a_loop_is_not_forced() -> None:
    class Looping(FakePair):
        def translate(self, text: str, prefix: str = "") -> str:
            found = super().translate(text, prefix)
            return found + " AND SO ON" * 50 if prefix and text.endswith(".") else found

    growing = policy(Looping())
    growing.grow("one two three")
    growing.grow("one two three four five six")
    assert growing.finish("one two three four five six.") == "ONE TWO THREE FOUR FIVE SIX."


def test_text_without_words_is_not_translated() -> None:
    pair = FakePair()
    assert policy(pair).finish("😀 …") == "😀 …"
    assert policy(pair).finish("") == ""
    assert pair.asked == []


def test_a_failure_is_told_and_the_next_text_may_succeed() -> None:
    pair = FakePair(problem=TranslationError("no"))
    growing = policy(pair)
    with pytest.raises(TranslationError):
        growing.grow("one two three")
    pair.problem = None
    assert growing.finish("one two three") == "ONE TWO THREE"


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ("the house", "the houses are", "the"),
        ("I am here.", "I am here with you", "I am here"),
        ("it costs 3", "it costs 3.5", "it costs"),
        ("don", "don't go", ""),
        ("我们去公园。", "我们去公园玩", "我们去公园"),
        ("한국 사람", "한국 사람들", "한국"),
        ("रा", "राम", ""),
        ("👨\u200d👩 a", "👨\u200d👧 a", ""),
        ("same", "same", "same"),
    ],
)
def test_words_and_signs_are_common_only_as_a_whole(one: str, other: str, common: str) -> None:
    assert common_words(one, other) == common


def test_sentences_are_joined_as_their_script_is_written() -> None:
    assert joined("One.", "Two.") == "One. Two."
    assert joined("你好。", "走吧。") == "你好。走吧。"
    assert joined("", "a") == "a"
