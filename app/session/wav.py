"""WAV files that are valid, or can be made so, at every instant: headers, and their repair."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.audio import AudioFormat
from app.session.files import storage_failure
from app.session.tracks import refuse_links

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

HEADER_BYTES = 44

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_HEAD_BYTES = 4096  # within which the payload of any file that we may meet begins
_OTHER_KINDS = (b"fLaC", b"OggS", b"ID3", b"FORM", b"caff", b"\x1aE\xdf\xa3")
_ENDLESS = 0xFFFF_FFFF


def header(audio_format: AudioFormat, payload: int) -> bytes:
    """The 44 bytes before `payload` bytes of PCM16."""
    align = 2 * audio_format.channels
    rate = audio_format.rate
    return _HEADER.pack(
        b"RIFF", 36 + payload, b"WAVE", b"fmt ", 16, 1, audio_format.channels,
        rate, rate * align, align, 16, b"data", payload,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payload:
    """The PCM16 in a file: `frames` whole ones of `format` from byte `offset` on."""

    format: AudioFormat
    offset: int
    frames: int

    @property
    def align(self) -> int:
        """Bytes of a frame."""
        return 2 * self.format.channels


def payload_of(path: Path) -> Payload | None:
    """What is in `path`, whatever its header says about sizes; None if it holds no PCM16.

    Raises OSError.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        size = os.fstat(file.fileno()).st_size
        layout = _layout(head)
        if layout is None:
            return None
        length = layout.claimed if _has_chunks_behind(file, layout, size) else size - layout.offset
    return Payload(layout.format, layout.offset, length // (2 * layout.format.channels))


@dataclass(frozen=True, slots=True)
class WavRepair:
    """What `repair` found: `frames` that are playable now, and what was wrong before.

    `usable` is false for a file that is not one of ours or too short to tell; it is left alone.
    """

    file: str
    usable: bool
    frames: int = 0
    seconds: float = 0.0
    header_fixed: bool = False
    cut_bytes: int = 0


def repair(path: Path, known: AudioFormat | None = None) -> WavRepair:
    """Make the header of `path` count what is there, whatever it said; keeps the file's times.

    `known` is the format it was recorded in, with which a destroyed header is made anew; what
    stood in its place is kept beside it. Raises StorageError if the file cannot be read or
    written, or is a link.
    """
    refuse_links(path)
    try:
        return _repair(path, known)
    except OSError as exc:
        raise storage_failure(f"The recording {path.name} cannot be repaired", exc) from exc


def _repair(path: Path, known: AudioFormat | None) -> WavRepair:
    before = path.stat()
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        layout = _layout(head)
        if layout is not None and _has_chunks_behind(file, layout, before.st_size):
            return _found(path, layout.format, layout.claimed)
    if layout is None and (known is None or not _may_be_ours(head)):
        return WavRepair(path.name, usable=False)
    if layout is None or (known is not None and layout.offset == HEADER_BYTES):
        assert known is not None
        layout = _Layout(known, HEADER_BYTES, 0)
    return _set_right(path, head, layout, before)


def _set_right(path: Path, head: bytes, layout: _Layout, before: os.stat_result) -> WavRepair:
    align = 2 * layout.format.channels
    frames, torn = divmod(before.st_size - layout.offset, align)
    right = _right_head(head, layout, frames * align)
    old = head[: layout.offset]
    if torn or old != right:
        if _layout(head) is None:
            path.with_name(f"{path.stem}.header.damaged.bin").write_bytes(old)
        with path.open("r+b") as file:
            file.write(right)
            file.truncate(layout.offset + frames * align)
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return _found(path, layout.format, frames * align, fixed=old != right, torn=torn)


def _found(
    path: Path, audio_format: AudioFormat, payload: int, *, fixed: bool = False, torn: int = 0
) -> WavRepair:
    frames = payload // (2 * audio_format.channels)
    seconds = frames / audio_format.rate
    return WavRepair(path.name, True, frames, seconds, fixed, torn)  # noqa: FBT003


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where a header says that the payload begins, and how many bytes it claims to have."""

    format: AudioFormat
    offset: int
    claimed: int


def _layout(head: bytes) -> _Layout | None:
    """What the beginning of a WAV or RF64 file of PCM16 says; None for anything else."""
    if head[:4] not in (b"RIFF", b"RF64") or head[8:12] != b"WAVE":
        return None
    place, audio_format, long_size = 12, None, 0
    while place + 8 <= len(head):
        kind, size = struct.unpack_from("<4sI", head, place)
        body = place + 8
        if kind == b"data":
            claimed = long_size if size == _ENDLESS and head[:4] == b"RF64" else size
            return _Layout(audio_format, body, claimed) if audio_format else None
        if kind == b"ds64" and body + 16 <= len(head):
            long_size = struct.unpack_from("<Q", head, body + 8)[0]
        if kind == b"fmt ":
            audio_format = _format(head[body : body + 16])
        place = body + size + (size & 1)
    return None


def _format(body: bytes) -> AudioFormat | None:
    if len(body) < 16:
        return None
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body)
    return AudioFormat(rate, channels) if rate and channels and bits == 16 else None


def _has_chunks_behind(file: BinaryIO, layout: _Layout, size: int) -> bool:
    """Whether the claimed payload is right as other programs write it: more may follow it.

    Behind a payload of ours nothing ever follows, so there what is on disk counts alone.
    """
    if layout.offset == HEADER_BYTES:
        return False
    place = layout.offset + layout.claimed + (layout.claimed & 1)
    while place + 8 <= size:
        file.seek(place)
        kind, length = struct.unpack("<4sI", file.read(8))
        if not kind.isascii() or not kind.decode("ascii").isprintable():
            return False
        place += 8 + length + (length & 1)
    return place == size and layout.claimed > 0


def _right_head(head: bytes, layout: _Layout, payload: int) -> bytes:
    """The bytes before the payload, its sizes as they are."""
    if layout.offset == HEADER_BYTES:
        return header(layout.format, payload)
    right = bytearray(head[: layout.offset])
    whole = layout.offset - 8 + payload
    if right[:4] == b"RF64" and right[12:16] == b"ds64":
        frames = payload // (2 * layout.format.channels)
        struct.pack_into("<QQQ", right, 20, whole, payload, frames)
        whole = payload = _ENDLESS
    struct.pack_into("<I", right, 4, min(whole, _ENDLESS))
    struct.pack_into("<I", right, layout.offset - 4, min(payload, _ENDLESS))
    return bytes(right)


def _may_be_ours(head: bytes) -> bool:
    """Whether `head` may be a header of ours that was destroyed, and not another kind of file."""
    if len(head) < HEADER_BYTES or head.startswith(_OTHER_KINDS):
        return False
    another_chunk = head[:4] == b"RIFF" and head[36:40].isalnum() and head[36:40] != b"data"
    return not another_chunk
