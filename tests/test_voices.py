"""Voice profiles: which sound they are made of, whom they suggest, and what is never done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import soundfile

from app.core.errors import MeetingMissingError, StorageError
from app.core.events import SpeakerNamed, SpeakerTurn, TurnsFound
from app.core.paths import Paths
from app.session.store import SessionStore
from app.speech.diarize.profile import MODEL, clean_stretches, clip_of, worth_hearing
from app.voices import (
    LIKELY,
    SILENT,
    VoiceProfile,
    VoiceSample,
    clip_samples,
    keep_sample,
    learn,
    load_profiles,
    remove_profile,
    suggest,
    suggested,
)

if TYPE_CHECKING:
    from pathlib import Path

    from app.session.store import Meeting

A, B, C = np.eye(192, dtype=np.float32)[:3]
TURNS = (
    SpeakerTurn(0.0, 6.0, 0),
    SpeakerTurn(5.0, 8.0, 1),
    SpeakerTurn(9.0, 21.0, 1),
    SpeakerTurn(12.0, 13.0, 0),
)


def near(seen: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(round(start, 3), round(end, 3)) for start, end in seen]


def test_clean_stretches_are_those_without_others() -> None:
    assert near(clean_stretches(TURNS, 0)) == [(0.1, 4.9)]
    assert near(clean_stretches(TURNS, 1)) == [(13.1, 20.9), (9.1, 11.9), (6.1, 7.9)]


def test_a_clip_is_three_seconds_out_of_the_middle_of_the_longest() -> None:
    start, end = clip_of(TURNS, 1) or (0.0, 0.0)
    assert (round(start, 3), round(end, 3)) == (15.5, 18.5)
    assert clip_of(TURNS, 7) is None
    together = (SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(0.0, 2.0, 1))
    assert clip_of(together, 1) == (0.0, 2.0)


def test_a_minute_of_the_longest_stretches_is_enough() -> None:
    long = tuple(SpeakerTurn(20.0 * n, 20.0 * n + 15.0, 0) for n in range(40))
    heard = worth_hearing(long, 0)
    assert sum(end - start for start, end in heard) == pytest.approx(60.0)
    assert worth_hearing((SpeakerTurn(0.0, 1.0, 0),), 0) == []


class FakeVoices:
    """A voice is the loudness of its sound: below 0.3 it is A, else B."""

    def embed(self, frames: Any) -> Any:
        return A if float(frames.mean()) < 0.3 else B


@pytest.fixture
def paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Paths:
    monkeypatch.setattr("app.voices.locate_engine", lambda _wish, paths: paths.models)
    monkeypatch.setattr("app.voices.load_voices", lambda _folder: FakeVoices())
    monkeypatch.setattr("app.speech.diarize.profile.filter_banks", lambda samples: abs(samples))
    return Paths(tmp_path / "data", tmp_path / "models")


def recorded(paths: Paths, *names: tuple[int, str]) -> Meeting:
    """Speaker 0 is quiet for ten seconds, then speaker 1 is loud; 48 kHz."""
    store = SessionStore(paths.meetings)
    sound = np.repeat(np.array([0.1, 0.6]), 480_000)
    pcm = (sound * 32767).astype(np.int16)[:, None]
    turns = (SpeakerTurn(0.0, 10.0, 0), SpeakerTurn(10.0, 20.0, 1))
    with store.create("Talk", "mic", "base", "en") as session:
        folder = session.audio_folder
        folder.mkdir(exist_ok=True)
        soundfile.write(folder / "mic-0001.wav", pcm, 48_000, subtype="PCM_16")
        session.record(TurnsFound(0.0, 20.0, turns, final=True))
        for who, name in names:
            session.record(SpeakerNamed(who, name))
        session.finish(20.0)
    return store.read(session.id)


def test_a_named_voice_is_suggested_in_a_later_meeting(paths: Paths) -> None:
    learn(paths, recorded(paths, (1, "Mina")), 1)
    (profile,) = load_profiles(paths.voices)
    assert (profile.name, profile.model) == ("Mina", MODEL)
    assert profile.seconds == pytest.approx(9.8, abs=0.2)
    later = recorded(paths)
    found = suggest(paths, later, 1)
    assert found is not None
    assert (found.name, found.likely) == ("Mina", True)
    assert suggest(paths, later, 0) is None
    assert all(not who.name for who in later.transcript.speakers)


def test_who_has_a_name_is_not_asked_about(paths: Paths) -> None:
    learn(paths, recorded(paths, (1, "Mina")), 1)
    assert suggest(paths, recorded(paths, (1, "Anna")), 1) is None


def test_another_name_moves_what_was_learned_and_none_takes_it_back(paths: Paths) -> None:
    meeting = recorded(paths, (1, "Mina"))
    learn(paths, meeting, 1)
    store = SessionStore(paths.meetings)
    for name, left in (("Anna", ["Anna"]), ("", [])):
        with store.open(meeting.info.id) as session:
            session.record(SpeakerNamed(1, name))
        learn(paths, store.read(meeting.info.id), 1)
        assert [profile.name for profile in load_profiles(paths.voices)] == left


def test_a_clip_is_read_from_the_recording(paths: Paths) -> None:
    meeting = recorded(paths)
    sound = clip_samples(meeting.audio, meeting.transcript.turns, 1)
    assert len(sound) == 48_000
    assert float(sound[16_000:32_000].mean()) == pytest.approx(0.6, abs=0.01)
    with pytest.raises(MeetingMissingError, match="no recording of this speaker"):
        clip_samples(meeting.audio, meeting.transcript.turns, 5)


def sample(meeting: str, direction: Any, seconds: float = 10.0) -> VoiceSample:
    return VoiceSample(meeting, 0, seconds, tuple(float(number) for number in direction))


def alike(cosine: float) -> Any:
    return (cosine * A + (1 - cosine**2) ** 0.5 * C).astype(np.float32)


def test_two_thresholds_decide_what_is_said() -> None:
    mina = VoiceProfile("Mina", MODEL, (sample("m", A),))
    assert suggested(alike(SILENT - 0.01), [mina]) is None
    perhaps, surely = suggested(alike(SILENT + 0.02), [mina]), suggested(alike(LIKELY), [mina])
    assert perhaps is not None
    assert surely is not None
    assert not perhaps.likely
    assert 0.5 < perhaps.confidence < surely.confidence == pytest.approx(0.86, abs=0.01)
    assert suggested(A, [mina], taken=["Mina"]) is None


def test_profiles_of_another_model_are_ignored_with_a_reason() -> None:
    other = VoiceProfile("Mina", "other-256", (sample("m", A),))
    assert suggested(A, [other]) is None
    assert other.problem == "made with another model (other-256)"


def test_a_profile_is_the_mean_of_its_meetings(tmp_path: Path) -> None:
    path = tmp_path / "voices.json"
    keep_sample(path, "Mina", sample("one", A, 30.0))
    keep_sample(path, "mina", sample("two", B, 10.0))
    (profile,) = load_profiles(path)
    assert profile.direction()[:2] == pytest.approx(np.array([3.0, 1.0]) / 10**0.5)
    assert remove_profile(path, "MINA")
    assert not remove_profile(path, "MINA")


def test_a_file_that_cannot_be_written_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "voices.json"
    path.mkdir()
    with pytest.raises(StorageError, match="cannot be read"):
        keep_sample(path, "Mina", sample("one", A))
