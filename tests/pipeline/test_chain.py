"""Two stages in a row are one stage."""

from __future__ import annotations

import pytest

from app.pipeline.chain import Chain
from tests.fakes.stages import FakeStage


def test_items_go_through_both_and_flushing_empties_the_first_into_the_second() -> None:
    first, second = FakeStage("first"), FakeStage("second")
    chain = Chain(first, second)
    chain.open()
    assert list(chain.feed([1, 2])) == [100, 200]
    assert list(chain.flush()) == [-10, -1]
    chain.close()
    assert second.fed == [10, 20, -1]
    assert first.diary == ["open", "feed", "flush", "close"]
    assert second.diary == ["open", "feed", "feed", "flush", "close"]


def test_it_is_known_by_the_name_of_the_second() -> None:
    assert Chain(FakeStage("vad"), FakeStage("transcribe")).name == "transcribe"


def test_what_is_behind_stays_behind() -> None:
    """The second stage sees the whole backlog at once, and may do less for each item."""
    second = FakeStage("second")
    list(Chain(FakeStage("first"), second).feed(list(range(9))))
    assert second.diary == ["feed"]


def test_the_second_is_not_fed_with_nothing() -> None:
    second = FakeStage("second")
    assert list(Chain(FakeStage("first"), second).feed([])) == []
    assert second.diary == []


def _fail() -> None:
    raise OSError("no")


def test_both_are_closed_whatever_happens() -> None:
    first, second = FakeStage("first", on_close=_fail), FakeStage("second")
    with pytest.raises(OSError, match="no"):
        Chain(first, second).close()
    assert second.diary == ["close"]


def test_a_failure_to_open_is_told() -> None:
    chain = Chain(FakeStage("first"), FakeStage("second", on_open=_fail))
    with pytest.raises(OSError, match="no"):
        chain.open()
