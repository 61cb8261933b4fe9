"""What is missing, what came later, and when captions came late."""

from __future__ import annotations

import pytest

from app.core.events import (
    AudioGap,
    LoadChanged,
    LoadLevel,
    RecognitionCaughtUp,
    RecognitionSkipped,
)
from app.session.gaps import Gaps


def fold(*events: AudioGap | RecognitionSkipped | RecognitionCaughtUp | LoadChanged) -> Gaps:
    gaps = Gaps()
    for event in events:
        gaps.apply(event)
    return gaps


@pytest.mark.parametrize(
    ("start", "end", "left"),
    [
        (7.0, 9.0, []),
        (6.0, 10.0, []),
        (7.0, 8.0, [(8.0, 9.0)]),
        (8.0, 9.0, [(7.0, 8.0)]),
        (7.5, 8.0, [(7.0, 7.5), (8.0, 9.0)]),
        (2.0, 7.0, [(7.0, 9.0)]),
    ],
)
def test_what_was_caught_up_is_no_longer_missing(
    start: float, end: float, left: list[tuple[float, float]]
) -> None:
    lost = AudioGap(1.0, 9.0, "lost")
    gaps = fold(lost, RecognitionSkipped(7.0, 9.0), RecognitionCaughtUp(start, end))
    assert gaps.missing == [lost, *(RecognitionSkipped(*span) for span in left)]


def test_where_recognition_paused_is_known_after_it_has_caught_up() -> None:
    gaps = fold(
        RecognitionSkipped(7.0, 9.0), RecognitionCaughtUp(7.0, 8.0), RecognitionCaughtUp(8.0, 9.0)
    )
    assert gaps.caught_up == [RecognitionCaughtUp(7.0, 9.0)]
    assert fold(RecognitionCaughtUp(7.0, 8.0)).caught_up == [], "nothing had been skipped there"


def test_captions_came_late_from_the_moment_at_which_much_was_left_out() -> None:
    levels = ["longer-steps", "no-preview", "paused", "no-preview", "normal", "paused", "normal"]
    load = [LoadChanged(LoadLevel(level), 9.0, 10.0 * i) for i, level in enumerate(levels)]
    assert fold(*load).falls == [10.0, 50.0]
