"""Silence of a device that sends nothing is as long as the clock says."""

from __future__ import annotations

import pytest

from app.platforms.timeline import Gap, Timeline

RATE = 48_000
BLOCK = 480  # 10 ms


def _play(timeline: Timeline, begin: float, seconds: float) -> float:
    """Sound without a break from `begin` on; when it ended."""
    for place in range(round(seconds * RATE / BLOCK)):
        assert timeline.arrived(BLOCK, begin + (place + 1) * BLOCK / RATE) == Gap()
    return begin + seconds


def test_sound_that_flows_has_no_gaps_however_the_clocks_differ() -> None:
    timeline = Timeline(RATE, 0.0)

    for place in range(60_000):  # ten minutes of a device that is 200 ppm slow
        assert timeline.arrived(BLOCK, (place + 1) * 0.010_002) == Gap()


def test_a_pause_is_filled_with_what_the_clock_says() -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    gap = timeline.arrived(BLOCK, end + 2.0 + 0.01)

    assert gap == Gap(silent=2 * RATE)


def test_silence_is_handed_out_while_it_lasts_and_adds_up_exactly() -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    filled = sum(timeline.waiting(end + tenth / 10).silent for tenth in range(1, 31))
    rest = timeline.arrived(BLOCK, end + 3.0 + 0.01).silent

    assert filled == round(2.75 * RATE)  # what may still come late is left open
    assert filled + rest == 3 * RATE
    assert timeline.end == pytest.approx(4.01)


def test_many_pauses_do_not_add_up_to_a_drift() -> None:
    timeline = Timeline(RATE, 0.0)

    for place in range(1, 1_000):
        timeline.arrived(BLOCK, place * 1.0003)

    assert timeline.end == pytest.approx(999 * 1.0003, abs=1 / RATE)


def test_the_time_until_the_first_sound_counts() -> None:
    timeline = Timeline(RATE, 10.0)

    assert timeline.arrived(BLOCK, 10.06) == Gap(silent=round(0.05 * RATE))


def test_a_late_packet_is_not_silence() -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    assert timeline.waiting(end + 0.2) == Gap()
    assert timeline.arrived(BLOCK, end + 0.2) == Gap()


def test_sound_that_comes_too_early_is_kept() -> None:
    timeline = Timeline(RATE, 0.0)
    timeline.arrived(RATE, 1.0)

    assert timeline.arrived(RATE, 1.5) == Gap()
    assert timeline.end == pytest.approx(2.0)


@pytest.mark.parametrize(("after", "lost"), [(0.01, 1), (0.51, RATE // 2)])
def test_a_loss_is_as_long_as_the_clock_says_but_never_nothing(after: float, lost: int) -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    assert timeline.arrived(BLOCK, end + after, broken=True) == Gap(lost=lost)


def test_time_in_which_nobody_listened_is_lost() -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    assert timeline.missed(end + 0.5) == Gap(lost=RATE // 2)
    assert timeline.missed(end + 0.4) == Gap()
    assert timeline.arrived(BLOCK, end + 0.51) == Gap()


def test_time_in_which_the_computer_slept_is_lost_and_not_silent() -> None:
    timeline = Timeline(RATE, 0.0)
    end = _play(timeline, 0.0, 1.0)

    gap = timeline.waiting(end + 3_600.25)

    assert gap == Gap(lost=3_600 * RATE)
    assert timeline.end == pytest.approx(3_601.0)
