"""The caption panel is never where it cannot be seen."""

from __future__ import annotations

from app.gui.overlay.place import Box, clamped, default_place

LEFT = Box(-1920, 0, 1920, 1080)
MAIN = Box(0, 27, 1280, 773)


def test_it_starts_low_in_the_middle_of_the_screen() -> None:
    box = default_place(MAIN, 100)
    assert box.x - MAIN.x == MAIN.x + MAIN.width - (box.x + box.width)
    assert box.bottom < MAIN.bottom
    assert box.y > MAIN.y + MAIN.height / 2


def test_a_place_on_another_screen_is_kept() -> None:
    box = Box(-1500, 900, 700, 120)
    assert clamped(box, [MAIN, LEFT]) == box


def test_a_screen_that_is_gone_moves_it_to_the_main_one() -> None:
    assert clamped(Box(3000, 2000, 700, 120), [MAIN]) == Box(580, 680, 700, 120)


def test_half_off_the_screen_is_pushed_back() -> None:
    assert clamped(Box(-300, 700, 700, 120), [MAIN]) == Box(0, 680, 700, 120)


def test_it_is_never_larger_than_the_screen() -> None:
    assert clamped(Box(0, 27, 5000, 3000), [MAIN]) == MAIN
