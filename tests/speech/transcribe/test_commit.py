"""Which of the newest words may be committed while somebody speaks: late enough, sure enough."""

from __future__ import annotations

import pytest

from app.speech.transcribe.commit import CommitPolicy, certainties
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.words import Piece, PlacedPiece

POLICY = CommitPolicy(
    AlignAttOptions(frame_threshold=20, frames_per_certainty=8.0, frame_threshold_sure=5)
)
FRAMES = 200  # 4 s


def placed(end: int, probability: float = 0.8) -> PlacedPiece:
    return PlacedPiece(Piece(" word", (1,)), end - 15, end, probability)


def speaking(*words: PlacedPiece, before: float = 0.7) -> int:
    return POLICY.count_while_speaking(words, FRAMES, before)


@pytest.mark.parametrize(
    ("before_end", "probability", "committed"),
    [
        (21, 0.5, 1),
        (20, 0.5, 0),
        (6, 0.99, 1),  # sure
        (5, 0.99, 0),
        (38, 0.1, 1),  # weak: 20 + 8 * 2.2 frames
        (37, 0.1, 0),
    ],
)
def test_a_word_waits_the_longer_the_less_certain_it_is(
    before_end: int, probability: float, committed: int
) -> None:
    word, behind = placed(FRAMES - before_end, probability), placed(FRAMES - 1, probability)
    assert speaking(word, behind, before=probability) == committed


def test_the_least_certain_word_waits_for_no_more_than_a_second_or_so() -> None:
    patient = CommitPolicy(AlignAttOptions(frame_threshold=40))
    words = placed(FRAMES - 61, 0.001), placed(FRAMES - 1, 0.001)
    assert patient.count_while_speaking(words, FRAMES, 0.001) == 1


def test_errors_come_together() -> None:
    words = [placed(100), placed(120), placed(140)]
    alone = certainties(words, 0.8)[1]
    assert certainties([words[0], words[1], placed(140, 0.2)], 0.8)[1] < alone
    assert certainties([placed(100, 0.2), words[1], words[2]], 0.8)[1] < alone
    assert certainties(words, 0.2)[0] < certainties(words, 0.8)[0]


def test_a_word_that_nothing_follows_is_less_certain() -> None:
    assert certainties([placed(100)], 0.8)[0] < certainties([placed(100), placed(120)], 0.8)[0]


def test_no_word_is_committed_after_one_that_is_not() -> None:
    assert speaking(placed(50), placed(100, 0.1), placed(FRAMES - 20, 0.2), placed(150)) == 2


def test_all_may_be_committed() -> None:
    assert speaking(placed(50), placed(100), placed(150)) == 3
    assert speaking() == 0
