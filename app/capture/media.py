"""Sound from media files of any kind, through PyAV."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.capture.condition import SoundCheck
from app.capture.delivery import DeliveryThread
from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import MediaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from av import AudioFrame, AudioResampler
    from av.audio.stream import AudioStream
    from av.container import InputContainer
    from numpy.typing import NDArray

_LAYOUTS = {1: "mono", 2: "stereo"}
_HINT = "Choose an audio or video file, such as WAV, MP3, M4A, FLAC or MP4."
_DAMAGED_HINT = "The file may be incomplete: copy or download it again."
_EXACT_LENGTH = {"wav", "w64", "flac", "mov", "matroska"}
"""Containers whose header states the true length, so that a missing end can be noticed."""
_FLOATS = {"flt": np.float32, "fltp": np.float32, "dbl": np.float64, "dblp": np.float64}
_SENSELESS = 65_000.0
"""Times full scale: FFmpeg makes noise of what is larger, and of what is no number."""
_SIZE_UNKNOWN = 0xFFFFFFFF
_TOLERANCE = 1.0
"""Seconds by which encoders are known to state more than they wrote."""


class MediaFile:
    """The best audio stream of a file, decoded as it is read: memory does not grow with length.

    Used from one thread. The sound keeps the file's rate; more than two channels become stereo.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._container: InputContainer | None = None
        self._stated = 0.0
        self._decoded = 0
        self._damage: MediaError | None = None
        self._check = SoundCheck(self.path.name)

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def duration(self) -> float:
        """Seconds as the file states them, 0.0 if it does not; valid after `open`."""
        return self._stated

    @property
    def damage(self) -> MediaError | None:
        """What was found broken so far; complete once `blocks` has ended. None: nothing."""
        return self._damage

    def open(self) -> AudioFormat:
        """Read as far as the first sound. Raises MediaError for whatever cannot be played."""
        self._check_path()
        stream = self._open_stream()
        self._frames = self._decode(stream)
        self._first = next(self._frames, None)
        if self._first is None:
            self.close()
            if self._damage:
                raise MediaError(f"The file {self.path.name} is damaged", hint=_DAMAGED_HINT)
            raise MediaError(f"The file {self.path.name} holds no sound", hint=_HINT)
        channels = min(2, max(1, self._first.layout.nb_channels))
        self._format = AudioFormat(self._first.sample_rate, channels)
        return self._format

    def blocks(self, seconds: float = 0.04) -> Iterator[AudioBlock]:
        """All the sound, once, in blocks of `seconds` (the last may be shorter).

        Damaged parts are left out and told by `damage`; never raises for them. What else is wrong
        with the sound is logged.
        """
        for block in self._whole_blocks(seconds):
            self._check.note(block)
            yield block
        self._check.finish()
        self._check_length()

    def _whole_blocks(self, seconds: float) -> Iterator[AudioBlock]:
        size = max(1, round(seconds * self._format.rate))
        held: list[NDArray[np.int16]] = []
        count = position = 0
        for piece in self._pieces():
            held.append(piece)
            count += len(piece)
            if count < size:
                continue
            joined = np.concatenate(held)
            whole = count - count % size
            for start in range(0, whole, size):
                yield AudioBlock(position, joined[start : start + size], self._format)
                position += size
            held, count = [joined[whole:]], count - whole
        if count:
            yield AudioBlock(position, np.concatenate(held), self._format)

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def _check_path(self) -> None:
        name = self.path.name or str(self.path)
        try:
            if self.path.is_dir():
                raise MediaError(f"{name} is a folder, not a media file", hint=_HINT)
            if self.path.is_file() and self.path.stat().st_size == 0:
                raise MediaError(f"The file {name} is empty", hint=_DAMAGED_HINT)
            self._is_cut = _is_cut_wav(self.path)
        except FileNotFoundError as exc:
            raise MediaError(
                f"The file {self.path} does not exist", hint="Check the name and the folder."
            ) from exc
        except (OSError, ValueError) as exc:  # ValueError: a null character in the name
            reason = getattr(exc, "strerror", None) or str(exc)
            raise MediaError(f"The file {name} cannot be read: {reason}", hint=_HINT) from exc

    def _open_stream(self) -> AudioStream:
        import av

        try:
            # "file:" so that a colon in a name is not taken for a protocol
            container = av.open(
                f"file:{self.path.absolute()}",
                options={"protocol_whitelist": "file"},
                metadata_errors="replace",
            )
        except (av.FFmpegError, OSError, ValueError) as exc:
            raise MediaError(
                f"The file {self.path.name} is not a media file, or it is damaged", hint=_HINT
            ) from exc
        self._container = container
        stream = container.streams.best("audio")
        if stream is None:
            self.close()
            raise MediaError(f"The file {self.path.name} holds no sound", hint=_HINT)
        exact = _EXACT_LENGTH & set(container.format.name.split(","))
        if stream.duration and stream.time_base:
            self._stated = float(stream.duration * stream.time_base)
        elif container.duration:
            self._stated = container.duration / av.time_base
        # without a length of its own, the sound may rightly be shorter than the pictures
        own_length = bool(stream.duration) or len(container.streams) == 1
        self._length_is_exact = bool(exact) and own_length
        return stream  # type: ignore[return-value]

    def _decode(self, stream: AudioStream) -> Iterator[AudioFrame]:
        """Frames in order; broken packets are skipped, and a broken container ends it."""
        import av

        assert self._container is not None
        packets = self._container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except (av.FFmpegError, OSError, ValueError):
                self._note_damage()
                return
            if packet is None:
                return
            try:
                frames = packet.decode()
            except (av.FFmpegError, OSError, ValueError):
                self._note_damage()
                continue
            yield from (f for f in frames if f.samples and f.sample_rate)

    def _pieces(self) -> Iterator[NDArray[np.int16]]:
        """Every frame as int16 of shape (frames, channels)."""
        assert self._first is not None, "open first"
        first, self._first = self._first, None
        resampler, shape = self._resampler(), _shape(first)
        for frame in _chain(first, self._frames):
            if _shape(frame) != shape:  # some streams change their shape on the way
                yield from self._converted(resampler.resample(None))
                resampler, shape = self._resampler(), _shape(frame)
            self._clean(frame)
            frame.pts = None  # places are counted in samples; odd time stamps must not matter
            yield from self._converted(resampler.resample(frame))
        yield from self._converted(resampler.resample(None))

    def _clean(self, frame: AudioFrame) -> None:
        """Make silence of what is no number, before FFmpeg makes a loud click of it."""
        kind = _FLOATS.get(frame.format.name)
        if kind is None:
            return
        count = frame.samples * (1 if frame.format.is_planar else frame.layout.nb_channels)
        for plane in frame.planes:
            heard = np.frombuffer(memoryview(plane), kind, count)  # what is behind it is padding
            if np.abs(heard).max(initial=0.0) < _SENSELESS:  # never so if one is NaN
                continue
            cleaned = np.frombuffer(memoryview(plane), kind).copy()
            cleaned[:count][~(np.abs(heard) < _SENSELESS)] = 0
            plane.update(cleaned.tobytes())
            self._check.note_no_numbers(self._decoded / self._format.rate)

    def _resampler(self) -> AudioResampler:
        from av import AudioResampler

        layout = _LAYOUTS[self._format.channels]
        return AudioResampler(format="s16", layout=layout, rate=self._format.rate)

    def _converted(self, frames: list[AudioFrame]) -> Iterator[NDArray[np.int16]]:
        for frame in frames:
            samples = frame.to_ndarray().reshape(-1, self._format.channels)
            self._decoded += len(samples)
            yield samples.astype(np.int16, copy=False)

    def _note_damage(self) -> None:
        self._damage = MediaError(
            f"The file {self.path.name} is damaged; what can be read of it was used",
            hint=_DAMAGED_HINT,
        )

    def _check_length(self) -> None:
        decoded = self._decoded / self._format.rate
        short = self._length_is_exact and decoded < self._stated * 0.99 - _TOLERANCE
        if short or self._is_cut:
            self._damage = MediaError(
                f"The file {self.path.name} is incomplete: it ends after {decoded:.1f} seconds",
                hint=_DAMAGED_HINT,
            )


def _is_cut_wav(path: Path) -> bool:
    """Whether a WAV file is shorter than it says; FFmpeg trusts the size of the file instead."""
    with path.open("rb") as file:
        header = file.read(12)
        size = file.seek(0, os.SEEK_END)
    if header[:4] != b"RIFF" or header[8:] != b"WAVE":
        return False
    stated = int.from_bytes(header[4:8], "little")
    return stated != _SIZE_UNKNOWN and stated + 8 > size + 1  # a last odd byte is often left out


def _shape(frame: AudioFrame) -> tuple[str, str, int]:
    return frame.format.name, frame.layout.name, frame.sample_rate


def _chain(first: AudioFrame, rest: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    yield first
    yield from rest


class PacedMediaSource:
    """Plays a media file in at real time, like a device: each block comes when it has been "heard".

    Deadlines are counted from one start, so that nothing drifts; a late block is not waited for.
    """

    def __init__(self, media: MediaFile, seconds: float = 0.04) -> None:
        self._media = media
        self._seconds = seconds
        self._thread = DeliveryThread(media.name, self._play)

    @property
    def name(self) -> str:
        return self._media.name

    @property
    def failure(self) -> Exception | None:
        """Also tells, at the end, that the file was damaged."""
        return self._thread.failure or self._media.damage

    def open(self) -> AudioFormat:
        return self._media.open()

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self._thread.start(deliver, ended)

    def stop(self) -> None:
        self._thread.stop()

    def close(self) -> None:
        self.stop()
        self._media.close()

    def _play(self, deliver: Callable[[AudioBlock], object]) -> None:
        started = time.monotonic()
        for block in self._media.blocks(self._seconds):
            if self._thread.stopping.wait(max(0.0, started + block.end - time.monotonic())):
                return
            deliver(block)
