"""Media files of every kind, good and bad."""

from __future__ import annotations

import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from app.capture.media import MediaFile, PacedMediaSource
from app.core.errors import MediaError
from tests.capture.heard import Heard
from tests.capture.sounds import encode, encode_picture, pcm, read_all, sine, write_wav

LOSSLESS = [
    ("a.wav", "pcm_s16le", 44_100, "stereo"),
    ("a.wav", "pcm_s24le", 48_000, "mono"),
    ("a.wav", "pcm_f32le", 22_050, "stereo"),
    ("a.flac", "flac", 96_000, "mono"),
]
LOSSY = [
    ("a.mp3", "libmp3lame", 44_100, "stereo"),
    ("a.opus", "libopus", 48_000, "mono"),
    ("a.m4a", "aac", 44_100, "mono"),
    ("a.mp4", "aac", 48_000, "stereo"),
    ("a.mkv", "libopus", 48_000, "stereo"),
]


@pytest.mark.parametrize(("name", "codec", "rate", "layout"), LOSSLESS)
def test_lossless_files_come_out_as_they_went_in(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str
) -> None:
    samples, media = read_all(encode(tmp_path / name, codec, rate, layout))

    expected = pcm(sine(1.0, rate), 1 if layout == "mono" else 2)
    assert samples.dtype == np.int16
    assert samples.shape == expected.shape
    assert np.abs(samples.astype(int) - expected).max() <= 1
    assert media.damage is None


@pytest.mark.parametrize(("name", "codec", "rate", "layout"), LOSSY)
def test_lossy_files_keep_their_tone_rate_and_length(
    tmp_path: Path, name: str, codec: str, rate: int, layout: str
) -> None:
    samples, media = read_all(encode(tmp_path / name, codec, rate, layout))

    assert samples.shape[1] == (1 if layout == "mono" else 2)
    assert len(samples) / rate == pytest.approx(1.0, abs=0.05)
    spectrum = np.abs(np.fft.rfft(samples[:rate, 0]))
    assert np.argmax(spectrum) * rate / len(samples[:rate]) == pytest.approx(440, abs=2)
    assert media.damage is None


def test_more_than_two_channels_become_stereo(tmp_path: Path) -> None:
    samples, _ = read_all(encode(tmp_path / "a.flac", "flac", 48_000, "5.1"))

    assert samples.shape == (48_000, 2)
    assert np.abs(samples).max() > 5000


def test_blocks_have_their_length_and_place(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", pcm(sine(1.01, 44_100), 2), 44_100)

    with MediaFile(path) as media:
        form = media.open()
        blocks = list(media.blocks(0.1))

    assert (form.rate, form.channels) == (44_100, 2)
    assert media.duration == pytest.approx(1.01)
    assert [block.frames for block in blocks] == [4410] * 10 + [441]
    assert [block.first_frame for block in blocks] == [4410 * i for i in range(11)]


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "long.wav", np.zeros((48_000 * 60, 2), np.int16), 48_000)

    with MediaFile(path) as media:
        media.open()
        tracemalloc.start()
        frames = sum(block.frames for block in media.blocks())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert frames == 48_000 * 60
    assert peak < 1_000_000


def test_a_name_that_looks_like_a_pattern_or_protocol_is_just_a_name(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "http:part%03d.wav", pcm(sine(0.1, 8000)), 8000)

    samples, _ = read_all(path)

    assert len(samples) == 800


def _not_media(folder: Path) -> dict[str, Path]:
    good = write_wav(folder / "good.wav", pcm(sine(1.0, 8000)), 8000).read_bytes()
    contents = {
        "empty.wav": b"",
        "text.txt": b"not a sound\n" * 40,
        "zeros.mp3": bytes(4000),
        "header.wav": good[:44],
        "list.m3u8": b"#EXTM3U\n#EXTINF:3,\nhttp://example.com/a.ts\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return {name: folder / name for name in contents} | {
        "missing.wav": folder / "missing.wav",
        "folder": folder,
        "null": folder / "a\0b.wav",
        "silent.mp4": encode_picture(folder / "silent.mp4"),
    }


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("empty.wav", "is empty"),
        ("text.txt", "holds no sound"),
        ("zeros.mp3", "not a media file"),
        ("header.wav", "holds no sound"),
        ("list.m3u8", "not a media file"),
        ("missing.wav", "does not exist"),
        ("folder", "is a folder"),
        ("null", "cannot be read"),
        ("silent.mp4", "holds no sound"),
    ],
)
def test_what_is_no_sound_is_refused_with_a_sentence_and_a_hint(
    tmp_path: Path, kind: str, words: str
) -> None:
    media = MediaFile(_not_media(tmp_path)[kind])

    with pytest.raises(MediaError, match=words) as caught:
        media.open()

    assert caught.value.hint
    assert not str(caught.value).endswith(".")
    media.close()


def test_a_truncated_container_without_its_index_is_refused(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.m4a", "aac", 44_100)
    path.write_bytes(path.read_bytes()[:4000])

    with pytest.raises(MediaError, match="not a media file, or it is damaged"):
        MediaFile(path).open()


@pytest.mark.parametrize(("name", "codec"), [("a.wav", "pcm_s16le"), ("a.flac", "flac")])
def test_of_a_truncated_file_the_rest_is_played_and_the_lack_is_told(
    tmp_path: Path, name: str, codec: str
) -> None:
    path = encode(tmp_path / name, codec, 44_100, seconds=4.0)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])

    samples, media = read_all(path)

    assert 1.0 < len(samples) / 44_100 < 2.5
    assert isinstance(media.damage, MediaError)
    assert "incomplete" in str(media.damage)
    assert media.damage.hint


def test_a_damaged_middle_is_left_out_and_told(tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp3", "libmp3lame", 44_100, seconds=4.0)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 400] = np.random.default_rng(1).bytes(400)
    path.write_bytes(content)

    samples, media = read_all(path)

    assert 3.5 < len(samples) / 44_100 < 4.05
    assert "damaged" in str(media.damage)


def test_a_header_that_was_never_finished_is_no_damage(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "live.wav", pcm(sine(0.5, 8000)), 8000)
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = b"\xff\xff\xff\xff"
    path.write_bytes(content)

    samples, media = read_all(path)

    assert len(samples) == 4000
    assert media.damage is None


def test_a_paced_file_comes_at_real_time_without_drift(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", pcm(sine(0.6, 16_000)), 16_000)
    source, heard = PacedMediaSource(MediaFile(path)), Heard()
    source.open()

    started = time.monotonic()
    source.start(heard.deliver, heard.end)
    assert heard.ended.wait(10)
    source.close()

    assert heard.blocks[-1].end_frame == 9600
    early = [b.end - (t - started) for b, t in zip(heard.blocks, heard.times, strict=True)]
    assert max(early) <= 0.001, "a block came before it had been heard"
    assert source.failure is None


def test_a_paced_file_stops_at_once_and_delivers_nothing_more(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", np.zeros((8000 * 60, 1), np.int16), 8000)
    source, heard = PacedMediaSource(MediaFile(path), seconds=30.0), Heard()
    source.open()
    source.start(heard.deliver, heard.end)

    started = time.monotonic()
    source.stop()

    assert time.monotonic() - started < 5.0  # the first block would come after 30 seconds
    source.close()
    assert not heard.blocks
    assert not heard.ended.is_set()


def test_a_paced_file_that_is_cut_ends_with_that_as_its_failure(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "a.wav", pcm(sine(0.2, 8000)), 8000)
    path.write_bytes(path.read_bytes()[:-1600])
    source, heard = PacedMediaSource(MediaFile(path)), Heard()
    source.open()
    source.start(heard.deliver, heard.end)
    assert heard.ended.wait(10)
    source.close()

    assert sum(block.frames for block in heard.blocks) == 800
    assert isinstance(source.failure, MediaError)
