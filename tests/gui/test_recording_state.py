"""What can be pressed when, and how times are written."""

from __future__ import annotations

import pytest

from app.gui.recording.state import (
    RecordingState,
    Stopwatch,
    clock_text,
    controls,
    meter_share,
    stamp_text,
)


@pytest.mark.parametrize(
    ("state", "pressable"),
    [
        (RecordingState.IDLE, {"record"}),
        (RecordingState.STARTING, set()),
        (RecordingState.RECORDING, {"pause", "stop"}),
        (RecordingState.PAUSED, {"pause", "stop"}),
        (RecordingState.SAVING, set()),
    ],
)
def test_only_what_makes_sense_can_be_pressed(state: RecordingState, pressable: set[str]) -> None:
    able = controls(state)
    names = {name for name in ("record", "pause", "stop") if getattr(able, name)}
    assert names == pressable
    assert able.choices is (state is RecordingState.IDLE)


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "00:00:00"), (59.9, "00:00:59"), (2467, "00:41:07"), (-1, "00:00:00")]
)
def test_elapsed_time(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(4.9, "0:04"), (754, "12:34"), (3661, "1:01:01")])
def test_time_stamps(seconds: float, text: str) -> None:
    assert stamp_text(seconds) == text


def test_a_pause_does_not_count() -> None:
    watch = Stopwatch()
    watch.start(10.0)
    watch.pause(15.0)
    assert watch.elapsed(100.0) == 5.0
    watch.start(100.0)
    assert watch.elapsed(101.0) == 6.0
    watch.reset()
    assert watch.elapsed(200.0) == 0.0


def test_the_meter_reaches_from_silence_to_full() -> None:
    assert [meter_share(db) for db in (-90.0, -60.0, -30.0, 0.0, 3.0)] == [0, 0, 0.5, 1, 1]
