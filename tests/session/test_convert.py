from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from app.core.audio import AudioFormat
from app.core.errors import DiskFullError, StorageError
from app.session import convert
from app.session.audio import AudioReader
from app.session.convert import Conversion, convert_folder, is_converted, tidy
from app.session.erase import erase_sound
from app.session.writer import TrackWriter
from tests.session.limits import largest_file, needs_limits

SPOKEN = AudioFormat(16_000, 1)
ODD = AudioFormat(44_100, 2)


def _voice(frames: int, audio_format: AudioFormat) -> NDArray[np.int16]:
    """Something that sounds like speech to a codec: tones that come and go, and some noise."""
    at = np.arange(frames) / audio_format.rate
    tone = sum(np.sin(2 * np.pi * hz * at) / n for n, hz in enumerate((140, 280, 420, 700), 1))
    wave = 6_000 * tone * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * at))
    wave += np.random.default_rng(3).normal(0, 60, frames)
    return np.repeat(wave.astype(np.int16)[:, None], audio_format.channels, axis=1)


def _record(folder: Path, audio_format: AudioFormat = SPOKEN, seconds: float = 2.5) -> None:
    folder.mkdir(exist_ok=True)
    for track in ("mic", "system"):
        writer = TrackWriter(folder, track, audio_format, rotate_s=1.0)
        writer.write(_voice(int(seconds * audio_format.rate), audio_format).tobytes())
        writer.close()


def _sound(folder: Path, track: str = "mic") -> NDArray[np.float32]:
    return AudioReader(folder).read(track, 0, 1e6).samples


def _names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(".json"))


def _alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return bool(np.corrcoef(one, other)[0, 1] > 0.98)


def test_flac_is_bit_for_bit_the_same_and_smaller(tmp_path: Path) -> None:
    _record(tmp_path, ODD)
    before, sizes = _sound(tmp_path), sum(p.stat().st_size for p in tmp_path.glob("*.wav"))
    stamp = (tmp_path / "mic-0002.wav").stat().st_mtime_ns
    shares: list[float] = []
    done = convert_folder(tmp_path, Conversion("flac", progress=shares.append))
    assert _names(tmp_path) == [f"{t}-000{n}.flac" for t in ("mic", "system") for n in (1, 2, 3)]
    assert np.array_equal(_sound(tmp_path), before)
    assert (done.parts, done.kept, done.before) == (6, (), sizes)
    assert done.after == sum(p.stat().st_size for p in tmp_path.glob("*.flac")) < sizes
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert (tmp_path / "mic-0002.flac").stat().st_mtime_ns == stamp
    assert is_converted(tmp_path, "flac")
    assert not is_converted(tmp_path, "opus")


@pytest.mark.parametrize("audio_format", [SPOKEN, ODD, AudioFormat(48_000, 2)])
def test_opus_is_as_long_and_sounds_the_same(tmp_path: Path, audio_format: AudioFormat) -> None:
    _record(tmp_path, audio_format)
    reader = AudioReader(tmp_path)
    before = reader.read("mic", 0, 9)
    assert convert_folder(tmp_path, Conversion("opus")).kept == ()
    after = AudioReader(tmp_path).read("mic", 0, 9)
    assert {p.suffix for p in tmp_path.iterdir()} == {".opus", ".json"}
    assert reader.duration("mic") == pytest.approx(2.5, abs=1e-4)
    if after.rate == before.rate:
        assert _alike(before.samples, after.samples)
    assert len(after.samples) == round(2.5 * after.rate)


def test_flac_becomes_opus_but_never_back(tmp_path: Path) -> None:
    _record(tmp_path)
    convert_folder(tmp_path, Conversion("flac"))
    convert_folder(tmp_path, Conversion("opus"))
    names = _names(tmp_path)
    assert all(name.endswith(".opus") for name in names)
    assert convert_folder(tmp_path, Conversion("flac")).parts == 0
    assert _names(tmp_path) == names


def test_silence_and_noise_can_be_converted_too(tmp_path: Path) -> None:
    writer = TrackWriter(tmp_path, "mic", SPOKEN)
    writer.write(bytes(32_000))
    writer.close()
    loud = TrackWriter(tmp_path, "noise", SPOKEN)
    noise = np.random.default_rng(1).normal(0, 8_000, 16_000).astype(np.int16)
    loud.write(noise.tobytes())
    loud.close()
    assert convert_folder(tmp_path, Conversion("opus")).kept == ()
    assert not np.any(np.abs(_sound(tmp_path)) > 0.002)
    heard = np.corrcoef(_sound(tmp_path, "noise"), noise)[0, 1]
    assert heard > 0.6
    assert {p.suffix for p in tmp_path.iterdir()} == {".opus", ".json"}


def test_a_copy_that_is_not_right_never_replaces_the_original(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _record(tmp_path)
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    real = convert._encode

    def spoil(path: Path, draft: Path, how: Conversion, mute: convert.Mute | None) -> None:
        real(path, draft, how, mute)
        samples, rate = soundfile.read(draft, dtype="int16")
        samples[-1] ^= 1
        soundfile.write(draft, samples, rate, format="FLAC", subtype="PCM_16")

    monkeypatch.setattr(convert, "_encode", spoil)
    done = convert_folder(tmp_path, Conversion("flac"))
    assert (done.parts, len(done.kept)) == (0, 6)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def _after(patience: int) -> Callable[[], bool]:
    """Says that it was cancelled from the nth question on."""
    asked = count()
    return lambda: next(asked) >= patience


def test_it_can_be_cancelled_at_any_point(tmp_path: Path) -> None:
    _record(tmp_path)
    before = _sound(tmp_path)
    done: list[int] = []
    for patience in (0, 1, 3, 8, 20):
        convert_folder(tmp_path, Conversion("flac", cancelled=_after(patience)))
        assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
        assert np.array_equal(_sound(tmp_path), before)
        done.append(len(list(tmp_path.glob("*.flac"))))
    assert done == sorted(done)
    assert (done[0], done[1]) == (0, 0)
    assert done[-1] > 0


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.parametrize("spoilt", ["silent", "elsewhere", "short"])
def test_what_opus_does_not_keep_alike_is_kept_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: str
) -> None:
    """A moment that is lost, or moved, is enough."""
    _record(tmp_path, seconds=10.0)
    before = _sound(tmp_path)
    real = convert._encode

    def spoil(path: Path, draft: Path, how: Conversion, mute: convert.Mute | None) -> None:
        real(path, draft, how, mute)
        samples, rate = soundfile.read(draft, dtype="int16")
        if how.to == "flac":
            return
        if spoilt == "silent":
            samples[: len(samples) * 4 // 5] = 0
        if spoilt == "elsewhere":
            samples = np.roll(samples, rate // 250)
        if spoilt == "short":
            samples = samples[:-1]
        soundfile.write(draft, samples, rate, format="OGG", subtype="OPUS")

    monkeypatch.setattr(convert, "_encode", spoil)
    assert convert_folder(tmp_path, Conversion("opus")).kept == ()
    assert {p.suffix for p in tmp_path.iterdir()} == {".flac", ".json"}
    assert np.array_equal(_sound(tmp_path), before)


@pytest.mark.parametrize("step", range(1, 12))
def test_an_end_at_any_step_leaves_the_original_or_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The process dies before the nth change to the folder, and cleans nothing up."""
    _record(tmp_path, seconds=1.5)
    before = _sound(tmp_path)
    changes = iter(range(1, 1_000))

    def dying(name: str) -> None:
        real = getattr(Path, name)

        def act(self: Path, *args: object, **options: object) -> object:
            if next(changes) >= step:
                raise Killed
            return real(self, *args, **options)

        monkeypatch.setattr(Path, name, act)

    dying("replace")
    dying("unlink")
    real_encode = convert._encode

    def encode(path: Path, draft: Path, how: Conversion, mute: convert.Mute | None) -> None:
        real_encode(path, draft, how, mute)
        if next(changes) >= step:
            raise Killed

    monkeypatch.setattr(convert, "_encode", encode)
    with pytest.raises(Killed):
        convert_folder(tmp_path, Conversion("flac"))
    monkeypatch.undo()
    assert np.array_equal(_sound(tmp_path), before)
    tidy(tmp_path)
    assert np.array_equal(_sound(tmp_path), before)
    assert len(_names(tmp_path)) == 4, "each part once, and no draft"
    assert convert_folder(tmp_path, Conversion("flac")).kept == ()
    assert np.array_equal(_sound(tmp_path), before)


def test_a_copy_that_was_cut_off_is_removed_and_the_original_stays(tmp_path: Path) -> None:
    _record(tmp_path)
    before = _sound(tmp_path)
    samples, rate = soundfile.read(tmp_path / "mic-0001.wav", dtype="int16")
    soundfile.write(tmp_path / "mic-0001.flac", samples[:-1], rate, subtype="PCM_16")
    (tmp_path / "mic-0002.flac").write_bytes(b"fLaC")
    (tmp_path / ".draft-0011.flac").write_bytes(b"")
    assert np.array_equal(_sound(tmp_path), before), "the original counts while both are there"
    tidy(tmp_path)
    assert all(name.endswith(".wav") for name in _names(tmp_path))
    tidy(tmp_path / "gone")


def test_a_header_that_lies_does_not_lose_what_is_there(tmp_path: Path) -> None:
    _record(tmp_path, seconds=0.5)
    before = _sound(tmp_path)
    path = tmp_path / "mic-0001.wav"
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = bytes(4)
    path.write_bytes(content)
    convert_folder(tmp_path, Conversion("flac"))
    assert np.array_equal(_sound(tmp_path), before)


def test_without_room_for_a_copy_nothing_is_begun(tmp_path: Path) -> None:
    _record(tmp_path)
    before = _names(tmp_path)
    with pytest.raises(DiskFullError, match="nearly full") as told:
        convert_folder(tmp_path, Conversion("flac", free=lambda _folder: 200_000_000))
    assert told.value.hint
    assert _names(tmp_path) == before


@needs_limits
@pytest.mark.parametrize("kind", ["flac", "opus"])
def test_a_disk_that_fills_up_meanwhile_leaves_the_original(tmp_path: Path, kind: str) -> None:
    _record(tmp_path, seconds=1.0)
    before = _sound(tmp_path)
    # The library may tell of the full disk, or nothing but a failure.
    with largest_file(3_000), contextlib.suppress(StorageError):
        assert convert_folder(tmp_path, Conversion(kind)).parts == 0
    assert np.array_equal(_sound(tmp_path), before)
    assert all(name.endswith(".wav") for name in _names(tmp_path))


def test_nothing_is_converted_through_a_link(tmp_path: Path) -> None:
    _record(tmp_path / "audio")
    (tmp_path / "audio" / "mic-0001.wav").rename(tmp_path / "precious.wav")
    (tmp_path / "audio" / "mic-0001.wav").symlink_to(tmp_path / "precious.wav")
    with pytest.raises(StorageError, match="link"):
        convert_folder(tmp_path / "audio", Conversion("flac"))
    assert (tmp_path / "precious.wav").exists()
    (tmp_path / "link").symlink_to(tmp_path / "audio")
    for use in (lambda p: convert_folder(p, Conversion("flac")), tidy):
        with pytest.raises(StorageError, match="link"):
            use(tmp_path / "link")


@pytest.mark.parametrize("kind", ["wav", "flac", "opus"])
@pytest.mark.parametrize(("start", "end"), [(0.25, 0.5), (0.75, 2.25), (0.0, 9.0), (2.0, 2.1)])
def test_a_stretch_is_silenced_and_the_clock_keeps_its_place(
    tmp_path: Path, kind: str, start: float, end: float
) -> None:
    _record(tmp_path)
    if kind != "wav":
        convert_folder(tmp_path, Conversion(kind))
    before = _sound(tmp_path)
    erase_sound(tmp_path, start, end)
    for track in ("mic", "system"):
        after = _sound(tmp_path, track)
        assert len(after) == len(before)
        low, high = round(start * SPOKEN.rate), round(end * SPOKEN.rate)
        # A codec may ring for a moment where sound begins and ends.
        ring = 0 if kind != "opus" else SPOKEN.rate // 50
        assert not np.any(np.abs(after[low + ring : max(0, high - ring)]) > 0.004)
        outside = np.r_[before[: max(0, low - ring)], before[high + ring :]]
        kept = np.r_[after[: max(0, low - ring)], after[high + ring :]]
        same = np.array_equal(outside, kept) if kind != "opus" else True
        assert same
        assert kind != "opus" or not len(outside) or _alike(outside, kept)


def test_only_one_track_can_be_silenced(tmp_path: Path) -> None:
    _record(tmp_path)
    system = _sound(tmp_path, "system")
    erase_sound(tmp_path, 0, 9, "mic")
    assert not np.any(_sound(tmp_path))
    assert np.array_equal(_sound(tmp_path, "system"), system)


def test_drafts_and_copies_are_forgotten_as_well(tmp_path: Path) -> None:
    _record(tmp_path)
    (tmp_path / ".draft-0011.flac").write_bytes(b"secret")
    samples, rate = soundfile.read(tmp_path / "mic-0001.wav", dtype="int16")
    soundfile.write(tmp_path / "mic-0001.flac", samples, rate, subtype="PCM_16")
    erase_sound(tmp_path, 0, 1)
    assert all(name.endswith(".wav") for name in _names(tmp_path))


def test_nothing_is_silenced_through_a_link(tmp_path: Path) -> None:
    _record(tmp_path / "audio", seconds=0.5)
    precious = tmp_path / "precious.wav"
    (tmp_path / "audio" / "mic-0001.wav").rename(precious)
    (tmp_path / "audio" / "mic-0001.wav").symlink_to(precious)
    before = precious.read_bytes()
    with pytest.raises(StorageError, match="link"):
        erase_sound(tmp_path / "audio", 0, 1)
    assert precious.read_bytes() == before


def test_a_disk_error_while_silencing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _record(tmp_path, seconds=0.5)

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(StorageError, match="cannot be changed"):
        erase_sound(tmp_path, 0, 1)
