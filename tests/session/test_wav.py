from __future__ import annotations

import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from app.core.audio import AudioFormat
from app.core.clock import VirtualClock
from app.core.errors import StorageError
from app.session.tracks import track_files, track_name
from app.session.wav import HEADER_BYTES, header, repair
from app.session.writer import TrackWriter
from tests.session.limits import largest_file, needs_limits
from tests.session.sound import MONO, STEREO, ramp


def _writer(folder: Path, audio_format: AudioFormat = MONO, rotate_s: float = 600) -> TrackWriter:
    return TrackWriter(folder, "mic", audio_format, rotate_s=rotate_s, clock=VirtualClock())


def _content(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    samples, _ = soundfile.read(path, dtype="int16", always_2d=True)
    return np.asarray(samples, np.int16)


@pytest.mark.parametrize("audio_format", [MONO, STEREO, AudioFormat(44_100, 6)])
def test_what_is_written_can_be_read(tmp_path: Path, audio_format: AudioFormat) -> None:
    writer = _writer(tmp_path, audio_format)
    sound = ramp(0, 5_000, audio_format.channels)
    writer.write(sound[:2_000].tobytes())
    writer.write(sound[2_000:].tobytes())
    writer.close()
    path = tmp_path / "mic-0001.wav"
    assert np.array_equal(_content(path), sound)
    about = soundfile.info(path)
    assert (about.samplerate, about.channels) == (audio_format.rate, audio_format.channels)
    assert about.subtype == "PCM_16"


def test_the_file_is_valid_from_the_first_moment(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    assert soundfile.info(tmp_path / "mic-0001.wav").frames == 0
    writer.close()


def test_what_was_written_is_the_systems_at_once(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    writer.write(ramp(0, 100).tobytes())
    assert (tmp_path / "mic-0001.wav").stat().st_size == HEADER_BYTES + 200
    writer.close()


def test_the_header_follows_within_a_second_of_audio(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    for first in range(0, 20_000, 400):
        writer.write(ramp(first, 400).tobytes())
        writer.sync_if_due()
        known = soundfile.info(tmp_path / "mic-0001.wav").frames
        assert writer.frames - known < MONO.rate
    writer.close()


def test_the_header_follows_within_a_second_of_time(tmp_path: Path) -> None:
    clock = VirtualClock()
    writer = TrackWriter(tmp_path, "mic", MONO, clock=clock)
    writer.write(ramp(0, 10).tobytes())
    assert not writer.sync_if_due()
    clock.wait_until(1.0)
    assert writer.sync_if_due()
    assert soundfile.info(tmp_path / "mic-0001.wav").frames == 10
    clock.wait_until(5.0)
    assert not writer.sync_if_due(), "nothing new"
    writer.close()


@pytest.mark.parametrize("size", [1, 700, 1_000, 2_500, 5_000])
def test_files_change_exactly_at_the_limit(tmp_path: Path, size: int) -> None:
    writer = _writer(tmp_path, STEREO, rotate_s=0.125)
    sound = ramp(0, 5_000, 2)
    for first in range(0, len(sound), size):
        writer.write(sound[first : first + size].tobytes())
    assert writer.frames == 5_000
    writer.close()
    files = track_files(tmp_path)["mic"]
    assert [path.name for path in files] == [f"mic-000{n}.wav" for n in range(1, 6)]
    assert np.array_equal(np.concatenate([_content(path) for path in files]), sound)


def test_a_file_stays_far_below_four_gigabytes(tmp_path: Path) -> None:
    writer = _writer(tmp_path, AudioFormat(192_000, 32), rotate_s=1e9)
    assert writer._frames_per_file * 64 <= 1 << 30
    writer.close()


def test_a_track_is_gone_on_with_behind_its_end(tmp_path: Path) -> None:
    for first in (0, 300):
        writer = _writer(tmp_path)
        assert writer.frames == first
        writer.write(ramp(first, 300).tobytes())
        writer.close()
    assert np.array_equal(_content(tmp_path / "mic-0002.wav"), ramp(300, 300))
    assert np.array_equal(_content(tmp_path / "mic-0001.wav"), ramp(0, 300))


def test_two_writers_of_one_track_never_write_over_each_other(tmp_path: Path) -> None:
    writer = _writer(tmp_path, rotate_s=0.1)
    writer.write(ramp(0, 10).tobytes())
    other = _writer(tmp_path)
    other.write(ramp(0, 10).tobytes())
    with pytest.raises(StorageError, match="exists"):
        writer.write(ramp(10, 1_000).tobytes())
    other.close()
    writer.close()
    assert len(_content(tmp_path / "mic-0002.wav")) == 10


@pytest.mark.parametrize("audio_format", [AudioFormat(48_000, 2), AudioFormat(96_000, 8)])
def test_ten_minutes_or_a_gigabyte_fill_a_file(tmp_path: Path, audio_format: AudioFormat) -> None:
    writer = _writer(tmp_path, audio_format)
    size = writer._frames_per_file * 2 * audio_format.channels
    assert size <= 1 << 30
    assert writer._frames_per_file <= 600 * audio_format.rate
    writer.close()


def test_a_file_that_was_removed_while_it_was_written_is_told(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    writer.write(ramp(0, 10).tobytes())
    (tmp_path / "mic-0001.wav").unlink()
    with pytest.raises(StorageError, match=r"mic-0001\.wav was removed") as told:
        writer.sync()
    assert told.value.hint
    with pytest.raises(StorageError):
        writer.close()


@needs_limits
def test_a_full_disk_leaves_a_valid_file(tmp_path: Path) -> None:
    writer = _writer(tmp_path, STEREO)
    sound = ramp(0, 1_000, 2)
    with largest_file(2_046):
        with pytest.raises(StorageError, match="recording cannot be written"):
            writer.write(sound.tobytes())
        writer.close()
    whole = (2_046 - HEADER_BYTES) // 4
    assert writer.frames == whole
    assert np.array_equal(_content(tmp_path / "mic-0001.wav"), sound[:whole])


@needs_limits
def test_no_room_for_a_first_byte_leaves_no_file(tmp_path: Path) -> None:
    with largest_file(10), pytest.raises(StorageError):
        _writer(tmp_path)
    assert list(tmp_path.glob("*.wav")) == []


@pytest.mark.parametrize("claimed", [0, 2, 1 << 20, 0xFFFF_FF00])
def test_repair_trusts_what_is_there_and_not_the_header(tmp_path: Path, claimed: int) -> None:
    path = tmp_path / "mic-0001.wav"
    sound = ramp(0, 500, 2)
    wrong = bytearray(header(STEREO, 0))
    struct.pack_into("<I", wrong, 4, (claimed + 36) % (1 << 32))
    struct.pack_into("<I", wrong, 40, claimed)
    path.write_bytes(bytes(wrong) + sound.tobytes() + b"\x01\x02\x03")
    os.utime(path, ns=(10**18, 10**18 + 7))
    done = repair(path)
    assert (done.usable, done.frames, done.cut_bytes, done.header_fixed) == (True, 500, 3, True)
    assert done.seconds == 500 / 8_000
    assert np.array_equal(_content(path), sound)
    assert path.stat().st_mtime_ns == 10**18 + 7


def test_repair_leaves_a_good_file_alone(tmp_path: Path) -> None:
    writer = _writer(tmp_path)
    writer.write(ramp(0, 300).tobytes())
    writer.close()
    path = tmp_path / "mic-0001.wav"
    before = path.read_bytes()
    done = repair(path)
    assert (done.frames, done.header_fixed, done.cut_bytes) == (300, False, 0)
    assert path.read_bytes() == before


def test_repair_works_wherever_the_file_was_cut(tmp_path: Path) -> None:
    path = tmp_path / "mic-0001.wav"
    whole = header(STEREO, 0) + ramp(0, 6, 2).tobytes()
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        done = repair(path)
        assert done.usable is (cut >= HEADER_BYTES)
        if done.usable:
            assert len(_content(path)) == done.frames == (cut - HEADER_BYTES) // 4


@pytest.mark.parametrize("content", [b"", b"RIFF", b"\x00" * 500, b"ID3" + b"x" * 100])
def test_repair_does_not_touch_what_is_not_ours(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mic-0001.wav"
    path.write_bytes(content)
    assert not repair(path).usable
    assert path.read_bytes() == content


def test_repair_of_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"mic-0001\.wav cannot be repaired"):
        repair(tmp_path / "mic-0001.wav")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("mic", "mic"),
        ("My talk (final).mp4", "My-talk-final-mp4"),
        ("../../etc/passwd", "etc-passwd"),
        ("회의", "회의"),
        ("...", "audio"),
        ("", "audio"),
        ("a" * 300, "a" * 40),
    ],
)
def test_track_names_fit_into_file_names(source: str, name: str) -> None:
    assert track_name(source) == name


def test_tracks_are_told_apart_and_in_order(tmp_path: Path) -> None:
    names = ["mic-0001.wav", "mic-0002.wav", "mic-10000.wav", "a-1-0001.wav", "x.wav"]
    for name in [*names, "mic-0003.txt"]:
        (tmp_path / name).touch()
    tracks = {track: [p.name for p in paths] for track, paths in track_files(tmp_path).items()}
    assert tracks == {"mic": names[:3], "a-1": ["a-1-0001.wav"]}


@pytest.mark.parametrize("garbage", [bytes(44), b"\xff" * 44, b"RIFF" + b"\x07" * 40])
def test_a_destroyed_header_is_made_anew_if_the_format_is_known(
    tmp_path: Path, garbage: bytes
) -> None:
    path = tmp_path / "mic-0001.wav"
    path.write_bytes(garbage + ramp(0, 500, 2).tobytes())
    os.utime(path, ns=(10**18, 10**18 + 7))
    assert not repair(path).usable
    done = repair(path, STEREO)
    assert (done.usable, done.frames, done.header_fixed) == (True, 500, True)
    assert np.array_equal(_content(path), ramp(0, 500, 2))
    assert path.stat().st_mtime_ns == 10**18 + 7
    assert (tmp_path / "mic-0001.header.damaged.bin").read_bytes() == garbage


def test_the_format_that_was_noted_counts_more_than_the_header(tmp_path: Path) -> None:
    path = tmp_path / "mic-0001.wav"
    path.write_bytes(header(AudioFormat(8_001, 1), 2_000) + ramp(0, 500, 2).tobytes())
    assert repair(path, STEREO).frames == 500
    assert soundfile.info(path).samplerate == 8_000


@pytest.mark.parametrize("content", [b"fLaC", b"OggS", b"ID3\x03", b"RIFF" + bytes(32) + b"LIST"])
def test_another_kind_of_file_is_left_alone_even_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "mic-0001.wav"
    path.write_bytes(content + bytes(200))
    assert not repair(path, STEREO).usable
    assert path.read_bytes() == content + bytes(200)


@pytest.mark.parametrize("kind", ["RF64", "WAV"])
@pytest.mark.parametrize("cut", [0, 1, 2, 1_001])
def test_a_file_of_another_program_keeps_its_shape(tmp_path: Path, kind: str, cut: int) -> None:
    path = tmp_path / "mic-0001.wav"
    with soundfile.SoundFile(path, "w", 8_000, 2, "PCM_16", format=kind) as file:
        file.title = "a title, in a chunk before the sound"
        file.write(ramp(0, 1_000, 2))
    whole = path.read_bytes()
    assert len(whole) > HEADER_BYTES + 4_000, "there are other chunks"
    path.write_bytes(whole[: len(whole) - cut])
    done = repair(path, STEREO)
    frames = 1_000 - (cut + 3) // 4
    assert (done.usable, done.frames) == (True, frames)
    assert np.array_equal(_content(path), ramp(0, frames, 2))


def test_chunks_behind_the_sound_are_not_sound(tmp_path: Path) -> None:
    path = tmp_path / "mic-0001.wav"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_16", format="WAVEX") as file:
        file.write(ramp(0, 100))
    content = bytearray(path.read_bytes()) + b"LIST\x04\x00\x00\x00INFO"
    struct.pack_into("<I", content, 4, len(content) - 8)
    path.write_bytes(content)
    done = repair(path)
    assert (done.frames, done.header_fixed) == (100, False)
    assert path.read_bytes() == content


def test_nothing_is_repaired_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "precious.wav"
    elsewhere.write_bytes(header(MONO, 0) + ramp(0, 10).tobytes())
    before = elsewhere.read_bytes()
    (tmp_path / "mic-0001.wav").symlink_to(elsewhere)
    with pytest.raises(StorageError, match="link"):
        repair(tmp_path / "mic-0001.wav")
    assert elsewhere.read_bytes() == before
