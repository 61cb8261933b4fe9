"""What the command line says about a recording: one sentence for a person, one line of JSON."""

from __future__ import annotations

import json

import pytest

from app.cli.printing import JsonPrinter, Troubles
from app.cli.sayings import NEWS, said
from app.core.events import (
    AudioGap,
    CaptureCleared,
    CaptureDoubted,
    CaptureProblem,
    ClockJumped,
    DeviceChanged,
    Event,
    LevelMeasured,
    LoadChanged,
    LoadLevel,
    MeetingForgot,
    RecognitionCaughtUp,
    RecognitionSkipped,
    SpaceMeasured,
)
from tests.core.samples import SAMPLES

MB = 1_000_000


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (DeviceChanged("mic", "Headset", 65.0, "it is back"), ("mic", "Headset", "01:05", "back")),
        (CaptureDoubted("mic", CaptureProblem.SILENT, 8.0), ("mic", "silence", "muted")),
        (CaptureDoubted("mic", CaptureProblem.CLIPPING, 8.0), ("too loud",)),
        (CaptureDoubted("system", CaptureProblem.DEAF, 8.0), ("nothing", "plays")),
        (CaptureDoubted("mic", CaptureProblem.SHIFTED, 8.0), ("mic", "offset", "cable")),
        (CaptureDoubted("mic", CaptureProblem.OPPOSED, 8.0), ("mic", "cancel each other out")),
        (CaptureCleared("mic", CaptureProblem.SILENT, 9.0), ("again",)),
        (CaptureCleared("mic", CaptureProblem.SHIFTED, 9.0), ("no longer",)),
        (CaptureCleared("mic", CaptureProblem.OPPOSED, 9.0), ("no longer",)),
        (ClockJumped(40.0, 31.5, "the computer slept"), ("The computer slept", "32 s")),
        (SpaceMeasured(900 * MB, stopping=False), ("900 MB", "Make room")),
        (SpaceMeasured(150 * MB, stopping=True), ("STOPS", "150 MB", "saved")),
        (MeetingForgot(60.0, 180.0), ("01:00", "03:00", "removed")),
        (AudioGap(61.0, 62.5, "mic is gone"), ("1.5 s", "01:01", "mic is gone")),
    ],
)
def test_each_is_said_in_a_clear_line(
    event: Event, words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    Troubles(lambda _stage: None).note(event)
    told = capsys.readouterr().err
    assert told.startswith("captionist: ")
    assert told.splitlines()[0].endswith(".")
    for word in words:
        assert word in told


def test_what_happens_twice_is_said_twice(capsys: pytest.CaptureFixture[str]) -> None:
    troubles = Troubles(lambda _stage: None)
    for _ in range(2):
        troubles.note(MeetingForgot(60.0, 180.0))
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_what_is_no_news_is_not_said() -> None:
    assert said(LevelMeasured("mic", -20.0, -3.0)) is None


def test_programs_are_told_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    printer = JsonPrinter()
    news = [event for event in SAMPLES if isinstance(event, NEWS)]
    for event in news:
        printer.show(event, 12.0)
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(records) == len(news) == len(NEWS)
    assert all(record["emitted"] == 12.0 for record in records)
    assert {record["type"] for record in records} >= {"device", "doubted", "space", "forgot"}


def test_programs_are_told_how_far_recognition_is_behind(
    capsys: pytest.CaptureFixture[str],
) -> None:
    printer = JsonPrinter()
    printer.show(LoadChanged(LoadLevel.PAUSED, 33.7, 53.5), 53.6)
    printer.show(RecognitionSkipped(19.3, 52.4), 53.6)
    printer.show(RecognitionCaughtUp(19.3, 52.4), 90.0)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {"type": "load", "level": "paused", "behind": 33.7, "at": 53.5, "emitted": 53.6},
        {"type": "skipped", "start": 19.3, "end": 52.4, "emitted": 53.6},
        {"type": "caught-up", "start": 19.3, "end": 52.4, "emitted": 90.0},
    ]
