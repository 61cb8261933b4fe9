"""Rows and totals of a measurement."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.bench.run import Result
from app.bench.score import Errors
from app.bench.table import row_of, totals

FEW, MANY = Errors(1, 0, 0, 10), Errors(2, 1, 1, 10)


def result(name: str, *, by_character: bool = False, reference: Errors | None = None) -> Result:
    return Result(
        name,
        audio=10.0,
        live=MANY,
        stored=FEW,
        offline=FEW,
        cpu=2.0,
        late=[0.5, 1.0, 1.5],
        start_off=[0.1, 0.3],
        reference=reference,
        by_character=by_character,
    )


def test_a_row_tells_errors_latency_start_and_cost() -> None:
    row = row_of(result("a"))
    assert (row["live_pct"], row["stored_pct"]) == (40.0, 10.0)
    assert (row["late_mean_s"], row["late_p50_s"]) == (1.0, 1.0)
    assert row["start_mae_s"] == pytest.approx(0.2)
    assert row["cpu_per_s"] == pytest.approx(0.2)
    assert "reference_pct" not in row


def test_where_no_word_was_right_there_is_no_latency_and_json_stays_json() -> None:
    row = row_of(replace(result("a"), late=[], start_off=[]))
    assert row["late_mean_s"] is row["late_p95_s"] is row["start_mae_s"] is None
    json.dumps(row, allow_nan=False)


def test_the_reference_comes_with_the_difference_to_it() -> None:
    row = row_of(result("a", reference=FEW))
    assert row["reference_pct"] == 10.0
    assert row["live_minus_ref"] == pytest.approx(30.0)
    assert row["stored_minus_ref"] == pytest.approx(0.0)


def test_totals_add_up() -> None:
    (total,) = totals([result("a", reference=FEW), result("b", reference=MANY)])
    assert (total["recording"], total["units"], total["audio_s"]) == ("total", 20, 20.0)
    assert total["reference_pct"] == 25.0


def test_words_and_characters_are_not_added_up() -> None:
    rows = totals([result("a"), result("b", by_character=True), result("c")])
    assert [(row["recording"], row["units"]) for row in rows] == [
        ("total, words", 20),
        ("total, characters", 10),
    ]


def test_characters_alone_are_the_total() -> None:
    assert [row["recording"] for row in totals([result("b", by_character=True)])] == ["total"]
