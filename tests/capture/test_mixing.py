"""The other side is heard once, the user is always heard, and neither waits for the other long."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.capture.mixing import MIC, SYSTEM, MixStage, TrackBlock
from app.capture.ownvoice import OwnTurns, OwnVoice
from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat
from app.core.events import SpeakerTurn
from tests.capture.speech import real_voices

if TYPE_CHECKING:
    from numpy.typing import NDArray

RATE = SPEECH_RATE
FORM = AudioFormat(RATE, 1)
HOP = 512
NOISE = 1e-3
SECONDS = 30
DELAYS = (0.02, 0.1, 0.25, 0.4, 0.5)


def talk(seconds: float, seed: int) -> NDArray[np.float32]:
    """Something with the rhythm and the spectrum of speech."""
    rng, count = np.random.default_rng(seed), round(seconds * RATE)
    voice = np.zeros(count, np.float32)
    place = 0
    while place < count:
        length = min(round(rng.uniform(0.1, 0.35) * RATE), count - place)
        t = np.arange(length) / RATE
        pitch = rng.uniform(90, 220) * (1 + rng.uniform(-0.1, 0.1) * t)
        tones = [rng.uniform(0, 1) / k * np.sin(2 * np.pi * k * pitch * t) for k in range(1, 25)]
        breath = 0.3 * rng.standard_normal(length)
        sound = (np.sum(tones, axis=0) + breath) * np.hanning(length)
        voice[place : place + length] = rng.uniform(0.05, 0.15) * sound
        pause = 0.6 if rng.uniform() < 0.15 else 0.02
        place += length + round(pause * RATE)
    return voice


def echo_of(sound: NDArray[np.float32], delay: float, gain: float = 0.3) -> NDArray[np.float32]:
    """What a microphone hears of a loudspeaker: late, quieter, and with a room around it."""
    rng = np.random.default_rng(7)
    room = rng.standard_normal(RATE // 4) * np.exp(-6.9 * np.arange(RATE // 4) / (RATE // 4))
    room *= 0.7 / np.sqrt(np.square(room).sum())
    room[0] = 1.0
    size = len(sound) + len(room)
    heard = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(room, size), size) * gain
    heard = heard[: len(sound)]
    late = np.concatenate((np.zeros(round(delay * RATE)), heard))[: len(sound)]
    return late.astype(np.float32)


def noise(count: int, seed: int = 9) -> NDArray[np.float32]:
    return (NOISE * np.random.default_rng(seed).standard_normal(count)).astype(np.float32)


def pcm(sound: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.rint(np.clip(sound, -1, 1) * 32767).astype(np.int16)[:, None]


@dataclass(frozen=True)
class Mixed:
    """`mic` is what of the microphone is in the mix."""

    mic: NDArray[np.float32]
    voices: list[OwnVoice]
    blocks: list[AudioBlock]


def mix(system: NDArray[np.float32], mic: NDArray[np.float32]) -> Mixed:
    stage = MixStage()
    out: list[AudioBlock | OwnVoice] = []
    for first in range(0, len(mic), 480):
        for source, sound in ((SYSTEM, system), (MIC, mic)):
            block = AudioBlock(first, pcm(sound[first : first + 480]), FORM)
            out += stage.feed([TrackBlock(source, block)])
    out += stage.flush()
    blocks = [item for item in out if isinstance(item, AudioBlock)]
    whole = np.zeros(len(mic) + HOP, np.float32)
    for block in blocks:
        whole[block.first_frame : block.end_frame] = block.samples[:, 0] / 32767
    rest = (whole[: len(mic)] - pcm(system)[:, 0] / 32767).astype(np.float32)
    return Mixed(
        rest.astype(np.float32), [item for item in out if isinstance(item, OwnVoice)], blocks
    )


def power(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each hop."""
    hops = sound[: len(sound) // HOP * HOP].reshape(-1, HOP)
    found: NDArray[np.float32] = np.square(hops).mean(axis=1)
    return found


def spoken(voice: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Hops that hold a voice that can be understood: no more than 20 dB below its loud ones."""
    level = power(voice)
    return level > max(float(np.percentile(level[level > 1e-9], 95)) / 100, 2 * NOISE**2)


def left_out(mixed: Mixed, echo: NDArray[np.float32]) -> float:
    """The share of the echo's hops that is gone from the mix."""
    heard = power(echo) > NOISE**2
    return float((power(mixed.mic)[heard] < power(echo)[heard] * 1e-3 + 1e-8).mean())


def kept(mixed: Mixed, own: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """The share of hops in which the own voice, and little else, is in the mix."""
    count = len(where) * HOP
    got, said = mixed.mic[:count].reshape(-1, HOP)[where], own[:count].reshape(-1, HOP)[where]
    common = (got * said).sum(axis=1)
    alike = common / np.sqrt(np.square(got).sum(axis=1) * np.square(said).sum(axis=1) + 1e-12)
    return float((alike > 0.7).mean())


@pytest.fixture(params=["made", "real"])
def pair(request: pytest.FixtureRequest) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The system's voice, which never rests for long, and the user's in every other 5 s."""
    if request.param == "made":
        system, own = talk(SECONDS, 1), talk(SECONDS, 2)
    else:
        system, own = real_voices(SECONDS)
        system, own = 0.8 * system, 0.6 * own
    return system, own * ((np.arange(len(own)) // (5 * RATE)) % 2).astype(np.float32)


@pytest.mark.parametrize("delay", DELAYS)
def test_an_echo_alone_is_left_out(
    pair: tuple[NDArray[np.float32], NDArray[np.float32]], delay: float
) -> None:
    system, echo = pair[0], echo_of(pair[0], delay)
    mixed = mix(system, echo + noise(len(echo)))

    # over so short a time the first seconds, in which the room is learned, count for much
    learned = 4 * RATE // HOP * HOP
    late = Mixed(mixed.mic[learned:], mixed.voices, mixed.blocks)
    assert left_out(late, echo[learned:]) >= 0.95
    assert left_out(mixed, echo) >= 0.90


@pytest.mark.parametrize("delay", DELAYS)
def test_who_speaks_into_the_echo_is_kept(
    pair: tuple[NDArray[np.float32], NDArray[np.float32]], delay: float
) -> None:
    system, own = pair
    echo = echo_of(system, delay)
    mixed = mix(system, echo + own + noise(len(own)))

    both = spoken(own) & (power(echo) > NOISE**2)
    assert both.sum() > 100
    assert kept(mixed, own, both) >= 0.95
    assert kept(mixed, own, spoken(own)) >= 0.95


def test_the_microphone_of_someone_with_headphones_is_not_touched(
    pair: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    system, own = pair
    mic = own + noise(len(own))
    mixed = mix(system, mic)

    assert np.abs(mixed.mic - pcm(mic)[:, 0] / np.float32(32767)).max() < 1e-3


def test_the_own_voice_is_told_where_it_was(
    pair: tuple[NDArray[np.float32], NDArray[np.float32]],
) -> None:
    system, own = pair
    mixed = mix(system, echo_of(system, 0.1) + own + noise(len(own)))

    told = np.zeros(len(own) // HOP, bool)
    for voice in mixed.voices:
        told[round(voice.start * RATE / HOP) : round(voice.end * RATE / HOP)] = True
    quiet = np.convolve(power(own) > 1e-7, np.ones(51), "same") == 0
    assert told[spoken(own)].mean() >= 0.95
    assert told[quiet].mean() < 0.1


def _feed(stage: MixStage, source: str, start: float, seconds: float) -> list[object]:
    out: list[object] = []
    for first in range(round(start * RATE), round((start + seconds) * RATE), 480):
        sound = noise(480, seed=first + (source == MIC)) * 30
        block = AudioBlock(first, pcm(sound), FORM)
        out += stage.feed([TrackBlock(source, block)])
    return out


def _end(out: list[object]) -> float:
    return max((item.end for item in out if isinstance(item, AudioBlock)), default=0.0)


@pytest.mark.parametrize(("ahead", "behind"), [(MIC, SYSTEM), (SYSTEM, MIC)])
def test_a_track_that_stands_still_is_waited_for_only_briefly(ahead: str, behind: str) -> None:
    stage = MixStage()
    out = _feed(stage, behind, 0.0, 0.9) + _feed(stage, ahead, 0.0, 3.0)

    assert 2.4 < _end(out) < 3.0
    places = [item.first_frame for item in out if isinstance(item, AudioBlock)]
    assert places == list(range(0, HOP * len(places), HOP))


def test_a_track_that_is_a_little_late_is_mixed_in_full() -> None:
    stage = MixStage()
    out: list[object] = []
    for step in range(100):
        out += _feed(stage, SYSTEM, step * 0.03, 0.03)
        if step >= 5:  # 150 ms
            out += _feed(stage, MIC, (step - 5) * 0.03, 0.03)

    steady = [i for i in out if isinstance(i, AudioBlock) and 0.5 < i.start < 2.0]
    both = (2 * (30 * NOISE) ** 2) ** 0.5 * 32767
    assert len(steady) > 40
    assert all(item.samples.std() == pytest.approx(both, rel=0.2) for item in steady)


def test_hours_of_sleep_are_not_mixed_hop_by_hop() -> None:
    stage = MixStage()
    _feed(stage, SYSTEM, 0.0, 1.0)
    _feed(stage, MIC, 0.0, 1.0)
    before = time.process_time()
    out = _feed(stage, SYSTEM, 9000.0, 1.0) + _feed(stage, MIC, 9000.0, 1.0)

    assert time.process_time() - before < 1.0
    assert _end(out) > 9000.0


def test_the_end_is_not_lost() -> None:
    stage = MixStage()
    out = _feed(stage, SYSTEM, 0.0, 1.0) + _feed(stage, MIC, 0.0, 1.0)
    out += stage.flush()

    assert _end(out) > 0.95


def test_own_voices_with_short_pauses_are_one_turn() -> None:
    turns = OwnTurns()

    assert turns.note(OwnVoice(1.0, 6.0)) == SpeakerTurn(1.0, 6.0, 0)
    assert turns.note(OwnVoice(6.5, 8.0)) == SpeakerTurn(1.0, 8.0, 0)
    assert turns.note(OwnVoice(12.0, 13.0)) == SpeakerTurn(12.0, 13.0, 0)


def test_it_costs_little() -> None:
    system, own = talk(20.0, 1), talk(20.0, 2)
    mic = echo_of(system, 0.1) + own
    before = time.process_time()
    mix(system, mic)

    assert (time.process_time() - before) / 20.0 < 0.04  # 0.008 on a quiet machine
