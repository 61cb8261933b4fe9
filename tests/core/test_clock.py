from __future__ import annotations

from app.core.clock import VirtualClock, WallClock


def test_a_virtual_clock_moves_only_when_told() -> None:
    clock = VirtualClock()
    assert clock.now() == 0.0
    clock.wait_until(2.0)
    clock.spend(0.5)
    assert clock.now() == 2.5


def test_a_virtual_clock_never_goes_back() -> None:
    clock = VirtualClock()
    clock.wait_until(2.0)
    clock.wait_until(1.0)
    assert clock.now() == 2.0


def test_a_wall_clock_starts_at_zero_and_goes_on() -> None:
    clock = WallClock()
    first = clock.now()
    assert 0.0 <= first <= clock.now()
    assert first < 5.0
