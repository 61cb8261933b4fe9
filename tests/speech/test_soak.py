"""Minutes of varied sound: memory and cost stay what they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.bench.soak import Reading, Soak, Sounds, slopes
from app.meeting import MeetingRequest, recognition_for
from app.speech.transcribe.loading import SharedModel

SECONDS = 150.0
EVERY = 25.0
MOST_GROWTH_MB = 25.0


def reading(end: float, memory: float, cpu: float) -> Reading:
    return Reading(end, memory, cpu, 60.0, 30.0, 80)


def test_growth_is_told_for_an_hour() -> None:
    steady = [reading(60.0 * n, 300.0, 6.0) for n in range(1, 41)]
    assert slopes(steady).memory == pytest.approx(0.0, abs=1e-6)
    assert slopes(steady).cost == pytest.approx(0.0, abs=1e-6)
    growing = [reading(60.0 * n, 300.0 + n, 6.0 + n / 10) for n in range(1, 41)]
    assert slopes(growing).memory == pytest.approx(60.0)
    assert slopes(growing).cost > 0.5


def test_what_fills_up_at_the_start_is_no_growth() -> None:
    filling = [reading(60.0 * n, min(300.0, 100.0 + 40 * n), 6.0) for n in range(1, 41)]
    assert slopes(filling).memory == pytest.approx(0.0, abs=1e-6)


def test_the_sounds_are_varied_and_always_the_same(spoken: NDArray[np.float32]) -> None:
    first, second = Sounds(spoken).pieces(), Sounds(spoken).pieces()
    pieces = [next(first) for _ in range(20)]
    assert {is_speech for _, is_speech in pieces} == {True, False}
    assert len({len(samples) for samples, is_speech in pieces if is_speech}) > 1
    assert all(np.array_equal(samples, next(second)[0]) for samples, _ in pieces)


@pytest.mark.lengthy
@pytest.mark.model
def test_minutes_cost_what_the_first_one_did(
    tiny_en_store: Path, spoken: NDArray[np.float32]
) -> None:
    model = SharedModel(lambda: tiny_en_store / "tiny.en")
    request = MeetingRequest("soak", model="tiny.en", language="en", save=False)
    recognition = recognition_for(request, model)
    recognition.live.open()
    recognition.revise.open()
    readings = Soak(recognition, spoken).run(SECONDS, EVERY, lambda _reading: None)
    recognition.live.close()
    recognition.revise.close()
    assert sum(one.words for one in readings) > 100
    warm, late = readings[1:3], readings[-2:]
    assert max(r.memory for r in late) - max(r.memory for r in warm) < MOST_GROWTH_MB
    cost = [sum(r.cpu for r in part) / sum(r.words for r in part) for part in (warm, late)]
    assert cost[1] < 2 * cost[0]
