"""The recording becomes smaller when a meeting has ended, unless somebody does not want that."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.cli.shrinking import shrink
from app.core.audio import AudioBlock, AudioFormat
from app.core.paths import default_paths
from app.session.recorder import RecorderStage
from app.session.store import SessionStore


@pytest.fixture
def meeting() -> Path:
    """The folder of a meeting of two seconds."""
    session = SessionStore(default_paths().meetings).create("Talk", "mic", "", "en")
    recorder = RecorderStage(session.audio_folder, "mic")
    recorder.open()
    sound = (np.random.default_rng(1).normal(0, 3000, (32_000, 1))).astype(np.int16)
    list(recorder.feed([AudioBlock(0, sound, AudioFormat(16_000, 1))]))
    list(recorder.flush())
    recorder.close()
    session.finish(2.0)
    session.close()
    return session.folder


def wish(compress: str) -> None:
    paths = default_paths()
    paths.settings.parent.mkdir(parents=True, exist_ok=True)
    paths.settings.write_text(json.dumps({"recording": {"compress": compress}}), encoding="utf-8")


def sounds(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.glob("audio/mic-*"))


@pytest.mark.parametrize(("compress", "suffix"), [("flac", ".flac"), ("off", ".wav")])
def test_it_follows_the_settings(meeting: Path, compress: str, suffix: str) -> None:
    wish(compress)
    shrink(meeting.name, default_paths())
    assert sounds(meeting) == [suffix]


@pytest.mark.skipif(sys.platform == "win32", reason="there a signal ends the process")
def test_an_interruption_keeps_the_original(
    meeting: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wish("flac")
    before = signal.getsignal(signal.SIGINT)
    write = soundfile.SoundFile.write

    def interrupted(file: soundfile.SoundFile, data: object) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        write(file, data)

    monkeypatch.setattr(soundfile.SoundFile, "write", interrupted)
    shrink(meeting.name, default_paths())
    assert sounds(meeting) == [".wav"]
    assert "stays as it is" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is before


def test_a_failure_is_told_and_the_recording_stays(
    meeting: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wish("flac")
    with SessionStore(default_paths().meetings).open(meeting.name):
        shrink(meeting.name, default_paths())
    told = capsys.readouterr().err
    assert "The recording stays as it is" in told
    assert sounds(meeting) == [".wav"]
