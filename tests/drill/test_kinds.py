"""Each kind of fault once, on real processes; the drill itself does them by the hundred."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.drill import cuts, devices, disks, rests
from app.drill.child import Child, Crew
from app.drill.cuts import DAMAGES, journal
from app.drill.devices import device, server
from app.drill.disks import disk
from app.drill.kills import kill
from app.drill.outcome import NotRunError, Outcome
from app.drill.reports import Plan
from app.drill.rests import sleep, stall
from app.drill.run import Run
from app.session.journal import JournalContents
from tests.programs import run_captionist

Start = Callable[..., Run]


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Start]:
    crew = Crew()

    def made(number: int = 0, seconds: float = 1.0) -> Run:
        return Run(number, random.Random(number + 1), tmp_path / "run", crew, seconds)

    yield made
    crew.end()


def test_a_kill_loses_nothing_that_was_told(run: Start) -> None:
    outcomes = kill(run())
    assert "kill" in {outcome.kind for outcome in outcomes}
    assert [outcome.misses for outcome in outcomes] == [()] * len(outcomes)
    assert "mic, system" in outcomes[-1].notes[-1]


@pytest.mark.parametrize("number", range(len(DAMAGES)))
def test_damage_to_a_journal_costs_no_other_record(run: Start, number: int) -> None:
    (outcome,) = journal(run(number))
    assert outcome.misses == ()


def test_a_record_that_recovery_drops_is_noticed(
    run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(path: Path) -> JournalContents:
        whole = path.read_bytes().splitlines(keepends=True)
        path.write_bytes(b"".join(whole[1:]))
        return JournalContents([], b"", [], 0)

    monkeypatch.setattr("app.session.recovery.repair_journal", careless)
    (outcome,) = cuts.journal(run(8))
    assert outcome.captions_lost == 1


def test_a_recording_that_stands_still_goes_on_and_marks_the_gap(
    run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rests, "_AFTER_S", 2.0)
    (outcome,) = sleep(run(seconds=2.5))
    assert outcome.misses == ()
    assert outcome.gaps


def test_a_stalled_recogniser_costs_no_frame(run: Start) -> None:
    (outcome,) = stall(run(seconds=1.5))
    assert (outcome.misses, outcome.gaps) == ((), 0)


@pytest.mark.parametrize("number", [0, 1])
def test_a_full_disk_ends_a_recording_in_order(run: Start, number: int) -> None:
    (outcome,) = disk(run(number))
    assert outcome.misses == ()


def test_without_the_right_to_make_a_disk_files_are_limited(
    run: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disks, "_mount", lambda _place: False)
    (outcome,) = disk(run())
    assert "files up to" in outcome.notes[0]
    assert outcome.misses == ()


@pytest.mark.lengthy
@pytest.mark.desktop
@pytest.mark.parametrize("act", [device, server])
def test_a_recording_outlives_its_sound_card(
    run: Start, act: Callable[[Run], list[Outcome]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "_AFTER_S", 3.0)
    monkeypatch.setattr(devices, "_SETTLED_S", 0.3)
    try:
        (outcome,) = act(run())
    except NotRunError as exc:
        pytest.skip(str(exc))
    assert outcome.misses == ()


def test_no_process_outlives_the_drill(tmp_path: Path) -> None:
    crew = Crew()
    child = Child(crew, Plan(), tmp_path)
    child.wait_for_sound()
    crew.end()
    assert child.process.poll() is not None
    child.kill()
    with pytest.raises(InterruptedError):
        Child(crew, Plan(), tmp_path)


def test_the_command_prints_a_table_and_writes_json(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = run_captionist(
        "drill", "--kind", "journal", "--runs", "10", "--json", str(out),
        TMPDIR=str(tmp_path), CAPTIONIST_DATA=str(tmp_path / "data"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "10 of 10" in done.stdout
    assert '"kind": "journal"' in out.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.json"]
