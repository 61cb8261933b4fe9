"""A model is loaded once, and what goes wrong is told to everyone."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.core.errors import ModelMissingError
from app.speech.transcribe import whisper
from app.speech.transcribe.loading import SharedModel
from app.speech.transcribe.presets import options_for


class CountedWhisper:
    made = 0

    def __init__(self, folder: Path, *, threads: int) -> None:
        CountedWhisper.made += 1
        self.folder, self.threads = folder, threads


def test_stages_on_several_threads_share_one_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whisper, "Whisper", CountedWhisper)
    CountedWhisper.made = 0
    together = threading.Barrier(4)
    shared = SharedModel(lambda: Path("there"), threads=3)
    got: list[object] = []

    def ask() -> None:
        together.wait()
        got.append(shared())

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert CountedWhisper.made == 1
    assert all(model is got[0] for model in got)
    assert isinstance(got[0], CountedWhisper)
    assert (got[0].folder, got[0].threads) == (Path("there"), 3)


def test_a_missing_model_is_told_to_every_caller() -> None:
    def locate() -> Path:
        raise ModelMissingError("It is not here")

    shared = SharedModel(locate)
    for _ in range(2):
        with pytest.raises(ModelMissingError):
            shared()


def test_larger_models_look_again_more_often() -> None:
    assert options_for("tiny.en") == options_for("tiny")
    base = options_for("base")
    assert base.doubt > options_for("tiny").doubt
    assert options_for("my own model") == base
