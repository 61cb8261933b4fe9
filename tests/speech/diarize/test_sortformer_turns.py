"""From activity to turns."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.events import SpeakerTurn, TurnsFound
from app.speech.diarize.sortformer_presets import FRAME_S
from app.speech.diarize.sortformer_turns import Thresholds, TurnFinder

PLAIN = Thresholds(
    onset=0.6, offset=0.4, pad_onset=0.0, pad_offset=0.0, min_turn=0.3, min_silence=0.3
)
PADDED = Thresholds(
    onset=0.6, offset=0.4, pad_onset=0.2, pad_offset=0.1, min_turn=0.5, min_silence=0.3
)


def activity(*voices: list[tuple[int, float]]) -> NDArray[np.float32]:
    """For each voice runs of (frames, probability) -> (n, 4)."""
    rows = [[level for count, level in voice for _ in range(count)] for voice in voices]
    out = np.zeros((max(map(len, rows)), 4), np.float32)
    for column, row in enumerate(rows):
        out[: len(row), column] = row
    return out


def find(
    frames: NDArray[np.float32], thresholds: Thresholds = PLAIN, step: int = 5
) -> list[TurnsFound]:
    finder = TurnFinder(thresholds)
    found: list[TurnsFound] = []
    for at in range(0, len(frames), step):
        found += finder.feed(frames[at : at + step])
    return found + list(finder.finish(len(frames) * FRAME_S))


def told(found: list[TurnsFound]) -> list[tuple[int, int, int]]:
    """The turns that are final in the end, as (first frame, frame after the last, speaker)."""
    turns: dict[tuple[float, int], SpeakerTurn] = {}
    for each in found:
        if each.final:
            turns |= {(turn.start, turn.speaker): turn for turn in each.turns}
    ordered = sorted(turns.values(), key=lambda turn: (turn.start, turn.speaker))
    return [(round(t.start / FRAME_S), round(t.end / FRAME_S), t.speaker) for t in ordered]


def test_a_turn_begins_at_the_onset_and_goes_on_down_to_the_offset() -> None:
    frames = activity([(10, 0.5), (5, 0.7), (10, 0.5), (10, 0.3)])
    assert told(find(frames)) == [(10, 25, 0)]


def test_voices_overlap() -> None:
    frames = activity([(20, 0.9), (20, 0.0)], [(10, 0.0), (20, 0.9), (10, 0.0)])
    assert told(find(frames)) == [(0, 20, 0), (10, 30, 1)]


def test_speakers_are_numbered_as_they_are_heard() -> None:
    frames = activity([(20, 0.0), (10, 0.9)], [(0, 0.0)], [(10, 0.9), (20, 0.0)])
    assert told(find(frames)) == [(0, 10, 0), (20, 30, 1)]


def test_a_short_sound_is_no_turn_and_takes_no_number() -> None:
    frames = activity([(3, 0.9), (10, 0.0)], [(5, 0.0), (8, 0.9)])
    assert told(find(frames)) == [(5, 13, 0)]


def test_a_short_silence_is_filled_and_a_longer_one_is_not() -> None:
    short = activity([(10, 0.9), (3, 0.0), (10, 0.9)])
    longer = activity([(10, 0.9), (4, 0.0), (10, 0.9)])
    assert told(find(short)) == [(0, 23, 0)]
    assert told(find(longer)) == [(0, 10, 0), (14, 24, 0)]


def test_a_short_sound_does_not_bridge_two_turns() -> None:
    frames = activity([(10, 0.9), (3, 0.0), (2, 0.9), (3, 0.0), (10, 0.9)])
    assert told(find(frames)) == [(0, 10, 0), (18, 28, 0)]


def test_turns_are_widened_within_the_sound() -> None:
    frames = activity([(10, 0.9), (20, 0.0), (10, 0.9)])
    found = find(frames, PADDED)
    turns = [turn for each in found if each.final for turn in each.turns]
    assert turns[0].start == 0.0
    ends = {round(turn.end, 3) for turn in turns}
    assert 0.9 in ends
    assert max(ends) == pytest.approx(len(frames) * FRAME_S)
    assert any(turn.start == pytest.approx(30 * FRAME_S - 0.2) for turn in turns)


@pytest.mark.parametrize("thresholds", [PLAIN, PADDED, Thresholds()])
def test_what_is_told_does_not_depend_on_the_steps(thresholds: Thresholds) -> None:
    rng = np.random.default_rng(2)
    levels = np.repeat(rng.random((150, 4)), 4, axis=0).astype(np.float32)
    whole = told(find(levels, thresholds, step=len(levels)))
    assert len(whole) > 20
    for step in (1, 3, 25):
        assert told(find(levels, thresholds, step)) == whole


@pytest.mark.parametrize("thresholds", [PLAIN, PADDED, Thresholds()])
def test_what_is_final_comes_soon(thresholds: Thresholds) -> None:
    """Later than the sound by no more than a turn and a silence that are too short."""
    rng = np.random.default_rng(4)
    levels = np.repeat(rng.random((150, 4)), 4, axis=0).astype(np.float32)
    finder = TurnFinder(thresholds)
    most = thresholds.min_turn + thresholds.min_silence + thresholds.pad_onset + 2 * FRAME_S
    settled = 0.0
    for at in range(len(levels)):
        for each in finder.feed(levels[at : at + 1]):
            settled = each.end if each.final else settled
        assert (at + 1) * FRAME_S - settled <= most


def test_silence_is_final_without_turns() -> None:
    found = find(np.zeros((100, 4), np.float32), Thresholds())
    assert not [turn for each in found for turn in each.turns]
    assert found[-1] == TurnsFound(found[-1].start, 8.0, (), final=True)


def test_numbers_hold_after_a_restart() -> None:
    finder = TurnFinder(PLAIN)
    list(finder.feed(activity([(0, 0.0)], [(10, 0.9)])))
    list(finder.finish(0.8))
    finder.restart(60.0)
    found = list(finder.feed(activity([(10, 0.9)], [(10, 0.9)])))
    turns = found[-1].turns if found[-1].turns else found[0].turns
    assert {turn.speaker for turn in turns} == {0, 1}
    assert min(turn.start for turn in turns) == 60.0
