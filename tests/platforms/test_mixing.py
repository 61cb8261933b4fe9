"""Streams of all shapes become one run of 48 kHz stereo."""

from __future__ import annotations

import numpy as np
import pytest

from app.platforms.feed import Packet
from app.platforms.mixing import FORMAT, Line, Mixer, stereo
from app.platforms.system_audio import Fragment

RATE = FORMAT.rate


def _packet(samples: list[list[float]], at: float, *, broken: bool = False) -> Packet:
    return Packet(0, at, (np.array(samples, "<f4").tobytes(),), broken)


def _line(rate: int = RATE, channels: int = 2) -> Line:
    return Line(rate, lambda p: np.frombuffer(p.data[0], "<f4").reshape(-1, channels), 0.0)


def _mixer(*lines: Line) -> Mixer:
    mixer = Mixer()
    mixer.use(lines)
    return mixer


def _taken(mixer: Mixer) -> list[Fragment]:
    fragments = []
    while (fragment := mixer.take()) is not None:
        fragments.append(fragment)
    return fragments


@pytest.mark.parametrize(
    ("channels", "expected"),
    [
        ([0.5], (0.5, 0.5)),
        ([0.1, 0.2], (0.1, 0.2)),
        ([0.1, 0.2, 0.9], (0.1, 0.2)),  # 2.1: without the bass
        ([0.1, 0.2, 0.3, 0.4], (0.312, 0.483)),
        ([0.0, 0.0, 0.4, 0.0, 0.0, 0.0], (0.283, 0.283)),  # 5.1: a voice in the middle
        ([0.1, 0.2, 0.0, 0.9, 0.0, 0.0], (0.1, 0.2)),  # what is stereo stays as it is
        ([0.0, 0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.2], (0.141, 0.141)),
    ],
)
def test_any_number_of_channels_becomes_two(
    channels: list[float], expected: tuple[float, float]
) -> None:
    mixed = stereo(np.array([channels], np.float32))

    assert mixed.shape == (1, 2)
    assert mixed[0] == pytest.approx(expected, abs=1e-3)


def test_sound_is_rounded_and_clipped_to_16_bits() -> None:
    line = _line()
    line.add(_packet([[0.5, -0.5], [1.7, -1.7]], 2 / RATE))

    (fragment,) = _taken(_mixer(line))

    assert fragment.samples.dtype == np.int16
    assert fragment.samples.tolist() == [[16384, -16384], [32767, -32768]]


@pytest.mark.parametrize("rate", [8_000, 44_100, 96_000, 192_000])
def test_every_rate_comes_out_as_48_khz_of_the_same_pitch(rate: int) -> None:
    line = _line(rate)
    mixer = _mixer(line)
    times = np.arange(2 * rate) / rate
    tone = np.sin(2 * np.pi * 440 * times).astype(np.float32)
    for start in range(0, len(tone), rate // 20):
        piece = tone[start : start + rate // 20]
        line.add(_packet(np.stack([piece, piece], 1).tolist(), (start + len(piece)) / rate))

    samples = np.concatenate([fragment.samples for fragment in _taken(mixer)])

    assert len(samples) == pytest.approx(2 * RATE, abs=0.15 * RATE)  # the filter holds some back
    second = samples[RATE // 4 : RATE // 4 + RATE, 0].astype(float)
    assert np.argmax(np.abs(np.fft.rfft(second))) == 440


def test_a_loss_comes_before_the_sound_in_frames_of_the_result() -> None:
    line = _line(24_000)
    line.add(_packet([[0.1, 0.1]] * 2_400, 0.1))
    line.add(_packet([[0.1, 0.1]] * 2_400, 0.7, broken=True))

    lost = [fragment.lost for fragment in _taken(_mixer(line))]

    assert sum(lost) == 24_000  # half a second


def test_two_outputs_are_added_up_in_step() -> None:
    first, second = _line(), _line()
    mixer = _mixer(first, second)
    first.add(_packet([[0.25, 0.0]] * 4, 4 / RATE))
    assert mixer.take() is None, "the other one has not told yet"
    second.add(_packet([[0.0, 0.5]] * 3, 3 / RATE))

    (fragment,) = _taken(mixer)

    assert fragment.samples.tolist() == [[8192, 16384]] * 3


def test_an_output_that_lags_is_mixed_as_silence_and_stays_in_step() -> None:
    first, second = _line(), _line()
    mixer = _mixer(first, second)
    first.add(_packet([[0.25, 0.0]] * (RATE + 100), (RATE + 100) / RATE))
    alone = _taken(mixer)
    second.add(_packet([[0.0, 0.5]] * (RATE + 200), (RATE + 200) / RATE))
    first.add(_packet([[0.25, 0.0]] * 100, (RATE + 200) / RATE))

    both = _taken(mixer)
    for line in (first, second):
        line.add(_packet([[0.25, 0.25]] * 50, (RATE + 250) / RATE))
    later = _taken(mixer)

    assert sum(len(fragment.samples) for fragment in alone) == RATE + 100
    assert [fragment.samples.tolist() for fragment in both] == [[[8192, 16384]] * 100]
    assert [fragment.samples.tolist() for fragment in later] == [[[16384, 16384]] * 50]


def test_what_one_output_lost_the_other_still_gives() -> None:
    first, second = _line(), _line()
    first.add(_packet([[0.25, 0.0]] * 10, 10 / RATE))
    second.add(_packet([[0.0, 0.5]] * 5, 10 / RATE, broken=True))

    fragments = _taken(_mixer(first, second))

    assert [fragment.lost for fragment in fragments] == [0, 0]
    samples = np.concatenate([fragment.samples for fragment in fragments])
    assert samples.tolist() == [[8192, 0]] * 5 + [[8192, 16384]] * 5


def test_what_both_lost_is_lost() -> None:
    first, second = _line(), _line()
    for line in (first, second):
        line.add(_packet([[0.0, 0.0]], 11 / RATE, broken=True))

    (fragment,) = _taken(_mixer(first, second))

    assert (fragment.lost, len(fragment.samples)) == (10, 1)


def test_without_lines_there_is_nothing() -> None:
    assert Mixer().take() is None
