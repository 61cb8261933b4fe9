"""Words given to speakers, with errors counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.bench.cpwer import WordJudge, count_cp_errors, found_texts, true_texts
from app.bench.der import SpeakerErrors
from app.bench.manifest import TimedText, words_beside
from app.bench.score import Errors
from app.bench.speakers import SpeakerResult, measure_all, row_of
from app.core.events import FinalCaption, SpeakerTurn, Word

if TYPE_CHECKING:
    from pathlib import Path

SILENCE = np.zeros(16000, np.float32)
ANNA, BERT = "the cat sat on the mat", "dogs bark loudly"


def caption(text: str, start: float, utterance: int = 1) -> FinalCaption:
    """Words of half a second each."""
    words = tuple(
        Word(f" {word}", start + k / 2, start + (k + 1) / 2, 1.0)
        for k, word in enumerate(text.split())
    )
    return FinalCaption(utterance, 1, start, words[-1].end, text, "en", words)


def test_the_order_of_the_speakers_does_not_matter() -> None:
    assert count_cp_errors([ANNA, BERT], [BERT, ANNA], "en") == Errors(length=9)


def test_the_pairing_with_the_fewest_errors_in_all_counts() -> None:
    """The two that are most alike are 1 apart, but then the others are 5; crossed it is 2 + 2."""
    truth = ["big dogs eat raw meat", "old dogs eat green peas"]
    heard = ["old dogs eat raw meat", "big cats like raw meat"]
    assert count_cp_errors(truth, heard, "en") == Errors(substitutions=4, length=10)


def test_a_word_of_the_wrong_speaker_is_wrong_twice() -> None:
    """Missing from one and too much for the other: 2 of 9."""
    heard = ["the cat sat on the", "mat dogs bark loudly"]
    found = count_cp_errors([ANNA, BERT], heard, "en")
    assert found == Errors(insertions=1, deletions=1, length=9)
    assert found.rate == pytest.approx(2 / 9)


def test_a_true_speaker_left_over_is_deleted() -> None:
    assert count_cp_errors([BERT, ANNA], [ANNA], "en") == Errors(deletions=3, length=9)


def test_a_found_speaker_left_over_is_inserted() -> None:
    found = count_cp_errors([ANNA], ["dogs bark", ANNA], "en")
    assert found == Errors(insertions=2, length=6)


def test_two_speakers_found_as_one_lose_the_shorter_one_twice() -> None:
    """The shorter's 3 words are too many for the longer, and missing for the shorter."""
    found = count_cp_errors([ANNA, BERT], [f"{ANNA} {BERT}"], "en")
    assert found == Errors(insertions=3, deletions=3, length=9)


def test_nothing_heard_is_all_deleted() -> None:
    assert count_cp_errors([ANNA, BERT], [], "en") == Errors(deletions=9, length=9)


def test_words_are_joined_by_speaker_in_the_order_of_time() -> None:
    words = [
        TimedText("cat", 2, 3, "A"),
        TimedText("dogs", 1.5, 2.5, "B"),
        TimedText("the", 1, 2, "A"),
    ]
    assert true_texts(words) == ["the cat", "dogs"]
    assert true_texts([]) is None
    assert true_texts([*words, TimedText("who", 4, 5)]) is None


def test_words_go_to_the_turn_they_are_in() -> None:
    captions = [caption(f"{ANNA} .", 0), caption(BERT, 4, 2), caption("again", 30, 3)]
    turns = [SpeakerTurn(0, 3.5, 5), SpeakerTurn(4, 5.5, 2), SpeakerTurn(29, 31, 5)]
    found = found_texts(captions, turns)
    assert [text.split() for text in found] == [f"{ANNA} . again".split(), BERT.split()]


def test_words_far_from_every_turn_are_a_text_of_nobody() -> None:
    captions = [caption("hello", 0), caption("nobody", 10, 2)]
    found = found_texts(captions, [SpeakerTurn(0, 1, 0)])
    assert [text.strip() for text in found] == ["hello", "nobody"]
    assert [text.strip() for text in found_texts(captions[1:], [])] == ["nobody"]


def test_a_recording_is_judged_by_the_words_beside_it(tmp_path: Path) -> None:
    """Two of five words are given to the wrong speaker: two missing, two too many."""
    audio = tmp_path / "talk.flac"
    rows = ["0 .5 A where", "0.5 1 A is", "1 1.5 A she", "1.5 2 B over", "2 2.5 B there"]
    lines = ["start end speaker word", *rows]
    audio.with_suffix(".words.tsv").write_text("\n".join(lines).replace(" ", "\t") + "\n")
    judge = WordJudge(lambda _samples: [caption("where is she over there", 0)], "auto")
    right = [SpeakerTurn(0, 1.5, 1), SpeakerTurn(1.5, 2.5, 0)]
    assert judge(audio, SILENCE, right) == Errors(length=5)
    one_voice = judge(audio, SILENCE, [SpeakerTurn(0, 2.5, 0)])
    assert one_voice == Errors(insertions=2, deletions=2, length=5)


def test_words_are_normalised_as_the_language_asks(tmp_path: Path) -> None:
    """English does not count "Hmm" as a word; of an unknown language it is one."""
    audio = tmp_path / "talk.flac"
    audio.with_suffix(".words.tsv").write_text(
        "start\tend\tspeaker\tword\n0\t1\tA\tHmm\n1\t2\tA\tyes\n"
    )
    assert WordJudge(lambda _samples: [], "en")(audio, SILENCE, []) == Errors(deletions=1, length=1)
    assert WordJudge(lambda _samples: [], "auto")(audio, SILENCE, []) == Errors(
        deletions=2, length=2
    )


def test_without_speakers_nothing_is_recognised(tmp_path: Path) -> None:
    audio = tmp_path / "talk.flac"

    def hear(_samples: object) -> list[FinalCaption]:
        raise AssertionError

    assert WordJudge(hear, "en")(audio, SILENCE, []) is None
    audio.with_suffix(".words.tsv").write_text("start\tend\tword\n0\t1\tone\n")
    assert [word.speaker for word in words_beside(audio)] == [""]
    assert WordJudge(hear, "en")(audio, SILENCE, []) is None


def test_the_total_is_of_those_that_were_measured(tmp_path: Path) -> None:
    words = {"a": Errors(deletions=1, length=10), "b": Errors(insertions=5, length=10), "c": None}

    def measure(audio: Path, _rttm: Path) -> SpeakerResult:
        return SpeakerResult(audio.name, 1, SpeakerErrors(1), None, 0, words[audio.name])

    rows = measure_all([(tmp_path / name, tmp_path) for name in words], measure, lambda _name: None)
    assert [row["cpwer_pct"] for row in rows] == [10, 50, None, 30]


def test_without_a_model_the_column_is_empty() -> None:
    assert row_of(SpeakerResult("a", 1, SpeakerErrors(1), None, 0))["cpwer_pct"] is None
