"""The stage that writes what a source delivers to disk, before anything else happens to it."""

from __future__ import annotations

import logging
import threading
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

from app.core.audio import AudioBlock, AudioFormat
from app.core.events import AudioGap, AudioSaved, Event, LevelMeasured
from app.core.paths import writable_folder
from app.session.erase import erase_sound
from app.session.files import storage_failure, sync_folder
from app.session.space import SpaceWatch, free_bytes
from app.session.tracks import refuse_links, track_name
from app.session.writer import ROTATE_SECONDS, TrackWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from app.core.clock import Clock
    from app.session.space import FreeSpace

logger = logging.getLogger(__name__)

LEVELS_PER_SECOND = 15
LATE_SECONDS = 1.0
"""A source that begins so much after the meeting is told of; before that nothing was lost."""

SILENCE_DB = -96.0
"""What is reported for silence: below the smallest step of 16 bits there is nothing."""


class RecorderStage:
    """Records one source as a track; yields each block once it is written.

    Blocks are on the meeting's clock: a jump in it is filled with silence and reported, so that a
    place in the files is a time of the meeting. A track that exists is gone on with behind its
    end. Fails with StorageError; what was written by then stays valid.
    """

    name = "recorder"

    def __init__(
        self,
        folder: Path,
        source: str,
        *,
        rotate_s: float = ROTATE_SECONDS,
        clock: Clock | None = None,
        free: FreeSpace = free_bytes,
    ) -> None:
        """`folder` is the meeting's audio folder; `source` names the track and its levels."""
        self._folder = folder
        self._source = source
        self._rotate_s = rotate_s
        self._clock = clock
        self._space = SpaceWatch(folder, clock, free)
        self._writer: TrackWriter | None = None
        self._level = _Level(source)
        self._forgotten: list[tuple[float, float]] = []
        self._writing = threading.Lock()

    @property
    def track(self) -> str:
        """The track's name in the meeting's folder."""
        return track_name(self._source)

    def open(self) -> None:
        """Make sure that the folder can be written; raises StorageError."""
        refuse_links(self._folder)
        writable_folder(self._folder)
        try:
            sync_folder(self._folder.parent)  # a power cut must not take the folder's name
        except OSError as exc:
            raise storage_failure("The recording cannot be written", exc) from exc

    def feed(self, items: Sequence[AudioBlock], /) -> Iterable[AudioBlock | Event]:
        for block in items:
            yield from self._record(block)
        measured = self._space.check()
        if measured is not None:
            yield measured

    def forget(self, start: float, end: float) -> None:
        """Silence the stretch (s) in the files, and in what of it comes yet, for good.

        From any thread. Raises StorageError if the disk refuses; what comes is silent then too.
        """
        with self._writing:
            self._forgotten.append((start, end))
            erase_sound(self._folder, start, end, self.track)

    def flush(self) -> Iterable[Event]:
        if self._writer is not None:
            with self._writing:
                self._writer.sync()
            yield self._saved(self._writer)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    def _record(self, block: AudioBlock) -> Iterator[AudioBlock | Event]:
        with self._writing:
            begins = self._writer is None
            writer = self._writer_for(block.format)
            gap = self._fill(writer, block.first_frame)
            if begins and gap is not None:
                gap = _late(gap, self._source)
            fresh = self._silenced(_without_overlap(block, writer.frames))
            writer.write(_pcm(fresh))
            synced = writer.sync_if_due()
        if gap is not None:
            yield gap
        if fresh.frames:
            yield fresh
            yield from self._level.add(fresh)
        if synced:
            yield self._saved(writer)

    def _writer_for(self, audio_format: AudioFormat) -> TrackWriter:
        """The open file; another one if the source sounds in another format from now on."""
        if self._writer is not None and self._writer.format != audio_format:
            self._writer.close()
            self._writer = None
        if self._writer is None:
            self._writer = TrackWriter(
                self._folder,
                self.track,
                audio_format,
                rotate_s=self._rotate_s,
                clock=self._clock,
            )
        return self._writer

    def _fill(self, writer: TrackWriter, until: int) -> AudioGap | None:
        """Write silence up to frame `until`, a second at a time; tells what was lost."""
        rate, channels = writer.format.rate, writer.format.channels
        start = writer.frames
        if start >= until:
            return None
        while writer.frames < until:
            writer.write(bytes(2 * channels * min(rate, until - writer.frames)))
        return AudioGap(start / rate, until / rate, f"{self._source} lost audio")

    def _silenced(self, block: AudioBlock) -> AudioBlock:
        """`block` without what a person wants forgotten."""
        rate = block.format.rate
        spans = [(s, e) for s, e in self._forgotten if s < block.end and block.start < e]
        if not spans:
            return block
        samples = block.samples.copy()
        for start, end in spans:
            low = max(0, floor(start * rate) - block.first_frame)
            samples[low : max(0, ceil(end * rate) - block.first_frame)] = 0
        return AudioBlock(block.first_frame, samples, block.format)

    def _saved(self, writer: TrackWriter) -> AudioSaved:
        return AudioSaved(writer.synced_frames / writer.format.rate)


def _late(gap: AudioGap, source: str) -> AudioGap | None:
    """What to tell of the time before a source began: nothing if it was a moment."""
    if gap.end - gap.start < LATE_SECONDS:
        return None
    return AudioGap(gap.start, gap.end, f"{source} started late")


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
