"""The pass over a whole recording when a meeting has ended, and turns of other programs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import ModelMissingError
from app.core.events import (
    FinalCaption,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakerTurn,
    TurnsFound,
    Word,
)
from app.core.paths import default_paths
from app.diarization import (
    STAGE,
    PlayedThrough,
    SpeakerWish,
    adopt_turns,
    diarize_stage,
    diarizer_for,
    keep_turns,
    locate_engine,
    offline_diarizer_for,
    samples_of,
    whole_turns,
)
from app.session.audio import AudioReader
from app.session.recorder import RecorderStage
from app.session.session import Session
from app.session.store import SessionStore
from tests.fakes.voices import FakeDiarizer, FakeWholeDiarizer

RATE = 8_000
SECONDS = 12


def block(first: int, seconds: float, value: int = 0) -> AudioBlock:
    samples = np.full((round(seconds * RATE), 1), value, np.int16)
    return AudioBlock(first, samples, AudioFormat(RATE, 1))


def caption(utterance: int, start: float, text: str) -> FinalCaption:
    words = (Word(f" {text}", start, start + 1, 0.9),)
    return FinalCaption(utterance, 0, start, start + 1, text, "en", words)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Twelve seconds in which three people spoke, of whom two are one."""
    made = SessionStore(tmp_path).create("Talk", "mic", "tiny.en", "en")
    recorder = RecorderStage(made.audio_folder, "mic")
    recorder.open()
    list(recorder.feed([block(0, SECONDS)]))
    list(recorder.flush())
    recorder.close()
    for n, start in enumerate((1.0, 5.0, 9.0)):
        made.record(caption(n, start, f"Line {n}."))
    live = (SpeakerTurn(0, 4, 0), SpeakerTurn(4, 8, 1), SpeakerTurn(8, 12, 2))
    made.record(TurnsFound(0, 12, live, final=True))
    made.finish(SECONDS)
    return made


def told(session: Session) -> list[tuple[int, ...]]:
    return [line.speakers for line in session.transcript.lines]


def test_the_whole_recording_is_heard_and_the_better_result_kept(session: Session) -> None:
    session.record(SpeakerNamed(1, "Anna"))
    session.record(SpeakerAssigned(0, 1))
    diarizer = FakeWholeDiarizer((SpeakerTurn(0, 4, 0), SpeakerTurn(4, 12, 1)))
    shares: list[float] = []
    turns = whole_turns(AudioReader(session.audio_folder), diarizer, shares.append)
    assert turns is not None
    found = keep_turns(session, turns)
    assert diarizer.heard == pytest.approx(SECONDS, abs=0.01)
    assert shares == [0.5]
    assert found.final
    assert told(session) == [(1,), (1,), (1,)]
    assert [turn.speaker for turn in session.transcript.turns] == [0, 1]
    assert session.transcript.speaker(1).called() == "Anna"
    folder = session.folder
    session.close()
    again = SessionStore(folder.parent).read(folder.name)
    assert again.transcript.turns == session.transcript.turns


def test_cancelled_there_is_no_result(session: Session) -> None:
    answers: list[bool] = []
    diarizer = FakeWholeDiarizer((), on_progress=lambda: answers.append(True))
    recording = AudioReader(session.audio_folder)
    assert whole_turns(recording, diarizer, cancelled=lambda: bool(answers)) is None
    session.close()


def test_turns_of_another_program_bring_their_names(session: Session) -> None:
    turns = (SpeakerTurn(0, 8, 0), SpeakerTurn(8, 12, 1))
    adopt_turns(session, turns, ("Anna_Li", "SPEAKER_01"))
    assert told(session) == [(0,), (0,), (1,)]
    assert [who.called() for who in session.transcript.speakers] == ["Anna Li", "Speaker 2"]
    session.close()


def test_lost_sound_is_silence_and_keeps_its_time() -> None:
    heard = samples_of([block(0, 1.0, 8000), block(3 * RATE, 1.0, 8000)])
    assert len(heard) == 4 * 16_000
    assert np.abs(heard[16_500:47_500]).max() == 0.0
    assert heard[8_000] == pytest.approx(8000 / 32768, abs=0.01)
    assert len(samples_of([])) == 0


def test_a_long_file_of_unknown_length_is_heard_to_its_end() -> None:
    blocks = [block(n * RATE, 1.0, n * 100) for n in range(40)]
    heard = samples_of(blocks)
    assert len(heard) == pytest.approx(40 * 16_000, abs=2)
    assert heard[39 * 16_000 + 8_000] == pytest.approx(3900 / 32768, abs=0.01)


@pytest.mark.parametrize("engine", ["embedded", "sortformer"])
def test_a_missing_model_is_said_in_one_sentence(engine: str) -> None:
    with pytest.raises(ModelMissingError) as error:
        locate_engine(SpeakerWish(engine), default_paths())
    assert "\n" not in str(error.value)
    assert error.value.hint


def test_a_live_engine_can_hear_a_whole_recording() -> None:
    live = FakeDiarizer((SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(1.5, 3.5, 1)))
    shares: list[float] = []
    samples = np.zeros(round(3.25 * 16_000), np.float32)
    turns = PlayedThrough(live).diarize(samples, shares.append, lambda: False)
    assert turns == (SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(1.5, 3.25, 1))
    assert shares[-1] == 1.0
    assert live.closed
    live = FakeDiarizer()
    assert PlayedThrough(live).diarize(samples, shares.append, lambda: True) == ()
    assert live.closed


@pytest.mark.parametrize("engine", ["embedded", "sortformer"])
def test_engines_load_nothing_before_they_are_opened(engine: str) -> None:
    wish = SpeakerWish(engine, 2, 3)
    diarizer = diarizer_for(wish, default_paths())
    assert diarizer.name == STAGE
    assert diarize_stage(wish, default_paths()).name == STAGE
    offline_diarizer_for(wish, default_paths())
    with pytest.raises(ModelMissingError):
        diarizer.open()
