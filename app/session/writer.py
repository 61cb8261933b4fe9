"""Writing a track: every byte is the system's at once, and on the disk within a second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.clock import Clock, WallClock
from app.core.errors import StorageError
from app.core.paths import write_atomically
from app.session.audio import AudioReader
from app.session.files import DurableFile, storage_failure
from app.session.tracks import (
    PartPlace,
    note_place,
    part_name,
    part_number,
    refuse_links,
    track_files,
    track_places,
)
from app.session.wav import HEADER_BYTES, header

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.audio import AudioFormat

ROTATE_SECONDS = 600.0
SYNC_SECONDS = 0.75
"""With the block that is on its way, and the time a disk takes, less than a second."""

_MAX_PAYLOAD = 1 << 30  # far below the 4 GB that a WAV header can count


class TrackWriter:
    """Writes one track, behind what it may have already; nothing is ever written over.

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
        """Open the first file, or the next one of a track that exists."""
        self._folder = folder
        self._track = track
        self.format = audio_format
        self._block_align = 2 * audio_format.channels
        by_size = _MAX_PAYLOAD // self._block_align
        self._frames_per_file = max(1, min(int(rotate_s * audio_format.rate), by_size))
        self._clock = clock or WallClock()
        self._synced_at = self._clock.now()
        self._number, end = _end_of(folder, track)
        self._before = round(end * audio_format.rate)  # frames in the files that are closed
        self._file = self._next_file(self._before)
        self.synced_frames = self._before

    @property
    def frames(self) -> int:
        """Frames since the start of the meeting, over all files, as if all had this format."""
        return self._before + self._in_file

    @property
    def _in_file(self) -> int:
        return (self._file.size - HEADER_BYTES) // self._block_align

    def write(self, pcm: bytes) -> None:
        """Append whole frames of little-endian int16."""
        while pcm:
            room = self._frames_per_file - self._in_file
            if room <= 0:
                self._rotate()
                continue
            self._file.append(pcm[: room * self._block_align], unit=self._block_align)
            pcm = pcm[room * self._block_align :]

    def sync_if_due(self) -> bool:
        """Sync once so much audio, or time, has come since the last; tell whether."""
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
        if not self._path.exists():
            # What is written to a file that somebody removed goes nowhere, without an error.
            raise StorageError(
                f"The recording {self._path.name} was removed while it was being written",
                hint="Reconnect the drive, or choose another folder, and start a new recording.",
            )
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
        first = self.frames
        self.close()
        self._file = self._next_file(first)
        self._before = first

    def _next_file(self, first: int) -> DurableFile:
        self._number += 1
        self._path = path = self._folder / part_name(self._track, self._number)
        refuse_links(self._folder, path)
        if path.exists():
            raise StorageError(f"The recording {path.name} exists already")
        place = PartPlace(self._number, first, self.format.rate, self.format.channels)
        try:  # at no moment is there a file without a header, or of which nothing is known
            note_place(self._folder, self._track, place)
            write_atomically(path, header(self.format, 0))
        except OSError as exc:
            raise storage_failure("The recording cannot be written", exc) from exc
        return DurableFile(path, "r+b", "The recording")


def _end_of(folder: Path, track: str) -> tuple[int, float]:
    """The last number that `track` has used, and where it ends (s); 0 for a new one."""
    paths = track_files(folder).get(track, [])
    numbers = [*(part_number(path) for path in paths), *track_places(folder, track)]
    return max(numbers, default=0), AudioReader(folder).duration(track) if paths else 0.0
