"""Sound is placed by the clock where some is missing, and by counting where none is."""

from __future__ import annotations

import itertools

import pytest

from app.capture.placing import Origin, Placer

RATE = 48_000
FRAMES = 1440
LENGTH = FRAMES / RATE


class Device:
    """Delivers blocks on a clock of its own making."""

    def __init__(self, origin: Origin | None = None) -> None:
        self.now = 1000.0
        self.placer = Placer(RATE, origin or Origin(lambda: self.now))
        self.places: list[int] = []

    def play(self, seconds: float, *, late: float = 0.0, drift: float = 1.0) -> None:
        for _ in range(round(seconds / LENGTH)):
            self.now += LENGTH * drift
            self.places.append(self.placer.place(FRAMES))
        self.now += late

    def rush(self, seconds: float) -> None:
        """What waited comes at once."""
        for _ in range(round(seconds / LENGTH)):
            self.now += 1e-4
            self.places.append(self.placer.place(FRAMES))

    @property
    def jumps(self) -> list[int]:
        pairs = itertools.pairwise(self.places)
        return [b - a - FRAMES for a, b in pairs if b - a != FRAMES]


def test_blocks_follow_each_other_however_the_clock_drifts() -> None:
    device = Device()
    device.play(3600.0, drift=1.0002)
    device.play(3600.0, drift=0.9998)

    assert device.places[0] == 0
    assert not device.jumps


def test_what_never_came_is_skipped() -> None:
    device = Device()
    device.play(10.0)
    device.now += 30.0
    device.play(10.0)

    (lost,) = device.jumps
    assert lost / RATE == pytest.approx(30.0, abs=0.05)


def test_what_only_came_late_is_not_skipped() -> None:
    device = Device()
    device.play(10.0)
    device.now += 20.0
    device.rush(20.0)
    device.play(10.0)

    assert not device.jumps


def test_of_a_long_stop_only_what_was_dropped_is_skipped() -> None:
    device = Device()
    device.play(10.0)
    device.now += 30.0
    device.rush(21.0)
    device.play(10.0)

    (lost,) = device.jumps
    assert lost / RATE == pytest.approx(9.0, abs=0.1)


def test_another_device_begins_when_it_comes() -> None:
    device = Device()
    device.play(10.0)
    device.now += 0.3
    device.placer.restart()
    device.play(1.0)

    (lost,) = device.jumps
    assert lost / RATE == pytest.approx(0.3, abs=0.001)


def test_two_sources_share_one_beginning() -> None:
    first = Device()
    origin = Origin(lambda: first.now)
    early, late = Placer(RATE, origin), Placer(16_000, origin)

    first.now += LENGTH
    assert early.place(FRAMES) == 0
    first.now += 1.5
    assert late.place(480) == pytest.approx(1.5 * 16_000, abs=2)


def test_a_device_that_reports_a_loss_is_believed() -> None:
    device = Device()
    device.play(1.0)

    assert device.placer.place(FRAMES, lost=100) == device.places[-1] + FRAMES + 100


def test_a_loss_without_a_pause_is_noticed_too() -> None:
    device = Device()
    device.play(10.0)
    device.now += 0.45
    device.play(0.06)
    device.now += 0.45
    device.play(10.0)

    assert sum(device.jumps) / RATE == pytest.approx(0.9, abs=0.1)


def test_what_waited_and_comes_in_slowly_is_not_taken_for_a_loss() -> None:
    device = Device()
    device.play(10.0)
    device.now += 20.0
    device.play(40.0, drift=0.55)  # as some systems let it out
    device.play(10.0)

    assert sum(device.jumps) / RATE == pytest.approx(2.0, abs=0.1)
