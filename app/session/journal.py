"""The append-only record of what happened in a meeting: one JSON object a line.

Each line ends in a checksum of what stands before it, so that a torn or altered line is noticed::

    {"type":"edit","utterance":3,"text":"Good morning","crc":"5f1c9a02"}
"""

from __future__ import annotations

import io
import json
import os
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.clock import Clock, WallClock
from app.core.encoding import decode, encode
from app.core.errors import StorageError
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
    OwnVoiceHeard,
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
from app.session.files import DAMAGED, DurableFile, storage_failure, sync_folder
from app.session.tracks import refuse_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
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
        OwnVoiceHeard,
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

FORMAT = 1
"""What this version writes. A newer one begins its journals with a record of type "format"."""

_WHAT = "The meeting's journal"
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
    `format` above `FORMAT` says that a newer version wrote it: it may be read, not changed.
    """

    events: list[Event]
    kept: bytes
    damaged: list[bytes]
    unknown: int
    format: int = FORMAT

    @property
    def is_newer(self) -> bool:
        return self.format > FORMAT


@dataclass(frozen=True, slots=True)
class Record:
    """A whole line of a journal; `event` is None if this version does not know its kind."""

    line: bytes
    fields: dict[str, Any]
    event: Event | None


class Journal:
    """Appends events. Every record is the operating system's at once and on disk within a second.

    Call `repair_journal` before going on with an existing file. Not thread-safe.
    """

    def __init__(self, path: Path, clock: Clock | None = None) -> None:
        """Raises StorageError."""
        self._path = path
        self._clock = clock or WallClock()
        self._synced = self._clock.now()
        self._dirty = False
        self._file = DurableFile(path, "ab", _WHAT)

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

    def rewrite(self, change: Callable[[bytes], bytes]) -> None:
        """Replace the whole file by what `change` makes of it, on disk; raises StorageError.

        The old journal is then as it was; only for removing what must not be kept.
        """
        self._file.close()  # some systems replace no open file
        try:
            write_atomically(self._path, change(read_records(self._path)))
            sync_folder(self._path.parent)
        except OSError as exc:
            raise storage_failure(f"{_WHAT} cannot be written", exc) from exc
        finally:
            self._file = DurableFile(self._path, "ab", _WHAT)

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


def read_records(path: Path) -> bytes:
    """All bytes of a journal; none if there is no file. Raises StorageError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as exc:
        raise storage_failure("The meeting's journal cannot be read", exc) from exc


def read_journal(path: Path) -> JournalContents:
    """Read `path` without changing it; a missing file is an empty journal.

    Raises StorageError if the file cannot be read at all.
    """
    return _parse(read_records(path))


def repair_journal(path: Path) -> JournalContents:
    """Read `path` and make it safe to append to.

    Damaged lines go to journal.damaged.jsonl beside it; the rest keeps its order. Raises
    StorageError, also if a newer version wrote it; the journal is then as it was.
    """
    refuse_links(path)
    contents = read_journal(path)
    if contents.is_newer:
        raise StorageError(
            f"The meeting {path.parent.name} was saved by a newer version and is not changed",
            hint="Install the newest version to change it; it can be read and exported as it is.",
        )
    try:
        if contents.damaged:
            aside = path.with_name(DAMAGED)
            refuse_links(aside)
            with aside.open("ab") as file:
                file.write(b"".join(line + b"\n" for line in contents.damaged))
                file.flush()
                os.fsync(file.fileno())
        if path.exists() and path.stat().st_size != len(contents.kept):
            write_atomically(path, contents.kept)
    except OSError as exc:
        raise storage_failure("The meeting's journal cannot be repaired", exc) from exc
    return contents


def records_of(raw: bytes) -> Iterator[Record]:
    """The whole records of a journal, in their order, one at a time: there may be many."""
    for line in io.BytesIO(raw):
        record = _record(line.removesuffix(b"\n"))
        if record is not None:
            yield record


def _record(line: bytes) -> Record | None:
    fields = _checked(line)
    return None if fields is None else Record(line + b"\n", fields, _understood(fields))


def _parse(raw: bytes) -> JournalContents:
    lines = [line for line in raw.split(b"\n") if line]
    found = [(line, _record(line)) for line in lines]
    records = [record for _, record in found if record is not None]
    events = [record.event for record in records if record.event is not None]
    marks = [record.fields.get("version") for record in records if _is_mark(record)]
    return JournalContents(
        events,
        b"".join(record.line for record in records),
        [line for line, record in found if record is None],
        len(records) - len(events) - len(marks),
        max((v for v in marks if isinstance(v, int)), default=FORMAT),
    )


def _is_mark(record: Record) -> bool:
    return record.fields.get("type") == "format"


def _checked(line: bytes) -> dict[str, Any] | None:
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


def _understood(record: dict[str, Any]) -> Event | None:
    try:
        return decode(record)
    except ValueError:  # of a kind, or in a shape, that another version wrote
        return None
