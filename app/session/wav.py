"""Recording into WAV files that are valid, or can be made so, at every instant.

A track is a run of files `<track>-0001.wav`, `<track>-0002.wav`, …: PCM16, each beginning where
the one before ends, so that a place in the files is a time of the source.
"""

from __future__ import annotations

import os
import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.audio import AudioFormat
from app.core.clock import Clock, WallClock
from app.core.errors import StorageError
from app.core.paths import write_atomically
from app.session.files import DurableFile, storage_failure

if TYPE_CHECKING:
    from pathlib import Path

ROTATE_SECONDS = 600.0
SYNC_SECONDS = 1.0
HEADER_BYTES = 44

_MAX_PAYLOAD = 1 << 30  # far below the 4 GB that a WAV header can count
_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_FILE_NAME = re.compile(r"(.+)-\d{4,}\.wav")


def track_name(source: str) -> str:
    """`source` made fit for a file name on every system."""
    return re.sub(r"[^\w-]+", "-", source).strip("-")[:40] or "audio"


def track_files(folder: Path) -> dict[str, list[Path]]:
    """The files of each track in `folder`, in the order of time."""
    tracks: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.wav"), key=lambda p: (len(p.name), p.name)):
        if found := _FILE_NAME.fullmatch(path.name):
            tracks.setdefault(found[1], []).append(path)
    return tracks


class TrackWriter:
    """Writes one track; every byte is the operating system's at once, on disk within a second.

    All methods raise StorageError when the disk does not want more; what was written stays valid.
    """

    def __init__(
        self,
        folder: Path,
        track: str,
        audio_format: AudioFormat,
        *,
        rotate_s: float = ROTATE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        """Open the first file. A track that exists already is never written over."""
        self._folder = folder
        self._track = track
        self.format = audio_format
        self._block_align = 2 * audio_format.channels
        by_size = _MAX_PAYLOAD // self._block_align
        self._frames_per_file = max(1, min(int(rotate_s * audio_format.rate), by_size))
        self._clock = clock or WallClock()
        self._synced_at = self._clock.now()
        self._number = 0
        self._before = 0  # frames in the files that are closed
        self.synced_frames = 0
        self._file = self._next_file()

    @property
    def frames(self) -> int:
        """Frames written so far, over all files."""
        return self._before + (self._file.size - HEADER_BYTES) // self._block_align

    def write(self, pcm: bytes) -> None:
        """Append whole frames of little-endian int16."""
        while pcm:
            room = self._frames_per_file - (self.frames - self._before)
            if room <= 0:
                self._rotate()
                continue
            self._file.append(pcm[: room * self._block_align], unit=self._block_align)
            pcm = pcm[room * self._block_align :]

    def sync_if_due(self) -> bool:
        """Sync once a second of audio or of time has passed since the last; tell whether."""
        fresh = self.frames - self.synced_frames
        waited = self._clock.now() - self._synced_at
        if not fresh or (fresh < SYNC_SECONDS * self.format.rate and waited < SYNC_SECONDS):
            return False
        self.sync()
        return True

    def sync(self) -> None:
        """Return once all frames, and a header that counts them, are on the disk."""
        self._file.overwrite(0, header(self.format, self._file.size - HEADER_BYTES))
        self._file.sync()
        self.synced_frames = self.frames
        self._synced_at = self._clock.now()

    def close(self) -> None:
        """Sync and close; safe to call twice."""
        try:
            if self.synced_frames < self.frames:
                self.sync()
        finally:
            self._file.close()

    def _rotate(self) -> None:
        before = self.frames
        self.close()
        self._file = self._next_file()
        self._before = before

    def _next_file(self) -> DurableFile:
        self._number += 1
        path = self._folder / f"{self._track}-{self._number:04d}.wav"
        if path.exists():
            raise StorageError(f"The recording {path.name} exists already")
        try:  # at no moment is there a file without a header
            write_atomically(path, header(self.format, 0))
        except OSError as exc:
            raise storage_failure("The recording cannot be written", exc) from exc
        return DurableFile(path, "r+b", "The recording")


def header(audio_format: AudioFormat, payload: int) -> bytes:
    """The 44 bytes before `payload` bytes of PCM16."""
    align = 2 * audio_format.channels
    rate = audio_format.rate
    return _HEADER.pack(
        b"RIFF", 36 + payload, b"WAVE", b"fmt ", 16, 1, audio_format.channels,
        rate, rate * align, align, 16, b"data", payload,
    )  # fmt: skip


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


def repair(path: Path) -> WavRepair:
    """Make the header of `path` count what is there, whatever it said; keeps the file's times.

    Raises StorageError if the file cannot be read or written.
    """
    try:
        return _repair(path)
    except OSError as exc:
        raise storage_failure(f"The recording {path.name} cannot be repaired", exc) from exc


def _repair(path: Path) -> WavRepair:
    before = path.stat()
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    audio_format = _format_of(head)
    if audio_format is None:
        return WavRepair(path.name, usable=False)
    align = 2 * audio_format.channels
    frames, torn = divmod(before.st_size - HEADER_BYTES, align)
    right = header(audio_format, frames * align)
    if torn or head != right:
        with path.open("r+b") as file:
            file.write(right)
            file.truncate(HEADER_BYTES + frames * align)
            file.flush()
            os.fsync(file.fileno())
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    return WavRepair(
        path.name,
        usable=True,
        frames=frames,
        seconds=frames / audio_format.rate,
        header_fixed=head != right,
        cut_bytes=torn,
    )


def _format_of(head: bytes) -> AudioFormat | None:
    """What a header of ours says about rate and channels; None if it is not one of ours."""
    if len(head) < HEADER_BYTES:
        return None
    riff, _, wave, fmt, _, _, channels, rate, _, _, bits, data, _ = _HEADER.unpack(head)
    if (riff, wave, fmt, data, bits) != (b"RIFF", b"WAVE", b"fmt ", b"data", 16):
        return None
    return AudioFormat(rate, channels) if rate and channels else None
