"""A drill is worth what it notices: every kind of loss is seen and counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.audio import AudioBlock
from app.core.events import AudioGap, Event, FinalCaption, Word, WordsCommitted
from app.drill import standins
from app.drill.findings import left_of, power_cut, recovered
from app.drill.outcome import NotRunError, Outcome, Summary, as_json, complaints, table
from app.drill.pattern import FORM, numbered, numbers_in, recorded_numbers, runs_missing
from app.drill.reports import (
    BlockDelivered,
    Fact,
    FileSynced,
    FolderSynced,
    Plan,
    Report,
    Told,
    from_line,
    to_line,
)
from app.drill.run import Order, Run, drill
from app.drill.standins import ScriptedStage, standing_in
from app.session.recorder import RecorderStage
from app.session.store import SessionStore

SECOND = FORM.rate
WORDS = WordsCommitted(0, (Word(" one", 0.0, 0.5, 0.9),))
CAPTION = FinalCaption(0, 0, 0.0, 0.5, "one", "en", ())


class Notebook:
    """Takes the place of a reporter: keeps what is told."""

    def __init__(self) -> None:
        self.reports: list[Report] = []

    def tell(self, fact: Fact) -> None:
        self.reports.append(Report(fact))


def record(root: Path, seconds: int) -> None:
    """A meeting that was never finished."""
    session = SessionStore(root).create("", "mic", "", "en")
    stage = RecorderStage(session.audio_folder, "mic")
    stage.open()
    for second in range(seconds):
        list(stage.feed([AudioBlock(second * SECOND, numbered(second * SECOND, SECOND), FORM)]))
    session.record(WORDS)
    session.record(CAPTION)
    stage.close()
    session.close()


def delivered(seconds: int) -> dict[str, list[tuple[int, int]]]:
    return {"mic": [(second * SECOND, SECOND) for second in range(seconds)]}


class TestNumbers:
    @pytest.mark.parametrize("first", [0, 32_760, 3_600 * 2 * SECOND])
    def test_a_frame_says_which_one_it_is(self, first: int) -> None:
        assert list(numbers_in(numbered(first, 20))) == list(range(first + 1, first + 21))

    def test_silence_carries_no_number(self) -> None:
        assert not len(numbers_in(np.zeros((50, 2), np.int16)))

    def test_missing_stretches_are_found(self) -> None:
        found = np.array([*range(1, 101), *range(201, 301)], np.int64)
        assert runs_missing([(0, 300), (300, 50)], found) == [(100, 100), (300, 50)]

    def test_the_correction_of_a_clock_is_no_loss(self) -> None:
        found = np.array([n for n in range(1, 301) if n % 50], np.int64)
        assert runs_missing([(0, 299)], found) == []


class TestReports:
    @pytest.mark.parametrize(
        "fact",
        [
            BlockDelivered("mic", 480, 480, 16_000),
            FileSynced(7, 4096),
            FolderSynced(8, {"journal.jsonl": 9}),
            Told(CAPTION),
            Told(WORDS),
            Told(AudioGap(1.0, 2.0, "mic lost audio")),
        ],
    )
    def test_what_is_told_arrives(self, fact: Fact) -> None:
        report = Report(fact, 12.5)
        assert from_line(to_line(report)) == report

    def test_a_torn_line_is_none(self) -> None:
        whole = to_line(Report(FileSynced(7, 4096)))
        assert [from_line(whole[:cut]) for cut in range(1, len(whole) - 1)] == [None] * (
            len(whole) - 2
        )


class TestLoss:
    def test_a_whole_recording_has_lost_nothing(self, tmp_path: Path) -> None:
        record(tmp_path, 2)
        assert recovered(tmp_path) == ()
        left = left_of(tmp_path, delivered(2), [WORDS, CAPTION])
        assert (left.lost_s, left.captions_lost, left.problems) == (0.0, 0, ())

    def test_what_is_cut_off_is_counted_by_the_frame(self, tmp_path: Path) -> None:
        record(tmp_path, 2)
        (path,) = tmp_path.glob("*/audio/*.wav")
        with path.open("r+b") as file:
            file.truncate(path.stat().st_size - 4 * 4_000)
        recovered(tmp_path)
        assert left_of(tmp_path, delivered(2), []).lost_s == 4_000 / SECOND

    def test_a_track_that_is_gone_has_lost_everything(self, tmp_path: Path) -> None:
        record(tmp_path, 2)
        both = {**delivered(2), "system": [(0, 3 * SECOND)]}
        assert left_of(tmp_path, both, []).lost_s == 3.0

    def test_without_a_meeting_everything_is_lost(self, tmp_path: Path) -> None:
        left = left_of(tmp_path, delivered(2), [CAPTION])
        assert (left.lost_s, left.captions_lost) == (2.0, 1)

    def test_captions_that_the_journal_has_not_are_lost(self, tmp_path: Path) -> None:
        record(tmp_path, 1)
        later = FinalCaption(1, 0, 1.0, 1.5, "two", "en", ())
        told: list[Event] = [WORDS, CAPTION, later, AudioGap(0.0, 1.0, "not counted")]
        assert left_of(tmp_path, delivered(1), told).captions_lost == 1

    def test_a_file_that_is_missing_is_a_problem(self, tmp_path: Path) -> None:
        record(tmp_path, 1)
        (path,) = tmp_path.glob("*/audio/*.wav")
        path.unlink()
        assert left_of(tmp_path, delivered(1), []).problems == ("mic-0001.wav missing",)

    def test_a_meeting_that_cannot_be_recovered_is_told(self, tmp_path: Path) -> None:
        record(tmp_path / "root", 1)
        (path,) = (tmp_path / "root").glob("*/journal.jsonl")
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
        assert "is a link" in recovered(tmp_path / "root")[0]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
class TestPowerCut:
    def test_only_what_was_synced_is_left(self, tmp_path: Path) -> None:
        notes = Notebook()
        with standing_in(Plan(numbered=False, captions=False), notes):  # type: ignore[arg-type]
            record(tmp_path / "root", 3)
        (path,) = (tmp_path / "root").glob("*/audio/*.wav")
        with path.open("ab") as file:
            file.write(numbered(3 * SECOND, SECOND).tobytes())
        power_cut(tmp_path / "root", notes.reports, tmp_path / "copy")
        assert recovered(tmp_path / "copy") == ()
        left = left_of(tmp_path / "copy", delivered(4), [CAPTION])
        assert left.problems == ()
        assert left.lost_s == 1.0
        assert left.captions_lost == 0

    def test_without_syncs_nothing_is_left(self, tmp_path: Path) -> None:
        record(tmp_path / "root", 2)
        power_cut(tmp_path / "root", [], tmp_path / "copy")
        assert left_of(tmp_path / "copy", delivered(2), [CAPTION]).lost_s == 2.0

    def test_a_file_is_cut_to_what_was_synced(self, tmp_path: Path) -> None:
        file = tmp_path / "root" / "a"
        file.parent.mkdir()
        file.write_bytes(b"0123456789")
        inode = file.stat().st_ino
        facts: list[Fact] = [FolderSynced(file.parent.stat().st_ino, {"a": inode})]
        reports = [Report(fact) for fact in [*facts, FileSynced(inode, 4)]]
        (file.parent / "new").write_bytes(b"of which no synced folder knows")
        power_cut(file.parent, reports, tmp_path / "copy")
        assert [path.name for path in (tmp_path / "copy").iterdir()] == ["a"]
        assert (tmp_path / "copy" / "a").read_bytes() == b"0123"


class TestOutcomes:
    def test_limits_are_those_of_the_kind(self) -> None:
        assert Outcome("kill", 0, lost_s=1.0).misses == ()
        assert Outcome("kill", 0, lost_s=1.01).misses == ("1.01 s of audio lost",)
        assert Outcome("sleep", 0, lost_s=0.2).misses == ("0.20 s of audio lost",)
        assert Outcome("kill", 0, unreadable=True).misses == ("the recording cannot be read",)
        assert Outcome("kill", 0, captions_lost=2).misses == ("2 captions lost",)
        assert Outcome("kill", 0, faults=("it said nothing",)).misses == ("it said nothing",)

    def test_the_table_never_says_passed_of_what_was_not_run(self) -> None:
        bad = Summary("kill", (Outcome("kill", 0), Outcome("kill", 1, lost_s=3.0)))
        absent = Summary("device", not_run="it needs pulseaudio")
        head, first, second = table([bad, absent]).splitlines()
        assert head.startswith("kind")
        assert "1 of 2 MISSED" in first
        assert "1.50 / 3.00" in first
        assert second.endswith("not run: it needs pulseaudio")
        assert (bad.missed, absent.missed) == (True, False)
        assert complaints([bad]) == ["kill: 3.00 s of audio lost (1x)"]
        assert as_json([absent])[0]["not_run"] == "it needs pulseaudio"


class TestRuns:
    def test_a_run_that_breaks_down_is_one_that_failed(self, tmp_path: Path) -> None:
        def act(run: Run) -> list[Outcome]:
            if run.number == 1:
                raise TimeoutError("not within 60 s: sound")
            return [Outcome("kill", run.number)]

        (summary,) = drill("kill", act, Order(3, 1, 2, 0.0), tmp_path, lambda _outcome: None)
        assert [bool(outcome.misses) for outcome in summary.outcomes] == [False, True, False]
        assert summary.missed

    def test_what_this_machine_cannot_do_is_not_run(self, tmp_path: Path) -> None:
        def act(_run: Run) -> list[Outcome]:
            raise NotRunError("it needs pulseaudio")

        found = drill("device", act, Order(3, 1, 2, 0.0), tmp_path, lambda _outcome: None)
        assert found == [Summary("device", not_run="it needs pulseaudio")]

    def test_the_same_seed_draws_the_same_faults(self, tmp_path: Path) -> None:
        def act(run: Run) -> list[Outcome]:
            return [Outcome("kill", run.number, notes=(str(run.random.random()),))]

        def notes(seed: int) -> list[tuple[str, ...]]:
            (found,) = drill("kill", act, Order(3, seed, 2, 0.0), tmp_path, lambda _outcome: None)
            return [outcome.notes for outcome in found.outcomes]

        assert notes(1) == notes(1)
        assert notes(1) != notes(2)


def test_the_script_says_four_words_a_second_and_a_caption_each_second() -> None:
    stage = ScriptedStage(Plan())
    said = list(stage.feed([AudioBlock(0, numbered(0, 2 * SECOND), FORM)]))
    assert [type(event) for event in said] == 2 * ([WordsCommitted] * 4 + [FinalCaption])
    assert said[-1] == FinalCaption(
        1,
        0,
        1.0,
        2.0,
        "word4 word5 word6 word7",
        "en",
        tuple(standins._word(n) for n in range(4, 8)),
    )


def test_recorded_numbers_are_those_of_all_parts(tmp_path: Path) -> None:
    stage = RecorderStage(tmp_path, "mic", rotate_s=0.5)
    stage.open()
    list(stage.feed([AudioBlock(0, numbered(0, SECOND), FORM)]))
    stage.close()
    assert len(list(tmp_path.glob("*.wav"))) == 2
    assert list(recorded_numbers(tmp_path, "mic")) == list(range(1, SECOND + 1))
