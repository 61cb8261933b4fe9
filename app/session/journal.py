"""The append-only record of what happened in a meeting: one JSON object a line.

Each line ends in a checksum of what stands before it, so that a torn or altered line is noticed::

    {"type":"edit","utterance":3,"text":"Good morning","crc":"5f1c9a02"}
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.clock import Clock, WallClock
from app.core.encoding import decode, encode
from app.core.events import (
    AudioGap,
    CaptionEdited,
    CaptureCleared,
    CaptureDoubted,
    CaptureEnded,
    CaptureResumed,
    CaptureStalled,
    ClockJumped,
    DeviceChanged,
    Event,
    FinalCaption,
    LanguageDetected,
    LoadChanged,
    MeetingForgot,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    RecognitionCaughtUp,
    RecognitionSkipped,
    SpaceMeasured,
    SpeakerAssigned,
    SpeakerNamed,
    SpeakersMerged,
    StageChanged,
    StageState,
    Translation,
    TranslationEdited,
    TurnsFound,
    WordsCommitted,
)
from app.core.paths import write_atomically
from app.session.files import DAMAGED, DurableFile, storage_failure

if TYPE_CHECKING:
    from pathlib import Path

LASTING: frozenset[type[Event]] = frozenset(
    {
        WordsCommitted,
        FinalCaption,
        CaptionEdited,
        Translation,
        TranslationEdited,
        LanguageDetected,
        TurnsFound,
        SpeakerNamed,
        SpeakersMerged,
        SpeakerAssigned,
        AudioGap,
        RecognitionSkipped,
        RecognitionCaughtUp,
        LoadChanged,
        CaptureStalled,
        CaptureResumed,
        CaptureEnded,
        MeetingStarted,
        MeetingPaused,
        MeetingResumed,
        DeviceChanged,
        CaptureDoubted,
        CaptureCleared,
        ClockJumped,
        SpaceMeasured,
        MeetingForgot,
        StageChanged,
    }
)
"""What is kept; of stage changes only failures are, of turns and translations only final ones."""

SYNC_SECONDS = 1.0

_CHECKSUM = re.compile(rb',"crc":"([0-9a-f]{8})"}$')


def is_lasting(event: Event) -> bool:
    if isinstance(event, StageChanged):
        return event.state is StageState.FAILED
    if isinstance(event, TurnsFound | Translation):
        return event.final  # the others are told anew every second
    return type(event) in LASTING


@dataclass(frozen=True, slots=True)
class JournalContents:
    """A journal as read.

    `damaged` holds the lines that are torn or altered, `kept` all others as bytes ready to be
    written back. `unknown` counts records that are whole but mean nothing to this version.
    """

    events: list[Event]
    kept: bytes
    damaged: list[bytes]
    unknown: int


class Journal:
    """Appends events. Every record is the operating system's at once and on disk within a second.

    Call `repair_journal` before going on with an existing file. Not thread-safe.
    """

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        """Raises StorageError."""
        self._clock = clock or WallClock()
        self._synced = self._clock.now()
        self._dirty = False
        self._file = DurableFile(path, "ab", "The meeting's journal")

    def append(self, event: Event, *, durable: bool = False) -> None:
        """Write `event`; return after it is on disk if `durable`. Raises StorageError.

        A record that could not be written leaves no trace.
        """
        line = to_line(event)
        self._file.append(line, unit=len(line))
        self._dirty = True
        if durable:
            self.sync()
        else:
            self.sync_if_due()

    def sync_if_due(self) -> None:
        """Sync if the last time was a second ago; for callers that have nothing to append."""
        if self._dirty and self._clock.now() - self._synced >= SYNC_SECONDS:
            self.sync()

    def sync(self) -> None:
        if self._dirty:
            self._file.sync()
            self._dirty = False
        self._synced = self._clock.now()

    def close(self) -> None:
        """Sync and close; safe to call twice. Raises StorageError, closed nevertheless."""
        try:
            self.sync()
        finally:
            self._file.close()


def to_line(event: Event) -> bytes:
    """The record of `event`, with its checksum and line end."""
    text = json.dumps(encode(event), ensure_ascii=False, separators=(",", ":"))
    body = text.encode("utf-8", "replace")
    return b'%s,"crc":"%08x"}\n' % (body[:-1], zlib.crc32(body))


def read_journal(path: Path) -> JournalContents:
    """Read `path` without changing it; a missing file is an empty journal.

    Raises StorageError if the file cannot be read at all.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raw = b""
    except OSError as exc:
        raise storage_failure("The meeting's journal cannot be read", exc) from exc
    return _parse(raw)


def repair_journal(path: Path) -> JournalContents:
    """Read `path` and make it safe to append to.

    Damaged lines go to journal.damaged.jsonl beside it; the rest keeps its order. Raises
    StorageError; the journal is then as it was.
    """
    contents = read_journal(path)
    try:
        if contents.damaged:
            with path.with_name(DAMAGED).open("ab") as aside:
                aside.write(b"".join(line + b"\n" for line in contents.damaged))
        if path.exists() and path.stat().st_size != len(contents.kept):
            write_atomically(path, contents.kept)
    except OSError as exc:
        raise storage_failure("The meeting's journal cannot be repaired", exc) from exc
    return contents


def _parse(raw: bytes) -> JournalContents:
    events: list[Event] = []
    kept: list[bytes] = []
    damaged: list[bytes] = []
    for line in raw.split(b"\n"):
        record = _checked(line)
        if record is None:
            damaged.extend([line] if line else [])
            continue
        kept.append(line + b"\n")
        event = _understood(record)
        if event is not None:
            events.append(event)
    return JournalContents(events, b"".join(kept), damaged, len(kept) - len(events))


def _checked(line: bytes) -> dict[str, object] | None:
    """The record of `line`, or None if it is not what was once written."""
    found = _CHECKSUM.search(line)
    if found is None:
        return None
    body = line[: found.start()] + b"}"
    if zlib.crc32(body) != int(found[1], 16):
        return None
    try:
        record = json.loads(body)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _understood(record: dict[str, object]) -> Event | None:
    try:
        return decode(record)
    except ValueError:  # of a kind, or in a shape, that another version wrote
        return None
