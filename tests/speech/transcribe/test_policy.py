"""Which of the newest words may be committed: late enough, sure enough."""

from __future__ import annotations

import pytest

from app.speech.transcribe.alignatt import CommitPolicy
from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause
from app.speech.transcribe.words import Piece, PlacedPiece

POLICY = CommitPolicy(
    AlignAttOptions(
        frame_threshold=16,
        frame_threshold_sure=12,
        frame_threshold_weak=32,
        frame_threshold_stable=10,
        sure=0.9,
        weak=0.4,
        firm=0.75,
    )
)
FRAMES = 200  # 4 s


def placed(end: int, probability: float = 0.8, token: int = 1) -> PlacedPiece:
    return PlacedPiece(Piece(" word", (token,)), end - 15, end, probability)


def speaking(*words: PlacedPiece, old_tail: tuple[int, ...] = ()) -> int:
    return POLICY.count_while_speaking(words, FRAMES, [(token,) for token in old_tail])


@pytest.mark.parametrize(
    ("before_end", "probability", "committed"),
    [
        (17, 0.8, 1),
        (16, 0.8, 0),
        (13, 0.95, 1),  # sure
        (12, 0.95, 0),
        (33, 0.3, 1),  # weak
        (32, 0.3, 0),
    ],
)
def test_a_word_must_end_long_before_the_newest_sound(
    before_end: int, probability: float, committed: int
) -> None:
    last = placed(FRAMES - 1)
    assert speaking(placed(FRAMES - before_end, probability), last) == committed


def test_the_last_word_is_never_taken_for_sure() -> None:
    assert speaking(placed(FRAMES - 13, 0.95)) == 0
    assert speaking(placed(FRAMES - 17, 0.95)) == 1


def test_a_word_that_was_there_in_the_last_step_is_taken_sooner() -> None:
    last = placed(FRAMES - 1, token=9)
    word = placed(FRAMES - 11, token=5)
    assert speaking(word, last) == 0
    assert speaking(word, last, old_tail=(5,)) == 1
    assert speaking(word, last, old_tail=(6,)) == 0


def test_that_it_was_there_does_not_help_a_word_that_is_not_likely() -> None:
    last = placed(FRAMES - 1, token=9)
    assert speaking(placed(FRAMES - 11, 0.7, token=5), last, old_tail=(5,)) == 0


def test_no_word_is_committed_after_one_that_is_not() -> None:
    assert speaking(placed(50), placed(100, 0.1), placed(FRAMES - 30, 0.2), placed(150)) == 2


def test_all_may_be_committed() -> None:
    assert speaking(placed(50), placed(100), placed(150)) == 3
    assert speaking() == 0


def pause(*words: PlacedPiece, silence_frames: int, kind: Pause = Pause.SHORT) -> int:
    return POLICY.count_in_pause(words, FRAMES, FRAMES - silence_frames, kind)


def test_in_a_pause_words_need_only_be_probable() -> None:
    assert pause(placed(140), placed(155), silence_frames=45) == 2
    assert pause(placed(140), placed(155, 0.4), silence_frames=45) == 1
    assert pause(placed(140), placed(155, 0.4), silence_frames=45, kind=Pause.LONG) == 2


def test_a_word_that_is_hard_to_hear_does_not_cost_those_after_it_when_the_utterance_is_over() -> (
    None
):
    words = placed(100), placed(120, 0.03), placed(140)
    assert pause(*words, silence_frames=45) == 1
    assert pause(*words, silence_frames=45, kind=Pause.LONG) == 3


def test_what_trails_behind_an_utterance_may_be_made_up() -> None:
    words = placed(100), placed(120), placed(140, 0.03), placed(150, 0.05)
    assert pause(*words, silence_frames=45, kind=Pause.LONG) == 2


def test_words_that_begin_in_the_silence_are_inventions() -> None:
    slack = 7  # frames: 0.15 s
    ends_with_speech = placed(155 + slack + 15)
    later = placed(155 + slack + 16)
    assert pause(ends_with_speech, silence_frames=45) == 1
    assert pause(later, silence_frames=45) == 0


def test_words_at_the_very_end_of_the_sound_are_inventions() -> None:
    at_the_end = PlacedPiece(Piece(" word", (1,)), FRAMES - 2, FRAMES, 0.9)
    assert pause(at_the_end, silence_frames=0) == 0
