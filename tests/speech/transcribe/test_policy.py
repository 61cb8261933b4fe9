"""In a pause words stand sooner, with every policy: those that are probable and were said."""

from __future__ import annotations

from app.speech.transcribe.options import AlignAttOptions
from app.speech.transcribe.policy import Pause, count_in_pause
from app.speech.transcribe.whisper import FRAME_SECONDS
from app.speech.transcribe.words import Piece, PlacedPiece

OPTIONS = AlignAttOptions()
FRAMES = 200  # 4 s


def placed(end: int, probability: float = 0.8) -> PlacedPiece:
    return PlacedPiece(Piece(" word", (1,)), end - 15, end, probability)


def pause(*words: PlacedPiece, silence_frames: int, kind: Pause = Pause.SHORT) -> int:
    silence = silence_frames * FRAME_SECONDS
    return count_in_pause(words, FRAMES, silence, kind, OPTIONS)


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
