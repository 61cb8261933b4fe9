"""The stage that writes what a source delivers to disk, before anything else happens to it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioBlock, AudioFormat
from app.core.errors import StorageError
from app.core.events import AudioGap, AudioSaved, Event, LevelMeasured
from app.core.paths import writable_folder
from app.session.wav import ROTATE_SECONDS, TrackWriter, track_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from app.core.clock import Clock

logger = logging.getLogger(__name__)

LEVELS_PER_SECOND = 15
SILENCE_DB = -96.0
"""What is reported for silence: below the smallest step of 16 bits there is nothing."""


class RecorderStage:
    """Records one source as a track; yields each block once it is written.

    A jump in the source's clock is filled with silence and reported, so that a place in the file
    is a time of the source. Fails with StorageError; what was written by then stays valid.
    """

    name = "recorder"

    def __init__(
        self,
        folder: Path,
        source: str,
        *,
        rotate_s: float = ROTATE_SECONDS,
        clock: Clock | None = None,
    ) -> None:
        """`folder` is the meeting's audio folder; `source` names the track and its levels."""
        self._folder = folder
        self._source = source
        self._rotate_s = rotate_s
        self._clock = clock
        self._writer: TrackWriter | None = None
        self._level = _Level(source)

    def open(self) -> None:
        """Make sure that the folder can be written; raises DataFolderError."""
        writable_folder(self._folder)

    def feed(self, items: Sequence[AudioBlock], /) -> Iterable[AudioBlock | Event]:
        for block in items:
            yield from self._record(block)

    def flush(self) -> Iterable[Event]:
        if self._writer is not None:
            self._writer.sync()
            yield self._saved(self._writer)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _record(self, block: AudioBlock) -> Iterator[AudioBlock | Event]:
        writer = self._writer_for(block.format)
        if block.first_frame > writer.frames:
            yield self._fill(writer, block.first_frame)
        fresh = _without_overlap(block, writer.frames)
        if not fresh.frames:
            return
        writer.write(_pcm(fresh))
        yield fresh
        yield from self._level.add(fresh)
        if writer.sync_if_due():
            yield self._saved(writer)

    def _writer_for(self, audio_format: AudioFormat) -> TrackWriter:
        if self._writer is None:
            self._writer = TrackWriter(
                self._folder,
                track_name(self._source),
                audio_format,
                rotate_s=self._rotate_s,
                clock=self._clock,
            )
        if self._writer.format != audio_format:
            raise StorageError(
                f"The sound of {self._source} changed from {self._writer.format} to {audio_format}",
                hint="Start a new recording; what was recorded is kept.",
            )
        return self._writer

    def _fill(self, writer: TrackWriter, until: int) -> AudioGap:
        """Write silence up to frame `until`, a second at a time."""
        rate, channels = writer.format.rate, writer.format.channels
        start = writer.frames
        while writer.frames < until:
            writer.write(bytes(2 * channels * min(rate, until - writer.frames)))
        return AudioGap(start / rate, until / rate, f"{self._source} lost audio")

    def _saved(self, writer: TrackWriter) -> AudioSaved:
        return AudioSaved(writer.synced_frames / writer.format.rate)


def _without_overlap(block: AudioBlock, recorded: int) -> AudioBlock:
    """What of `block` comes after frame `recorded`; a source must not go back in time."""
    overlap = recorded - block.first_frame
    if overlap <= 0:
        return block
    logger.info("the source went back in time by %d frames", overlap)
    return AudioBlock(recorded, block.samples[overlap:], block.format)


def _pcm(block: AudioBlock) -> bytes:
    return np.ascontiguousarray(block.samples, dtype="<i2").tobytes()


class _Level:
    """Gathers loudness over a fifteenth of a second of audio at a time."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._frames = 0
        self._samples = 0
        self._energy = 0.0
        self._peak = 0.0

    def add(self, block: AudioBlock) -> Iterator[LevelMeasured]:
        wave = block.samples.astype(np.float32).ravel() / 32768.0
        self._frames += block.frames
        self._samples += wave.size
        self._energy += float(np.vdot(wave, wave))
        self._peak = max(self._peak, float(np.abs(wave).max()))
        if self._frames * LEVELS_PER_SECOND >= block.format.rate:
            rms = (self._energy / self._samples) ** 0.5
            yield LevelMeasured(self._source, _decibels(rms), _decibels(self._peak))
            self._frames = self._samples = 0
            self._energy = self._peak = 0.0


def _decibels(amplitude: float) -> float:
    return max(SILENCE_DB, float(20 * np.log10(amplitude))) if amplitude > 0 else SILENCE_DB
