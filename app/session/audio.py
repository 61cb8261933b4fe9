"""Reading what was recorded: any stretch of a track, over its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.errors import MeetingDamagedError, MeetingMissingError
from app.session.wav import track_files

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """`samples` is mono float32 in [-1, 1], `rate` samples a second, as it was recorded."""

    samples: NDArray[np.float32]
    rate: int


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    first: int
    frames: int
    rate: int


class AudioReader:
    """The recording of a meeting; reads from disk each time, so it also follows a running one."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the meeting's audio folder; it need not exist."""
        self._folder = folder

    @property
    def tracks(self) -> list[str]:
        return list(track_files(self._folder))

    def duration(self, track: str = "") -> float:
        """Seconds of `track`, or of the longest one; 0 if there is none."""
        tracks = [track] if track else self.tracks
        return max((self._end(name) for name in tracks), default=0.0)

    def read(self, track: str, start: float, end: float) -> Sound:
        """The sound between two times in seconds, shorter where the recording ends before.

        Raises MeetingMissingError for an unknown track, MeetingDamagedError for a file that
        cannot be decoded.
        """
        parts = self._parts(track)
        if not parts:
            raise MeetingMissingError(f"There is no recording of {track}", hint="")
        rate = parts[0].rate
        first, last = max(0, round(start * rate)), round(end * rate)
        pieces = [
            _read(part.path, max(first, part.first) - part.first, last - part.first)
            for part in parts
            if part.first < last and first < part.first + part.frames
        ]
        return Sound(np.concatenate(pieces) if pieces else np.zeros(0, np.float32), rate)

    def _end(self, track: str) -> float:
        parts = self._parts(track)
        return (parts[-1].first + parts[-1].frames) / parts[-1].rate if parts else 0.0

    def _parts(self, track: str) -> list[_Part]:
        """The readable files of `track`. One that a crash left without a header holds nothing."""
        import soundfile

        parts: list[_Part] = []
        first = 0
        for path in track_files(self._folder).get(track, []):
            try:
                about = soundfile.info(path)
            except soundfile.LibsndfileError:
                continue
            parts.append(_Part(path, first, about.frames, about.samplerate))
            first += about.frames
        return parts


def _read(path: Path, first: int, end: int) -> NDArray[np.float32]:
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            file.seek(first)
            samples = file.read(max(0, end - first), dtype="float32", always_2d=True)
    except soundfile.LibsndfileError as exc:
        raise MeetingDamagedError(f"The recording {path.name} cannot be read") from exc
    mono: NDArray[np.float32] = samples.mean(axis=1, dtype=np.float32)
    return mono
