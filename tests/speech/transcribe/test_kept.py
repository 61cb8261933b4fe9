"""The newest audio of a stream in one block of memory."""

from __future__ import annotations

import numpy as np
import pytest

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.kept import KeptAudio

RAMP = np.arange(200 * SPEECH_RATE, dtype=np.float32)


def fed(until: int, kept: int, *, size: int = 640) -> KeptAudio:
    """Samples 0 to `until`, of which the newest `kept` are wanted."""
    audio = KeptAudio()
    for at in range(0, until, size):
        audio.append(AudioChunk(at, RAMP[at : min(at + size, until)]))
        audio.forget_before(audio.end - kept)
    return audio


@pytest.mark.parametrize("seconds", [5, 44, 46, 91, 200])
@pytest.mark.parametrize("kept", [3, 30, 120])
def test_the_newest_audio_is_kept_however_long_it_goes_on(seconds: int, kept: int) -> None:
    audio = fed(seconds * SPEECH_RATE, kept * SPEECH_RATE)
    first = max(0, (seconds - kept) * SPEECH_RATE)
    part = audio.part(0, 1 << 40)
    assert part.first_sample == audio.first == first
    assert np.array_equal(part.samples, RAMP[first : seconds * SPEECH_RATE])


def test_a_part_is_as_much_of_it_as_is_there() -> None:
    audio = fed(32_000, 16_000)
    assert audio.part(0, 17_000).samples.tolist() == RAMP[16_000:17_000].tolist()
    assert audio.part(40_000, 50_000).samples.size == 0
    assert audio.part(20_000, 18_000).samples.size == 0
    assert [audio.within(at) for at in (0, 20_000, 99_999)] == [16_000, 20_000, 32_000]


def test_behind_a_hole_it_begins_anew() -> None:
    audio = fed(6400, 6400)
    audio.append(AudioChunk(9000, RAMP[9000:9640]))
    part = audio.part(0, 1 << 40)
    assert (part.first_sample, part.samples.tolist()) == (9000, RAMP[9000:9640].tolist())
