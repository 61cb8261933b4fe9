"""The real `Meetings`: the folder of all meetings.

Everything heavy is imported when it is first used.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from app.core.events import CaptionEdited
from app.gui.rows import MeetingState, Shrunk
from app.gui.saved_rows import opened_meeting, recovered_row, row_of_summary
from app.gui.translation_adapter import wish_for
from app.gui.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from app.core.events import Event
    from app.core.paths import Paths
    from app.gui.rows import MeetingRow, OpenedMeeting, RecoveredRow
    from app.session.session import Session
    from app.session.store import SessionStore


class StoredMeetings:
    """`Meetings` over the folder of all meetings."""

    def __init__(self, paths: Paths, turns: Turns | None = None) -> None:
        """`turns`: who else may have a meeting."""
        self._paths = paths
        self._root = paths.meetings
        self._turns = turns or Turns()

    def _store(self) -> SessionStore:
        from app.session.store import SessionStore

        return SessionStore(self._root)

    @contextlib.contextmanager
    def _opened(self, meeting: str) -> Iterator[Session]:
        with self._turns.wanted(meeting), self._store().open(meeting) as session:
            yield session

    def rows(self) -> list[MeetingRow]:
        return [row_of_summary(summary) for summary in self._store().list()]

    def read(self, meeting: str) -> OpenedMeeting:
        return opened_meeting(self._store().read(meeting))

    def edit(self, meeting: str, utterance: int, text: str) -> None:
        with self._opened(meeting) as session:
            session.record(CaptionEdited(utterance, text))

    def rename(self, meeting: str, title: str) -> None:
        with self._opened(meeting) as session:
            session.rename(title)

    def tell(self, meeting: str, event: Event) -> None:
        with self._opened(meeting) as session:
            session.record(event)

    def find_speakers(
        self,
        meeting: str,
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        from app.core.settings import load_settings
        from app.diarization import (
            SpeakerWish,
            keep_turns,
            locate_engine,
            offline_diarizer_for,
            whole_turns,
        )

        number = load_settings(self._paths.settings).settings.speakers.number
        wish = SpeakerWish(engine, number, number)
        locate_engine(wish, self._paths)
        diarizer = offline_diarizer_for(wish, self._paths)
        with self._turns.wanted(meeting):
            turns = whole_turns(self._store().read(meeting).audio, diarizer, progress, cancelled)
            if turns is None:
                return False
            with self._opened(meeting) as session:
                keep_turns(session, turns)
        return True

    def large(self) -> list[str]:
        from app.session.convert import is_converted
        from app.session.files import AUDIO

        # What is smaller already stays so: another format is for what is recorded from now on.
        over = (row.id for row in self.rows() if row.state is MeetingState.COMPLETE)
        return [
            meeting for meeting in over if not is_converted(self._root / meeting / AUDIO, "flac")
        ]

    def delete(self, meeting: str) -> None:
        with self._turns.wanted(meeting):
            self._store().delete(meeting)

    def forget(self, meeting: str, start: float, end: float) -> None:
        with self._opened(meeting) as session:
            session.forget(start, end)

    def shrink(
        self,
        meeting: str,
        to: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Shrunk:
        from app.session.convert import Conversion

        with self._turns.slow(meeting) as giving_way:
            if giving_way is None:
                return Shrunk.LATER

            def over() -> bool:
                return cancelled() or giving_way()

            done = self._store().convert(meeting, Conversion(to, over, progress))
            if over():
                return Shrunk.LATER
        return Shrunk.DONE if done.parts else Shrunk.NOTHING

    def save_notes(self, meeting: str, markdown: str) -> None:
        from app.notes.notes import save_notes

        save_notes(self.folder(meeting), markdown)

    def folder(self, meeting: str) -> Path:
        return self._root / meeting

    def recover(self) -> list[RecoveredRow]:
        return [recovered_row(found) for found in self._store().recover()]

    def free_bytes(self) -> int:
        from app.session.space import free_bytes

        folder = next(f for f in (self._root, *self._root.parents) if f.exists())
        return free_bytes(folder)

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        from app.export import FORMATS, document_of, write_export

        document = document_of(self._store().read(meeting)).told_in(text)
        write_export(path, FORMATS[format_name].render(document))

    def translate(
        self,
        meeting: str,
        targets: tuple[str, ...],
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> int:
        from app.translation import SavedTranslation

        wish = wish_for(self._paths, targets, engine)
        with self._opened(meeting) as session:
            return len(SavedTranslation(session, wish, self._paths).run(progress, cancelled))

    def transcribe(self, meeting: str, model: str, cancelled: Callable[[], bool]) -> bool:
        from app.catchup import LateRecognition, LateWish, missing_stretches

        with self._opened(meeting) as session:
            late = LateRecognition(session, self._paths, LateWish(model), cancelled)
            stretches = missing_stretches(session)
            for start, end in stretches:
                late.recognise(start, end)
            return bool(stretches)
