"""The window's own view of remembered voices, over real files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.core.errors import MeetingMissingError
from app.core.events import SpeakerNamed, SpeakerTurn, TurnsFound
from app.core.paths import Paths
from app.gui.rows import NameGuess, VoiceRow
from app.gui.voice_adapter import StoredVoices
from app.session.store import SessionStore
from app.voices import Suggestion, VoiceSample, keep_sample

if TYPE_CHECKING:
    from pathlib import Path

DIRECTION = (1.0,) + (0.0,) * 191


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "models")


def meeting(paths: Paths) -> str:
    turns = tuple(SpeakerTurn(10.0 * who, 10.0 * who + 9.0, who) for who in range(3))
    with SessionStore(paths.meetings).create("Talk", "mic", "base", "en") as session:
        session.record(TurnsFound(0.0, 30.0, turns, final=True))
        session.record(SpeakerNamed(0, "Anna"))
        session.record(SpeakerNamed(2, "Mina"))
        session.finish(30.0)
    return session.id


def test_voices_are_listed_and_forgotten(paths: Paths) -> None:
    voices = StoredVoices(paths)
    assert voices.rows() == []
    for name, seconds in (("Mina", 9.0), ("Anna", 5.0), ("Theo", 7.0)):
        keep_sample(paths.voices, name, VoiceSample(name, 0, seconds, DIRECTION))
    voices.remove("Mina")
    assert voices.rows() == [VoiceRow("Anna", 5.0, 1), VoiceRow("Theo", 7.0, 1)]
    voices.clear()
    assert voices.rows() == []


def test_all_who_have_names_are_learned(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    learned: list[int] = []
    monkeypatch.setattr("app.voices.learn", lambda _paths, _meeting, who: learned.append(who))
    id_ = meeting(paths)
    StoredVoices(paths).learn(id_)
    StoredVoices(paths).learn(id_, 1)
    assert learned == [0, 2, 1]


def test_a_guess_is_what_the_profiles_suggest(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Suggestion("Mina", 0.9, likely=True)
    monkeypatch.setattr("app.voices.suggest", lambda *_about: found)
    assert StoredVoices(paths).guess(meeting(paths), 1) == NameGuess("Mina", 0.9, likely=True)


def test_what_has_no_recording_cannot_be_heard(paths: Paths) -> None:
    with pytest.raises(MeetingMissingError, match="There is no recording of this speaker"):
        StoredVoices(paths).play(meeting(paths), 1, lambda: False)
