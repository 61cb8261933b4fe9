"""Reading what was recorded: any stretch of a track, or of all together, over its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.downmix import mono_stretch
from app.core.errors import MeetingDamagedError, MeetingMissingError
from app.session.tracks import WAV, part_number, track_files, track_places
from app.session.wav import payload_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Mono = NDArray[np.float32]

_KNEE = 0.8  # up to where a mix of tracks is their plain sum
_MARGIN = 0.05  # seconds around a stretch that a change of rate needs to be right at its ends


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """`samples` is mono float32 in [-1, 1], `rate` samples a second, as it was recorded."""

    samples: Mono
    rate: int


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a track: `frames` of its own `rate`, from frame `first` of the meeting on."""

    path: Path
    first: int
    frames: int
    rate: int

    @property
    def start(self) -> float:
        """Seconds of the meeting."""
        return self.first / self.rate

    @property
    def end(self) -> float:
        return (self.first + self.frames) / self.rate


class AudioReader:
    """The recording of a meeting; reads from disk each time, so it also follows a running one."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the meeting's audio folder; it need not exist."""
        self._folder = folder
        self._known: dict[tuple[str, int, int], tuple[int, int] | None] = {}

    @property
    def tracks(self) -> list[str]:
        return list(track_files(self._folder))

    def duration(self, track: str = "") -> float:
        """Seconds of `track`, or of the longest one; 0 if there is none."""
        tracks = [track] if track else self.tracks
        return max((part.end for name in tracks for part in self.parts(name)), default=0.0)

    def read(self, track: str, start: float, end: float) -> Sound:
        """The sound between two times in seconds, shorter where the recording ends before.

        Track "" is all tracks together, as one would have heard them; no sum of them clips.
        Raises MeetingMissingError for an unknown track, MeetingDamagedError for a file that
        cannot be decoded.
        """
        if not track:
            return self._mix(start, end)
        try:
            return self._read(track, start, end)
        except MeetingDamagedError:
            # A part may have been converted, and its original removed, since they were listed.
            return self._read(track, start, end)

    def parts(self, track: str) -> list[Part]:
        """The readable files of `track`. One that a crash left without a header holds nothing."""
        places = track_places(self._folder, track)
        parts: list[Part] = []
        end = 0.0
        for path in track_files(self._folder).get(track, []):
            about = self._about(path)
            if about is None:
                continue
            frames, rate = about
            place = places.get(part_number(path))
            start = max(place.start, end) if place is not None else end
            parts.append(Part(path, round(start * rate), frames, rate))
            end = parts[-1].end
        return parts

    def _read(self, track: str, start: float, end: float) -> Sound:
        parts = self.parts(track)
        if not parts:
            raise MeetingMissingError(f"There is no recording of {track}", hint="")
        rate = parts[0].rate
        first, last = max(0, round(start * rate)), min(round(end * rate), _end(parts, rate))
        samples = np.zeros(max(0, last - first), np.float32)
        for part in parts:
            _lay(samples, first, rate, part)
        return Sound(samples, rate)

    def _mix(self, start: float, end: float) -> Sound:
        tracks = self.tracks
        if not tracks:
            raise MeetingMissingError("There is no recording", hint="")
        rate = max((part.rate for name in tracks for part in self.parts(name)[:1]), default=0)
        start = max(0.0, start)
        sounds = [self._at(rate, name, start, end) for name in tracks if self.parts(name)]
        if len(sounds) == 1:
            return Sound(sounds[0], rate)
        mix = np.zeros(max(map(len, sounds), default=0), np.float32)
        for sound in sounds:
            mix[: len(sound)] += sound
        return Sound(_softened(mix), rate)

    def _at(self, rate: int, track: str, start: float, end: float) -> Mono:
        """A stretch of `track` at another rate, the ends of which are as if it were longer."""
        length = max(0, round(min(end, self.duration(track)) * rate) - round(start * rate))
        before = min(start, _MARGIN)
        sound = self.read(track, start - before, end + _MARGIN)
        skip = round(start * rate) - round((start - before) * rate)
        return resampled(sound.samples, sound.rate, rate)[skip : skip + length]

    def _about(self, path: Path) -> tuple[int, int] | None:
        """Frames and rate of a file; None if nothing can be read from it. Remembered."""
        try:
            stat = path.stat()
            key = (path.name, stat.st_size, stat.st_mtime_ns)
            if key not in self._known:
                self._known[key] = _measured(path)
            return self._known[key]
        except OSError:
            return None


def _measured(path: Path) -> tuple[int, int] | None:
    if path.suffix == WAV and (payload := payload_of(path)) is not None:
        return payload.frames, payload.format.rate
    import soundfile

    try:
        about = soundfile.info(path)
    except soundfile.LibsndfileError:
        return None
    return about.frames, about.samplerate


def _end(parts: Sequence[Part], rate: int) -> int:
    return max(round(part.end * rate) for part in parts)


def _lay(samples: Mono, first: int, rate: int, part: Part) -> None:
    """Put what `part` has of a stretch, which begins at `first`, into its place in `samples`."""
    low = max(0, round((first / rate) * part.rate) - part.first)
    high = min(part.frames, round((first + len(samples)) / rate * part.rate) - part.first)
    if low >= high:
        return
    sound = resampled(_decoded(part.path, low, high), part.rate, rate)
    place = max(0, round((part.first + low) / part.rate * rate) - first)
    sound = sound[: len(samples) - place]
    samples[place : place + len(sound)] = sound


def _decoded(path: Path, first: int, end: int) -> Mono:
    """Frames `first` to `end` of a file as mono; raises MeetingDamagedError."""
    try:
        payload = payload_of(path) if path.suffix == WAV else None
        if payload is None:
            return _decoded_by_library(path, first, end)
        offset = payload.offset + first * payload.align
        count = (end - first) * payload.format.channels
        pcm = np.fromfile(path, "<i2", count, offset=offset)
    except OSError as exc:
        raise MeetingDamagedError(f"The recording {path.name} cannot be read") from exc
    whole = pcm[: len(pcm) - len(pcm) % payload.format.channels]
    scaled = whole.astype(np.float32) * np.float32(1 / 32_768)
    sound = scaled.reshape(-1, payload.format.channels)
    return mono_stretch(sound, payload.format.rate)


def _decoded_by_library(path: Path, first: int, end: int) -> Mono:
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            file.seek(first)
            samples: NDArray[np.float32] = file.read(end - first, dtype="float32", always_2d=True)
            return mono_stretch(samples, file.samplerate)
    except soundfile.LibsndfileError as exc:
        raise MeetingDamagedError(f"The recording {path.name} cannot be read") from exc


def resampled(samples: Mono, rate: int, wanted: int) -> Mono:
    """`samples` at another rate."""
    if rate == wanted or not len(samples):
        return samples
    import soxr

    return np.asarray(soxr.resample(samples, rate, wanted), np.float32)


def _softened(mix: Mono) -> Mono:
    """`mix` with its peaks bent below 1; the same for a sample wherever a stretch begins."""
    loud = np.abs(mix)
    bent = _KNEE + (1 - _KNEE) * np.tanh((loud - _KNEE) / (1 - _KNEE))
    soft: Mono = np.where(loud <= _KNEE, mix, np.copysign(bent, mix)).astype(np.float32)
    return soft
