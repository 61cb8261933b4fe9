"""Saved meetings in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.errors import AppError, MeetingMissingError, StorageError
from app.gui.rows import MeetingRow, OpenedMeeting, RecoveredRow, SavedLine, Shrunk
from app.session.translations import LineTranslation
from tests.fakes.window.gate import opened_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.events import Event


def opened(
    id_: str, title: str, *texts: str, notes: str = "", days_ago: float = 0.0
) -> OpenedMeeting:
    """A saved meeting with a line for each text."""
    started = datetime.now().astimezone() - timedelta(days=days_ago)
    row = MeetingRow(id_, title, started, 60.0 * max(1, len(texts)))
    lines = tuple(SavedLine(i, i * 4.0, text) for i, text in enumerate(texts))
    return OpenedMeeting(row, lines, notes, Path(id_))


class FakeMeetings:
    """Meetings in memory; `refuse` is raised by whatever changes one."""

    def __init__(self, root: Path, opened: Sequence[OpenedMeeting] = ()) -> None:
        self.root = root
        self.kept = {meeting.row.id: meeting for meeting in opened}
        self.recovered: list[RecoveredRow] = []
        self.refuse: StorageError | None = None
        self.exports: list[tuple[str, str, Path]] = []
        self.changes: list[tuple[str, ...]] = []
        self.told: list[Event] = []
        self.found = threading.Event()
        self.texts: list[str] = []
        self.pair_missing: AppError | None = None
        self.free = 50_000_000_000
        self.busy: AppError | None = None
        self.shrunk = threading.Event()
        self.shrunk.set()
        self.shrinks: list[Shrunk] = []
        self.left: list[str] = []

    def rows(self) -> list[MeetingRow]:
        oldest = datetime.fromtimestamp(0, UTC)
        rows = [meeting.row for meeting in self.kept.values()]
        return sorted(rows, key=lambda row: row.started or oldest, reverse=True)

    def read(self, meeting: str) -> OpenedMeeting:
        if meeting not in self.kept:
            raise MeetingMissingError(f"There is no meeting {meeting!r}")
        return self.kept[meeting]

    def edit(self, meeting: str, utterance: int, text: str) -> None:
        opened = self._changed("edit", meeting, str(utterance), text)
        lines = [
            replace(line, text=text, edited=True) if line.utterance == utterance else line
            for line in opened.lines
        ]
        self.kept[meeting] = replace(opened, lines=tuple(lines))

    def rename(self, meeting: str, title: str) -> None:
        opened = self._changed("rename", meeting, title)
        self.kept[meeting] = replace(opened, row=replace(opened.row, title=title))

    def delete(self, meeting: str) -> None:
        self._changed("delete", meeting)
        del self.kept[meeting]

    def save_notes(self, meeting: str, markdown: str) -> None:
        opened = self._changed("notes", meeting, markdown)
        self.kept[meeting] = replace(opened, notes=markdown)

    def folder(self, meeting: str) -> Path:
        return self.root / meeting

    def recover(self) -> list[RecoveredRow]:
        return self.recovered

    def free_bytes(self) -> int:
        return self.free

    def forget(self, meeting: str, start: float, end: float) -> None:
        opened = self._changed("forget", meeting, f"{start:g}", f"{end:g}")
        lines = [line for line in opened.lines if not start <= line.start < end]
        self.kept[meeting] = replace(opened, lines=tuple(lines))

    def shrink(
        self,
        meeting: str,
        to: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> Shrunk:
        if self.busy:
            raise self.busy
        self.changes.append(("shrink", meeting, to))
        progress(0.5)
        if not opened_before(self.shrunk, cancelled):
            self.changes.append(("cancelled", meeting))
            return Shrunk.LATER
        return self.shrinks.pop(0) if self.shrinks else Shrunk.DONE

    def large(self) -> list[str]:
        return self.left

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        if self.refuse is not None:
            raise self.refuse
        path.write_text(f"{meeting} as {format_name}", encoding="utf-8")
        self.exports.append((meeting, format_name, path))
        self.texts.append(text)

    def translate(
        self,
        meeting: str,
        targets: tuple[str, ...],
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> int:
        self._changed("translate", meeting, *targets, engine)
        if self.pair_missing is not None:
            raise self.pair_missing
        progress(0.5)
        if not opened_before(self.found, cancelled):
            return 0
        lines = self.kept[meeting].lines
        done = tuple(LineTranslation(code, f"in {code}", final=True) for code in targets)
        new = tuple(replace(line, translations=done) for line in lines)
        self.kept[meeting] = replace(self.kept[meeting], lines=new)
        return sum(a != b for a, b in zip(lines, new, strict=True))

    def transcribe(self, meeting: str, model: str, cancelled: Callable[[], bool]) -> bool:
        opened = self._changed("transcribe", meeting, model)
        if opened.lines:
            return False
        self.kept[meeting] = replace(opened, lines=(SavedLine(0, 0.0, "Found later"),))
        return True

    def tell(self, meeting: str, event: Event) -> None:
        self._changed("tell", meeting, repr(event))
        self.told.append(event)

    def find_speakers(
        self,
        meeting: str,
        engine: str,
        progress: Callable[[float], None],
        cancelled: Callable[[], bool],
    ) -> bool:
        self._changed("speakers", meeting, engine)
        progress(0.5)
        if not opened_before(self.found, cancelled):
            return False
        lines = [
            replace(line, speakers=(n % 2,)) for n, line in enumerate(self.kept[meeting].lines)
        ]
        self.kept[meeting] = replace(self.kept[meeting], lines=tuple(lines))
        return True

    def _changed(self, verb: str, meeting: str, *what: str) -> OpenedMeeting:
        if self.refuse is not None:
            raise self.refuse
        self.changes.append((verb, meeting, *what))
        return self.read(meeting)
