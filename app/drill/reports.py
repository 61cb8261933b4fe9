"""What a recording that is about to be harmed tells the drill, one JSON object a line."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from app.core.encoding import decode, encode

if TYPE_CHECKING:
    from app.core.events import Event


@dataclass(frozen=True, slots=True)
class Plan:
    """What the recording is to be like.

    `source` and `device` are as for `captionist record`. With `numbered` sources deliver frames
    that carry their number. The recogniser is one that follows a script, unless `model` is a real
    one; it stands still for `stall_s` seconds after `stall_at` of sound. `file_bytes` is the
    largest file that the process may write (0: any).
    """

    source: str = "mic+system"
    numbered: bool = True
    captions: bool = True
    model: str = ""
    stall_at: float = 1.0
    stall_s: float = 0.0
    seconds: float | None = None
    file_bytes: int = 0
    check_space_s: float = 0.0


@dataclass(frozen=True, slots=True)
class BlockDelivered:
    """A source hands frames over; told just before it does."""

    track: str
    first: int
    frames: int
    rate: int


@dataclass(frozen=True, slots=True)
class FileSynced:
    """So many bytes of the file of a number (inode) are on the disk."""

    inode: int
    size: int


@dataclass(frozen=True, slots=True)
class FolderSynced:
    """The names that were in a folder (by its inode) when it was synced are on the disk."""

    inode: int
    names: dict[str, int]


@dataclass(frozen=True, slots=True)
class Told:
    """An event that the meeting published."""

    event: Event


Fact = BlockDelivered | FileSynced | FolderSynced | Told


@dataclass(frozen=True, slots=True)
class Report:
    """A fact, and when it was told, on the clock that all processes share (s)."""

    fact: Fact
    at: float = field(default_factory=time.monotonic)


_KINDS: dict[str, type[Any]] = {
    "block": BlockDelivered,
    "file": FileSynced,
    "folder": FolderSynced,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


class Reporter:
    """Writes reports to the standard output. They outlive the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def tell(self, fact: Fact) -> None:
        """From any thread. Without a reader the process ends: the drill is over."""
        try:
            os.write(self._descriptor, to_line(Report(fact)))
        except OSError:
            os._exit(1)  # nobody is left to tell, and no file of a drill is worth finishing


def to_line(report: Report) -> bytes:
    fact = report.fact
    if isinstance(fact, Told):
        body = {"kind": "event", "event": encode(fact.event)}
    else:
        body = {"kind": _NAMES[type(fact)], **msgspec.to_builtins(fact)}
    return msgspec.json.encode({**body, "at": report.at}) + b"\n"


def from_line(line: bytes) -> Report | None:
    """The report of a line; None if the end of the process tore it."""
    try:
        fields = msgspec.json.decode(line)
        at, kind = fields.pop("at"), fields.pop("kind")
        if kind == "event":
            return Report(Told(decode(fields["event"])), at)
        return Report(msgspec.convert(fields, _KINDS[kind]), at)
    except (ValueError, KeyError, AttributeError, TypeError):
        return None
