"""Making a recording smaller without a moment in which it could be lost.

Each part is encoded beside itself, read back and compared; only a copy that proved right takes
its name, and only then the original goes. Cut off anywhere, the original is there, or both are,
and `tidy` brings that in order.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from app.core.errors import StorageError
from app.session.files import storage_failure, sync_folder
from app.session.space import free_bytes, require_space
from app.session.tracks import FLAC, WAV, copies, refuse_links, track_files
from app.session.wav import repair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import soundfile
    from numpy.typing import NDArray

    from app.session.space import FreeSpace

    Samples = NDArray[np.int16]
    Mute = tuple[float, float]  # seconds of a file that become silence

OFF = "off"
FORMATS = ("flac", "opus")
"""What a recording can be converted to; `OFF` keeps it as it was recorded."""

DRAFT = ".draft-"

_BLOCK = 1 << 16  # frames at a time
_OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)
_OPUS_LEVEL = 0.768  # libsndfile's measure of about 64 kbit a second and channel
_ALIKE = 0.6  # correlation of a copy that is not exact: of noise it is 0.75, of speech above 0.99
_FAINT = 32.0  # loudness in steps of 16 bits under which there is nothing to correlate


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a recording: bytes of its parts before and after.

    `kept` names parts of which no copy could be made that proved right; they are as they were.
    """

    parts: int = 0
    before: int = 0
    after: int = 0
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversion:
    """How to convert: `to` one of `FORMATS`; `progress` gets the share that is done."""

    to: str
    cancelled: Callable[[], bool] = lambda: False
    progress: Callable[[float], object] = lambda _share: None
    free: FreeSpace = free_bytes


def convert_folder(folder: Path, how: Conversion) -> Converted:
    """Convert every part in the audio `folder`; the caller holds the meeting's lock.

    Returns early if cancelled, what is done by then stays. Raises StorageError; no sound is lost.
    """
    refuse_links(folder)
    waiting = _to_convert(folder, how.to)
    whole = sum(path.stat().st_size for path in waiting) or 1
    done = Converted()
    for path in waiting:
        size = path.stat().st_size
        require_space(folder, size, how.free)
        copy = _converted(path, how)
        if how.cancelled():
            return done
        kept = (*done.kept, path.name) if copy is None else done.kept
        after = size if copy is None else copy.stat().st_size
        done = Converted(
            done.parts + (copy is not None), done.before + size, done.after + after, kept
        )
        how.progress(done.before / whole)
    return done


def is_converted(folder: Path, to: str) -> bool:
    """Whether nothing in the audio `folder` is left to convert."""
    return not _to_convert(folder, to)


def tidy(folder: Path) -> None:
    """Remove what an interrupted conversion left in the audio `folder`; raises StorageError.

    Of a part that is there twice the copy stays if it proves right, or else the original.
    """
    refuse_links(folder)
    try:
        for path in drafts(folder):
            path.unlink()
        for original, copy in copies(folder):
            refuse_links(original, copy)
            (original if _is_copy(original, copy) else copy).unlink()
    except OSError as exc:
        raise storage_failure("The recording cannot be put in order", exc) from exc


def drafts(folder: Path) -> list[Path]:
    """Copies that were never finished."""
    return sorted(folder.glob(f"{DRAFT}*")) if folder.is_dir() else []


def silence_part(path: Path, mute: Mute) -> None:
    """Replace a converted part by one in which a stretch is silent; raises StorageError."""
    refuse_links(path)
    for kind in dict.fromkeys((path.suffix.lstrip("."), "flac")):
        draft = _draft(path, Conversion(kind), mute) if kind in FORMATS else None
        if draft is not None:
            _put(draft, path, path.with_suffix(f".{kind}"))
            return
    raise StorageError(f"The recording {path.name} cannot be changed")


def _to_convert(folder: Path, to: str) -> list[Path]:
    wanted = (WAV, FLAC) if to == "opus" else (WAV,)
    files = [path for paths in track_files(folder).values() for path in paths]
    return [path for path in files if path.suffix in wanted]


def _converted(path: Path, how: Conversion) -> Path | None:
    """The copy that has replaced `path`; None if none proved right, or it was cancelled."""
    if not _is_readable(path):
        return None
    for kind in dict.fromkeys((how.to, "flac")):  # what Opus cannot keep, FLAC can
        if f".{kind}" == path.suffix:
            return None
        draft = _draft(path, Conversion(kind, how.cancelled, how.progress, how.free), None)
        if draft is not None:
            return _put(draft, path, path.with_suffix(f".{kind}"))
        if how.cancelled():
            return None
    return None


def _is_readable(path: Path) -> bool:
    """Whether a file's header counts what is in it; it is set right first, if need be."""
    refuse_links(path)
    return path.suffix != WAV or repair(path).usable


def _draft(path: Path, how: Conversion, mute: Mute | None) -> Path | None:
    """A copy of `path` that was read back and compared; None if it is not right."""
    import soundfile

    draft = path.with_name(f"{DRAFT}{secrets.token_hex(4)}.{how.to}")
    kept = False
    try:
        _encode(path, draft, how, mute)
        kept = not how.cancelled() and _matches(path, draft, how, mute)
    except OSError as exc:
        raise storage_failure("The recording cannot be converted", exc) from exc
    except (soundfile.SoundFileError, AssertionError):
        # The library cannot tell a full disk from a sound that it refuses.
        require_space(path.parent, path.stat().st_size, how.free)
    finally:
        if not kept:
            draft.unlink(missing_ok=True)
    return draft if kept else None


def _encode(path: Path, draft: Path, how: Conversion, mute: Mute | None) -> None:
    import soundfile

    with soundfile.SoundFile(path) as original:
        options = _options(how.to, original)
        with soundfile.SoundFile(draft, "x", **options) as copy:
            for block in _blocks(original, options["samplerate"], mute):
                if how.cancelled():
                    return
                copy.write(block)
    with draft.open("r+b") as file:
        os.fsync(file.fileno())


def _options(to: str, original: soundfile.SoundFile) -> dict[str, object]:
    rate, channels = original.samplerate, original.channels
    if to == "flac":
        return {"samplerate": rate, "channels": channels, "format": "FLAC", "subtype": "PCM_16"}
    rate = min((r for r in _OPUS_RATES if r >= rate), default=_OPUS_RATES[-1])
    return {
        "samplerate": rate, "channels": channels, "format": "OGG", "subtype": "OPUS",
        "compression_level": _OPUS_LEVEL,
    }  # fmt: skip


def _blocks(file: soundfile.SoundFile, rate: object, mute: Mute | None) -> Iterator[Samples]:
    """The sound of `file` from its start at `rate`, exactly as long as it is."""
    assert isinstance(rate, int)
    if rate == file.samplerate:
        yield from _silenced(file, mute)
        return
    import soxr

    stream = soxr.ResampleStream(file.samplerate, rate, file.channels, dtype="int16")
    left = round(file.frames * rate / file.samplerate)
    for block in _silenced(file, mute):
        out = stream.resample_chunk(block)[:left]
        left -= len(out)
        yield np.asarray(out, np.int16)
    tail = stream.resample_chunk(np.zeros((0, file.channels), np.int16), last=True)[:left]
    padding = np.zeros((left - len(tail), file.channels), np.int16)
    yield np.concatenate([np.asarray(tail, np.int16).reshape(-1, file.channels), padding])


def _silenced(file: soundfile.SoundFile, mute: Mute | None) -> Iterator[Samples]:
    file.seek(0)
    first, rate = 0, file.samplerate
    while len(block := file.read(_BLOCK, dtype="int16", always_2d=True)):
        if mute is not None:
            low, high = round(mute[0] * rate) - first, round(mute[1] * rate) - first
            block[max(0, low) : max(0, high)] = 0
        first += len(block)
        yield block


def _is_copy(original: Path, copy: Path) -> bool:
    """Whether `copy` is whole and tells the same as `original`."""
    import soundfile

    try:
        return _is_readable(original) and _matches(
            original, copy, Conversion(copy.suffix[1:]), None
        )
    except (soundfile.SoundFileError, OSError):
        return False


def _matches(path: Path, draft: Path, how: Conversion, mute: Mute | None) -> bool:
    import soundfile

    compare: _Exact | _Alike = _Exact() if how.to == "flac" else _Alike()
    with soundfile.SoundFile(path) as original, soundfile.SoundFile(draft) as copy:
        pairs = zip_longest(
            _evenly(_blocks(original, copy.samplerate, mute)),
            _evenly(_blocks(copy, copy.samplerate, None)),
        )
        for one, other in pairs:
            if how.cancelled() or one is None or other is None or one.shape != other.shape:
                return False
            compare.add(one, other)
    return compare.same


def _evenly(blocks: Iterator[Samples]) -> Iterator[Samples]:
    """The same sound in blocks of one length."""
    waiting: list[Samples] = []
    count = 0
    for block in blocks:
        waiting.append(block)
        count += len(block)
        if count >= _BLOCK:
            joined = np.concatenate(waiting)
            whole = count - count % _BLOCK
            yield from np.split(joined[:whole], whole // _BLOCK)
            waiting, count = [joined[whole:]], count - whole
    if count:
        yield np.concatenate(waiting)


class _Exact:
    """Every sample must be the same."""

    def __init__(self) -> None:
        self.same = True

    def add(self, one: Samples, other: Samples) -> None:
        self.same = self.same and bool(np.array_equal(one, other))


class _Alike:
    """In every block the sound must move together; where there is next to none, be as faint."""

    def __init__(self) -> None:
        self.same = True

    def add(self, one: Samples, other: Samples) -> None:
        a, b = one.astype(np.float32).ravel(), other.astype(np.float32).ravel()
        loud, copied = float(np.vdot(a, a)), float(np.vdot(b, b))
        faint = _FAINT * _FAINT * a.size
        if loud < faint:
            alike = copied < 4 * faint
        else:
            alike = float(np.vdot(a, b)) >= _ALIKE * float((loud * copied) ** 0.5) > 0
        self.same = self.same and alike


def _put(draft: Path, path: Path, copy: Path) -> Path:
    """Give the finished `draft` the name `copy`, durably, and only then remove `path`."""
    try:
        times = path.stat()
        os.utime(draft, ns=(times.st_atime_ns, times.st_mtime_ns))
        draft.replace(copy)
        sync_folder(copy.parent)
        if path != copy:
            path.unlink()
            sync_folder(copy.parent)
    except OSError as exc:
        draft.unlink(missing_ok=True)
        raise storage_failure("The recording cannot be converted", exc) from exc
    return copy
