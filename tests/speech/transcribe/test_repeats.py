"""What people say again is written again; what only the model repeats is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.core.audio import AudioChunk
from app.core.events import FinalCaption
from app.speech.transcribe.decoders import DecoderOptions
from app.speech.transcribe.guards import Repetition, find_repetition
from app.speech.transcribe.localagreement import LocalAgreementDecoder
from app.speech.transcribe.offline import WindowDecoder
from app.speech.transcribe.options import AlignAttOptions, LocalAgreementOptions, RevisionOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.repeats import count_spoken, resembles
from app.speech.transcribe.whisper import DecodingTask, Hypothesis
from app.speech.transcribe.whole import WholeStage
from tests.fakes.speech import FakeWhisper, Speaker, ramble
from tests.speech.transcribe.listening import committed, listen, recognise

PHRASE = ("one", "two", "three", "four", "five")
ALIGNED, AGREED = AlignAttOptions(), LocalAgreementOptions()
NO_TIME, IN_TIME = 3, 10  # encoder frames for each token


def tokens(text: str) -> list[int]:
    return [ord(character) for character in text]


def spoken(text: str, base: int, lengths: list[int], *, heard: bool) -> str:
    starts = np.concatenate([[0], np.cumsum(lengths)])
    count = count_spoken(tokens(text), base, starts, lambda *_: heard)
    return text[:count]


def unspoken(prefix: list[int], new: list[int]) -> list[int]:
    """What of `new` stands if nothing that is written again was said again."""
    both = [*prefix, *new]
    starts = range(0, IN_TIME * len(both) + 1, IN_TIME)
    return both[len(prefix) : count_spoken(both, len(prefix), starts, lambda *_: False)]


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
def test_a_repetition_that_nobody_has_said_ends_after_its_first_copy(
    prefix: str, new: str, kept: str
) -> None:
    assert unspoken(tokens(prefix), tokens(new)) == tokens(kept)


def test_a_phrase_may_come_again_later() -> None:
    text = list(range(10))
    assert unspoken([], [*text, 99, *text]) == [*text, 99, *text]


def test_only_what_was_said_last_can_begin_a_repetition() -> None:
    """A text may rightly go on as it began, far away."""
    phrase = list(range(24))
    assert unspoken(phrase, phrase) == []
    assert unspoken([*phrase, *range(100, 117)], phrase) == phrase


def test_the_longest_phrase_that_is_looked_for() -> None:
    assert unspoken([], [*range(24), *range(24)]) == list(range(24))
    assert unspoken([], [*range(25), *range(25)]) == [*range(25), *range(25)]


def test_the_copies_of_a_phrase() -> None:
    found = find_repetition(tokens("xabcdabcdabcz"), 0)
    assert found == Repetition(begin=1, length=4, end=12)
    assert found.copies == 2
    assert found.span(1) == (5, 9)


def test_what_has_time_and_is_heard_again_was_said() -> None:
    text = "xabcdabcdabcdy"
    assert spoken(text, 0, [IN_TIME] * 14, heard=True) == text


def test_what_has_time_and_is_not_heard_again_was_not() -> None:
    assert spoken("xabcdabcdabcdy", 0, [IN_TIME] * 14, heard=False) == "xabcd"
    assert spoken("xabcdabcdabcdy", 9, [IN_TIME] * 14, heard=False) == "xabcdabcd", "it stands"


def test_copies_without_time_were_not_said() -> None:
    text = "xabcdabcdabcdy"
    assert spoken(text, 0, [NO_TIME] * 14, heard=True) == "xabcd"
    assert spoken(text, 0, [IN_TIME] * 9 + [NO_TIME] * 5, heard=True) == "xabcdabcd"


def test_only_the_newest_copy_is_listened_to() -> None:
    asked: list[tuple[int, int]] = []

    def heard_again(first: int, after: int) -> bool:
        asked.append((first, after))
        return True

    count_spoken(tokens("x" + "abcdefghi" * 3), 0, range(0, 290, 10), heard_again)
    assert asked == [(19, 28)]
    asked.clear()
    count_spoken(tokens("x" + "ab" * 6), 0, range(0, 140, 10), heard_again)
    assert asked == [(5, 13)], "a short phrase is not understood on its own"


@pytest.mark.parametrize(
    ("heard", "phrase", "alike"),
    [
        (" Don't ask me!", "'t ask me, don", True),
        (
            " You don't mean that he thought me so",
            " You don't mean that you thought me so silly",
            True,
        ),
        (" You don't mean that you", " thought me so silly. You don't mean that you", True),
        (" You", " You don't mean that you thought me so silly", False),
        (" I really like that account", " You don't mean that you thought me so silly", False),
        ("", " No,", False),
        (" No.", " No,", True),
    ],
)
def test_a_phrase_may_be_heard_a_little_differently(
    heard: str, phrase: str, *, alike: bool
) -> None:
    assert resembles(heard, phrase) is alike


def told(
    speaker: Speaker, model: FakeWhisper, how: DecoderOptions | type[WholeStage] = WholeStage
) -> str:
    if not isinstance(how, type):
        return committed(recognise(speaker, model, options=how))
    events = listen(how(lambda: model, "en"), speaker)
    return " ".join(event.text for _, event in events if isinstance(event, FinalCaption))


@pytest.mark.parametrize("how", [ALIGNED, AGREED, WholeStage], ids=["aligned", "agreed", "whole"])
@pytest.mark.parametrize("said", [PHRASE * 2, PHRASE * 3, PHRASE * 5, ("one",) * 6])
def test_who_repeats_himself_is_taken_at_his_word(
    said: tuple[str, ...], how: DecoderOptions | type[WholeStage]
) -> None:
    speaker = Speaker().rest(1).say("six").say(*said).say("seven").rest(2)
    assert told(speaker, FakeWhisper(), how) == " ".join(("six", *said, "seven"))


class Lulled(FakeWhisper):
    """Takes all that is said for the first four words of it, at the times of the others."""

    def transcribe(self, *arguments: Any) -> Hypothesis:
        heard = super().transcribe(*arguments)
        looped = [heard.tokens[index % 4] for index in range(len(heard.tokens))]
        return Hypothesis(looped, heard.score)


def test_a_loop_over_other_words_is_cut_and_the_rest_decoded() -> None:
    """The copies have the time of what was said, but are not what is heard there."""
    said = ramble(24)
    assert told(Speaker().rest(1).say(*said).rest(2), Lulled()) == " ".join(said)


def test_where_steps_must_agree_a_loop_is_cut_as_well() -> None:
    said = ramble(12)
    decoder = LocalAgreementDecoder(Lulled(), AGREED, DecodingTask())
    decoder.append(Speaker().say(*said).samples)
    words = decoder.step(Pause.LONG, 0.1)
    assert [word.text.strip() for word in words] == said[:4]


def test_a_loop_that_never_ends_is_not_sound() -> None:
    said = Speaker().say(*ramble(60))
    decoder = WindowDecoder(Lulled(), RevisionOptions())
    decoded = decoder.decode(AudioChunk(0, said.samples), DecodingTask())
    assert decoded is not None
    assert not decoded.sound


def test_ordinary_speech_is_decoded_and_aligned_once() -> None:
    aligned: list[int] = []

    class Counting(FakeWhisper):
        def align(self, encoded: Any, tokens: Any, *rest: Any) -> Any:
            aligned.append(len(tokens))
            return super().align(encoded, tokens, *rest)

    model = Counting()
    told(Speaker().rest(1).say(*ramble(40)).rest(2), model, ALIGNED)
    assert len(aligned) <= model.continued == model.encoded
