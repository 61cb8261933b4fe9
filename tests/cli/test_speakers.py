"""Telling speakers apart on the command line, with diarizers that know beforehand."""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from app import diarization
from app import live as live_module
from app.capture.resample import SpeechResampler
from app.cli.live import live
from app.cli.meetings import meetings
from app.cli.printing import JsonPrinter, LinePrinter, Troubles
from app.cli.record import record
from app.cli.speakers import NamedPrinter
from app.cli.transcribe import transcribe
from app.core.errors import MediaError, ModelMissingError
from app.core.events import (
    FinalCaption,
    RunMeasured,
    SpeakerNamed,
    SpeakerTurn,
    StageChanged,
    StageState,
    TurnsFound,
    Word,
)
from app.core.paths import default_paths
from app.diarization import SpeakerWish
from app.pipeline.chain import Chain
from app.session.session import Session
from app.session.store import SessionStore
from tests.fakes.voices import FakeDiarizer, FakeWholeDiarizer

LIVE = (SpeakerTurn(0.0, 0.8, 0), SpeakerTurn(0.8, 1.6, 1))
WHOLE = (SpeakerTurn(0.0, 0.5, 0), SpeakerTurn(0.5, 1.6, 1))


@pytest.fixture
def wishes(monkeypatch: pytest.MonkeyPatch) -> list[SpeakerWish]:
    """Fake engines; what was wished for of each."""
    asked: list[SpeakerWish] = []

    def stage(wish: SpeakerWish, _paths: object) -> object:
        asked.append(wish)
        return Chain(SpeechResampler(), FakeDiarizer(LIVE))

    def whole(wish: SpeakerWish, _paths: object) -> FakeWholeDiarizer:
        asked.append(wish)
        return FakeWholeDiarizer(WHOLE)

    monkeypatch.setattr(diarization, "diarize_stage", stage)
    monkeypatch.setattr(live_module, "diarize_stage", stage)
    monkeypatch.setattr(diarization, "offline_diarizer_for", whole)
    monkeypatch.setattr(diarization, "locate_engine", lambda *_: Path())
    return asked


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "talk.wav"
    soundfile.write(path, np.zeros(round(1.6 * 16_000)), 16_000)
    return path


def run(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)


def rows(text: str) -> list[tuple[str, str, str]]:
    """Start, length and speaker."""
    return [(row.split()[3], row.split()[4], row.split()[7]) for row in text.splitlines()]


def test_a_file_gives_the_final_pass_as_rttm(
    wishes: list[SpeakerWish], sound: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.rttm"
    run(transcribe, str(sound), "--diarize", "embedded", "--format", "rttm", "-o", str(out))
    assert rows(out.read_text()) == [
        ("0.000", "0.500", "Speaker_1"), ("0.500", "1.100", "Speaker_2")
    ]  # fmt: skip
    assert out.read_text().startswith("SPEAKER talk 1 ")
    assert wishes == [SpeakerWish("embedded")]


@pytest.mark.parametrize("pace", ["fast", "realtime"])
def test_live_gives_what_is_found_on_the_way(
    pace: str, wishes: list[SpeakerWish], sound: Path
) -> None:
    done = run(
        live, str(sound), "--diarize", "sortformer", "--speakers", "2-3", "--format", "rttm",
        "--pace", pace,
    )  # fmt: skip
    assert rows(done.stdout) == [("0.000", "0.800", "Speaker_1"), ("0.800", "0.800", "Speaker_2")]
    assert wishes == [SpeakerWish("sortformer", 2, 3)]


def test_jsonl_has_a_line_for_each_turn(wishes: list[SpeakerWish], sound: Path) -> None:
    done = run(live, str(sound), "--diarize", "--model", "", "--jsonl", "--pace", "fast")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    spoken = [record for record in told if record["type"] == "speaker"]
    assert {k: v for k, v in spoken[0].items() if k != "emitted"} == {
        "type": "speaker", "start": 0.0, "end": 0.8, "speaker": 0, "final": True
    }  # fmt: skip
    assert 1.0 <= spoken[0]["emitted"] < 2.0
    assert told[-1]["type"] == "stats"
    assert wishes[0].engine == "embedded"


def test_a_recording_ends_with_the_final_pass(wishes: list[SpeakerWish], sound: Path) -> None:
    done = run(
        record, "--source", str(sound), "--model", "", "--seconds", "0.5", "--diarize", "embedded"
    )
    assert done.return_value is None
    store = SessionStore(default_paths().meetings)
    (info,) = store.list()
    assert store.read(info.id).transcript.turns == WHOLE
    assert len(wishes) == 2


def test_a_setting_leaves_the_final_pass_out(wishes: list[SpeakerWish], sound: Path) -> None:
    path = default_paths().settings
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{"speakers": {"final_pass": false}}')
    run(live, str(sound), "--model", "", "--diarize", "embedded", "--save", "--pace", "realtime")
    store = SessionStore(default_paths().meetings)
    (info,) = store.list()
    assert store.read(info.id).transcript.turns[0].end == 0.8


@pytest.mark.parametrize("command", [live, transcribe, record])
def test_a_missing_model_is_said_before_anything_is_heard(
    command: click.Command, sound: Path
) -> None:
    arguments = [str(sound)] if command is not record else ["--source", str(sound)]
    form = ["--format", "rttm"] if command is not record else ["--model", ""]
    with pytest.raises(ModelMissingError):
        run(command, *arguments, "--diarize", "embedded", *form)
    assert not default_paths().meetings.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--speakers", "2"],
        ["--diarize", "embedded", "--speakers", "many"],
        ["--diarize", "embedded", "--speakers", "5-2"],
        ["--diarize", "embedded", "--speakers", "0"],
        ["--diarize", "telepathy"],
        ["--format", "rttm"],
    ],
)
def test_wishes_that_cannot_be_are_wrong_usage(arguments: list[str]) -> None:
    for command in (live, transcribe):
        with pytest.raises(click.UsageError):
            run(command, "a.wav", *arguments)


def caption(utterance: int, start: float, text: str) -> FinalCaption:
    words = tuple(
        Word(f" {part}", start + 0.4 * i, start + 0.4 * (i + 1), 0.9)
        for i, part in enumerate(text.split())
    )
    return FinalCaption(utterance, 0, start, words[-1].end, text, "en", words)


@pytest.fixture
def session() -> Session:
    made = SessionStore(default_paths().meetings).create("Talk", "mic", "tiny.en", "en")
    made.record(caption(0, 0.0, "Good morning."))
    made.record(caption(1, 2.5, "Hello."))
    turns = (SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(2.0, 4.0, 1))
    made.record(TurnsFound(0.0, 4.0, turns, final=True))
    made.finish(4.0)
    made.close()
    return made


def test_a_meeting_takes_turns_and_names_from_rttm(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "other.rttm"
    file.write_text("SPEAKER x 1 0.0 2.2 <NA> <NA> Anna <NA> <NA>\n"
                    "SPEAKER x 1 2.4 1.6 <NA> <NA> spk01 <NA> <NA>\n")  # fmt: skip
    done = run(meetings, "speakers", session.id, "--rttm", str(file))
    assert done.stdout.splitlines() == ["1\t2.2 s\tAnna", "2\t1.6 s\tSpeaker 2"]
    shown = run(meetings, "show", session.id).stdout
    assert "[0:00:00] Anna: Good morning." in shown
    assert "[0:00:02] Speaker 2: Hello." in shown
    assert "Speakers  1 (Anna), 2" in shown
    assert rows(run(meetings, "export", session.id, "--format", "rttm").stdout)[0] == (
        "0.000", "2.200", "Anna"
    )  # fmt: skip


def test_speakers_are_named_and_merged_by_their_numbers(session: Session) -> None:
    run(meetings, "speakers", session.id, "--name", "1=Anna Li", "--name", "2=Ben")
    done = run(meetings, "speakers", session.id, "--merge", "2=1")
    assert done.stdout.splitlines() == ["1\t4.0 s\tAnna Li"]


def test_named_voices_are_remembered_only_if_the_user_wants_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[int] = []
    monkeypatch.setattr("app.voices.learn", lambda _paths, _meeting, who: learned.append(who))
    run(meetings, "speakers", session.id, "--name", "2=Ben")
    assert learned == []
    default_paths().settings.write_text('{"speakers": {"profiles": true}}')
    run(meetings, "speakers", session.id, "--name", "2=Ben")
    assert learned == [1]


def test_a_name_is_kept_where_its_voice_cannot_be(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_about: object) -> None:
        raise ModelMissingError("The model voices is not installed")

    monkeypatch.setattr("app.voices.learn", fail)
    default_paths().settings.write_text('{"speakers": {"profiles": true}}')
    done = run(meetings, "speakers", session.id, "--name", "2=Ben")
    assert "Ben" in done.stdout
    said = "captionist: Voices are not remembered: The model voices is not installed.\n"
    assert done.stderr == said


def test_the_whole_recording_can_be_told_apart_later(
    session: Session, monkeypatch: pytest.MonkeyPatch, wishes: list[SpeakerWish]
) -> None:
    whole = FakeWholeDiarizer((SpeakerTurn(0.0, 1.5, 0), SpeakerTurn(1.5, 4.0, 1)))

    def offline(wish: SpeakerWish, _paths: object) -> FakeWholeDiarizer:
        wishes.append(wish)
        return whole

    monkeypatch.setattr(diarization, "offline_diarizer_for", offline)
    with SessionStore(default_paths().meetings).open(session.id) as opened:
        opened.record(SpeakerNamed(1, "Ben"))
    done = run(meetings, "speakers", session.id, "--speakers", "2")
    assert done.stdout.splitlines() == ["1\t1.5 s\tSpeaker 1", "2\t2.5 s\tBen"]
    assert wishes == [SpeakerWish("embedded", 2, 2)]


def test_ctrl_c_keeps_what_was_found_live(
    session: Session, wishes: list[SpeakerWish], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        diarization, "offline_diarizer_for", lambda *_: FakeWholeDiarizer((), interrupt)
    )
    done = run(meetings, "speakers", session.id)
    assert "Cancelled" in done.stderr
    assert done.stdout.splitlines()[0] == "1\t2.0 s\tSpeaker 1"


def test_files_that_are_not_rttm_are_refused(session: Session, tmp_path: Path) -> None:
    file = tmp_path / "other.rttm"
    with pytest.raises(MediaError, match="cannot be read"):
        run(meetings, "speakers", session.id, "--rttm", str(file))
    file.write_text("hello")
    with pytest.raises(MediaError, match="Row 1 is not RTTM"):
        run(meetings, "speakers", session.id, "--rttm", str(file))
    with pytest.raises(click.UsageError):
        run(meetings, "speakers", session.id, "--name", "Anna")


def test_captions_wait_for_their_speaker_and_name_each_change(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = NamedPrinter(LinePrinter())
    printer.show(caption(0, 0.0, "Good morning."), 1.0)
    printer.show(caption(1, 1.0, "Hello."), 1.5)
    assert capsys.readouterr().out == ""
    printer.show(TurnsFound(0.0, 1.0, (SpeakerTurn(0.0, 0.9, 0),), final=False), 2.0)
    assert capsys.readouterr().out == "[00:00] Speaker 1: Good morning.\n"
    printer.show(TurnsFound(1.0, 2.0, (SpeakerTurn(1.0, 2.0, 1),), final=False), 3.0)
    assert capsys.readouterr().out == "[00:01] Speaker 2: Hello.\n"
    printer.show(caption(2, 5.0, "Again."), 6.0)
    printer.end(RunMeasured(1, 1, 1, 1))
    assert capsys.readouterr().out == "[00:05] Again.\n"


def test_without_a_diarizer_captions_come_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    printer = NamedPrinter(LinePrinter())
    printer.show(caption(0, 0.0, "Good morning."), 1.0)
    printer.show(StageChanged("diarize", StageState.FAILED, "No model", ""), 1.0)
    assert capsys.readouterr().out == "[00:00] Good morning.\n"


def test_numbers_of_numpy_are_printed_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    turn = SpeakerTurn(np.float32(0.5), np.float64(1.25), np.int64(3))  # type: ignore[arg-type]
    JsonPrinter().show(TurnsFound(0.0, 2.0, (turn,), final=False), 2.5)
    assert json.loads(capsys.readouterr().out) == {
        "type": "speaker", "start": 0.5, "end": 1.25, "speaker": 3, "final": False, "emitted": 2.5
    }  # fmt: skip


def test_the_failure_of_the_diarizer_is_said_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    stages: list[str] = []
    troubles = Troubles(stages.append)
    troubles.note(StageChanged("diarize", StageState.FAILED, "The model is damaged", "Pull it."))
    assert capsys.readouterr().err == (
        "captionist: Speakers are not told apart: The model is damaged.\n  Pull it.\n"
    )
    assert stages == ["diarize"]
