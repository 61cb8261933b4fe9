from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from app.core.audio import AudioFormat
from app.core.errors import MeetingDamagedError, MeetingMissingError
from app.session.audio import AudioReader, Part
from app.session.tracks import missing_parts, track_files
from app.session.writer import TrackWriter
from tests.session.sound import MONO, STEREO, ramp


def _record(folder: Path, track: str, frames: int, audio_format: AudioFormat = MONO) -> None:
    writer = TrackWriter(folder, track, audio_format, rotate_s=0.5)
    writer.write(ramp(0, frames, audio_format.channels).tobytes())
    writer.close()


@pytest.mark.parametrize("audio_format", [MONO, STEREO])
@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1.5), (0.1, 0.2), (0.45, 0.55), (0.5, 1.0), (0.3, 1.3), (1.4, 9), (-1, 1)],
)
def test_any_stretch_can_be_read(
    tmp_path: Path, audio_format: AudioFormat, start: float, end: float
) -> None:
    _record(tmp_path, "mic", 12_000, audio_format)
    sound = AudioReader(tmp_path).read("mic", start, end)
    whole = ramp(0, 12_000)[:, 0] / 32_768
    expected = whole[max(0, round(start * 8_000)) : round(end * 8_000)]
    assert sound.rate == 8_000
    assert sound.samples.dtype == np.float32
    assert np.allclose(sound.samples, expected, atol=1e-6)


def test_a_stretch_behind_the_end_is_empty(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 8_000)
    assert AudioReader(tmp_path).read("mic", 5, 6).samples.size == 0
    assert AudioReader(tmp_path).read("mic", 0.6, 0.5).samples.size == 0


def test_channels_are_mixed(tmp_path: Path) -> None:
    writer = TrackWriter(tmp_path, "mic", STEREO)
    writer.write(np.array([[8_192, 0]] * 10, np.int16).tobytes())
    writer.close()
    assert np.allclose(AudioReader(tmp_path).read("mic", 0, 1).samples, 0.125)


def test_channels_that_cancel_each_other_out_are_not_lost(tmp_path: Path) -> None:
    one = (8_192 * np.sin(np.arange(8_000) / 5)).astype(np.int16)
    writer = TrackWriter(tmp_path, "mic", STEREO)
    writer.write(np.stack([one, -one], axis=1).tobytes())
    writer.close()
    reader = AudioReader(tmp_path)
    for start in (0.0, 0.25, 0.5):
        read = reader.read("mic", start, start + 0.25).samples
        wanted = one[round(start * 8_000) : round((start + 0.25) * 8_000)] / 32_768
        assert np.allclose(read, wanted, atol=1e-6)


def test_tracks_and_durations(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 12_000)
    _record(tmp_path, "system", 4_000)
    reader = AudioReader(tmp_path)
    assert reader.tracks == ["mic", "system"]
    assert (reader.duration("system"), reader.duration()) == (0.5, 1.5)


def test_without_a_recording_there_is_nothing(tmp_path: Path) -> None:
    reader = AudioReader(tmp_path / "gone")
    assert (reader.tracks, reader.duration(), reader.duration("mic")) == ([], 0.0, 0.0)
    with pytest.raises(MeetingMissingError, match="no recording of mic"):
        reader.read("mic", 0, 1)


def test_an_empty_last_file_is_passed_over(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 4_000)
    (tmp_path / "mic-0002.wav").touch()
    assert AudioReader(tmp_path).duration("mic") == 0.5


def test_a_file_that_vanishes_while_reading_is_told(tmp_path: Path) -> None:
    class Slow(AudioReader):
        def parts(self, track: str) -> list[Part]:
            parts = super().parts(track)
            (tmp_path / "mic-0001.wav").unlink(missing_ok=True)
            return parts or known

    _record(tmp_path, "mic", 4_000)
    known = AudioReader(tmp_path).parts("mic")
    with pytest.raises(MeetingDamagedError, match=r"mic-0001\.wav"):
        Slow(tmp_path).read("mic", 0, 1)


def test_all_tracks_are_heard_together_and_never_clip(tmp_path: Path) -> None:
    for track, level in (("mic", 30_000), ("system", 31_000)):
        writer = TrackWriter(tmp_path, track, MONO)
        writer.write(np.full(8_000, level, np.int16).tobytes())
        writer.write(np.full(8_000, 1_000, np.int16).tobytes())
        writer.close()
    mix = AudioReader(tmp_path).read("", 0, 2)
    assert (mix.rate, len(mix.samples)) == (8_000, 16_000)
    assert np.all(np.abs(mix.samples) <= 1.0)
    assert np.all(mix.samples[:8_000] > 0.98)
    assert np.allclose(mix.samples[8_000:], 2_000 / 32_768), "what is not loud is the plain sum"


def test_a_mix_is_as_long_as_the_longest_track_and_the_same_in_pieces(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 8_000)
    writer = TrackWriter(tmp_path, "system", AudioFormat(16_000, 2))
    tone = (9_000 * np.sin(np.arange(48_000) / 30)).astype(np.int16)
    writer.write(np.repeat(tone[:, None], 2, axis=1).tobytes())
    writer.close()
    reader = AudioReader(tmp_path)
    whole = reader.read("", 0, 9)
    assert (whole.rate, len(whole.samples)) == (16_000, 48_000)
    pieces = [reader.read("", at / 4, (at + 1) / 4).samples for at in range(12)]
    # A change of rate sees a little more or less of what is around each piece.
    assert np.allclose(np.concatenate(pieces), whole.samples, atol=2e-3)


def test_one_track_alone_is_not_changed_by_mixing(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 8_000)
    reader = AudioReader(tmp_path)
    assert np.array_equal(reader.read("", 0.2, 0.9).samples, reader.read("mic", 0.2, 0.9).samples)
    with pytest.raises(MeetingMissingError):
        AudioReader(tmp_path / "gone").read("", 0, 1)


def test_a_missing_part_is_silence_and_the_others_keep_their_places(tmp_path: Path) -> None:
    _record(tmp_path, "mic", 12_000)
    (tmp_path / "mic-0002.wav").unlink()
    reader = AudioReader(tmp_path)
    expected = ramp(0, 12_000)[:, 0] / 32_768
    expected[4_000:8_000] = 0
    assert np.allclose(reader.read("mic", 0, 9).samples, expected, atol=1e-6)
    assert missing_parts(tmp_path) == ["mic-0002.wav"]


def test_the_header_of_a_file_that_is_being_written_is_not_needed(tmp_path: Path) -> None:
    writer = TrackWriter(tmp_path, "mic", MONO)
    writer.write(ramp(0, 100).tobytes())
    assert len(AudioReader(tmp_path).read("mic", 0, 1).samples) == 100
    writer.close()


def test_a_day_long_track_in_parts_is_read_quickly(tmp_path: Path) -> None:
    """24 hours in files of half an hour, of which one stretch after another is wanted."""
    form = AudioFormat(100, 1)
    writer = TrackWriter(tmp_path, "mic", form, rotate_s=1_800)
    writer.write(bytes(2 * 100 * 86_400))
    writer.close()
    reader = AudioReader(tmp_path)
    started = time.process_time()
    for at in range(0, 86_400, 600):
        assert len(reader.read("mic", at - 15, at + 15).samples) in (1_500, 3_000)
    assert len(track_files(tmp_path)["mic"]) == 48
    assert time.process_time() - started < 2.0
