from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.audio import AudioFormat
from app.core.errors import MeetingDamagedError, MeetingMissingError
from app.session.audio import AudioReader
from app.session.wav import TrackWriter
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
        def _parts(self, track: str) -> list[object]:  # type: ignore[override]
            parts = super()._parts(track)
            (tmp_path / "mic-0001.wav").unlink()
            return list(parts)

    _record(tmp_path, "mic", 4_000)
    with pytest.raises(MeetingDamagedError, match=r"mic-0001\.wav"):
        Slow(tmp_path).read("mic", 0, 1)
