"""The real `Voices`: clips out of recordings, and the profiles in the data folder.

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.rows import NameGuess, VoiceRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.paths import Paths
    from app.session.store import Meeting


class StoredVoices:
    """`Voices` over the saved meetings and the profiles."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths

    def play(self, meeting: str, speaker: int, cancelled: Callable[[], bool]) -> None:
        from app.voices import play_clip

        play_clip(self._read(meeting), speaker, cancelled)

    def guess(self, meeting: str, speaker: int) -> NameGuess | None:
        from app.voices import suggest

        found = suggest(self._paths, self._read(meeting), speaker)
        return NameGuess(found.name, found.confidence, found.likely) if found else None

    def learn(self, meeting: str, speaker: int | None = None) -> None:
        from app.voices import learn

        read = self._read(meeting)
        named = [who.number for who in read.transcript.speakers if who.name]
        for number in named if speaker is None else [speaker]:
            learn(self._paths, read, number)

    def rows(self) -> list[VoiceRow]:
        from app.voices import load_profiles

        return [
            VoiceRow(p.name, p.seconds, len({s.meeting for s in p.samples}), p.problem)
            for p in load_profiles(self._paths.voices)
        ]

    def remove(self, name: str) -> None:
        from app.voices import remove_profile

        remove_profile(self._paths.voices, name)

    def clear(self) -> None:
        from app.voices import clear_profiles

        clear_profiles(self._paths.voices)

    def _read(self, meeting: str) -> Meeting:
        from app.session.store import SessionStore

        return SessionStore(self._paths.meetings).read(meeting)
