"""Known values, as pyannote.metrics and dscore give them without a collar."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from app.bench.der import SpeakerErrors, count_speaker_errors
from app.core.assignment import best_assignment
from app.core.events import SpeakerTurn as Turn

TRUTH = (Turn(0, 10, 0), Turn(12, 20, 1), Turn(24, 27, 0), Turn(30, 40, 2))
FOUND = (Turn(2, 13, 7), Turn(13, 14, 3), Turn(14, 20, 8), Turn(22, 38, 9), Turn(38, 40, 7))


def test_the_example_of_pyannotes_documentation() -> None:
    """16 of 31 seconds: false alarm 2 + 2 + 3, missed 2, confused 1 + 1 + 3 + 2."""
    errors = count_speaker_errors(TRUTH, FOUND)
    assert errors.speech == 31
    assert (errors.missed, errors.false_alarm, errors.confused) == (2, 7, 7)
    assert errors.der == pytest.approx(16 / 31)
    assert (errors.speakers, errors.found) == (3, 4)


def test_overlapping_voices_count_each() -> None:
    errors = count_speaker_errors((Turn(0, 10, 0), Turn(5, 10, 1)), (Turn(0, 10, 4),))
    assert (errors.speech, errors.missed, errors.confused) == (15, 5, 0)
    assert errors.jer == pytest.approx(0.5)


def test_the_same_turns_are_no_error_whatever_their_numbers() -> None:
    renamed = [Turn(turn.start, turn.end, 5 - turn.speaker) for turn in TRUTH]
    errors = count_speaker_errors(TRUTH, renamed)
    assert errors.der == 0
    assert errors.jer == 0


def test_turns_of_one_speaker_that_overlap_count_once() -> None:
    errors = count_speaker_errors((Turn(0, 6, 0), Turn(4, 10, 0)), (Turn(0, 10, 0),))
    assert (errors.speech, errors.der) == (10, 0)


def test_without_speech_there_is_no_rate() -> None:
    errors = count_speaker_errors((), (Turn(0, 3, 0),))
    assert (errors.der, errors.jer, errors.false_alarm) == (None, None, 3)
    assert count_speaker_errors((), ()) == SpeakerErrors()


def test_nothing_found_is_all_missed() -> None:
    errors = count_speaker_errors(TRUTH, ())
    assert (errors.der, errors.jer, errors.found) == (1, 1, 0)


def test_errors_add_up() -> None:
    one = count_speaker_errors(TRUTH, FOUND)
    assert (one + SpeakerErrors()).der == one.der
    assert (one + one).speech == 62


@pytest.mark.parametrize("shape", [(1, 1), (2, 4), (4, 2), (3, 3), (5, 4)])
def test_the_best_pairing_is_the_best_of_all(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        gain = np.round(rng.random(shape) * 4)  # with many ties
        pairs = best_assignment(gain)
        wide = gain if shape[0] <= shape[1] else gain.T
        orders = itertools.permutations(range(wide.shape[1]), wide.shape[0])
        best = max(sum(wide[row, column] for row, column in enumerate(order)) for order in orders)
        assert sum(gain[pair] for pair in pairs) == pytest.approx(best)
        assert len({row for row, _ in pairs}) == len({column for _, column in pairs}) == min(shape)
