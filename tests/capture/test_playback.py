"""Playing a clip: at the device's own rate, and with a sentence where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from app.capture.playback import play
from app.core.errors import CaptureError
from tests.capture.fake_portaudio import FakePortAudio, PortAudioError, entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from numpy.typing import NDArray


@dataclass
class FakeOutput(FakePortAudio):
    """Keeps what is played; `problem` is why nothing is."""

    problem: str = ""
    rate: int = 0
    users_while_playing: int = 0
    heard: list[NDArray[np.float32]] = field(default_factory=list)

    def OutputStream(self, *, samplerate: int, channels: int, dtype: str) -> FakeOutput:  # noqa: N802
        if self.problem:
            raise PortAudioError(f"Error opening OutputStream: {self.problem}", -9985)
        assert (channels, dtype) == (1, "float32")
        self.rate = samplerate
        return self

    def __enter__(self) -> FakeOutput:
        self.users_while_playing = self.users
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _exc: Any, _where: TracebackType | None
    ) -> None: ...

    def write(self, samples: NDArray[np.float32]) -> None:
        self.heard.append(samples)


SOUND = np.full(16_000, 0.5, np.float32)


def test_a_clip_is_played_at_the_rate_of_the_device() -> None:
    device = FakeOutput(devices=[entry(0, "Headphones", rate=48_000.0)])
    play(SOUND, 16_000, load=lambda: device)
    assert device.rate == 48_000
    assert sum(map(len, device.heard)) == 48_000
    assert device.users_while_playing == 2, "looking for devices would end the sound"
    assert device.users == 1


def test_it_ends_soon_after_it_is_cancelled() -> None:
    device = FakeOutput()
    cancelled: Callable[[], bool] = lambda: len(device.heard) == 2  # noqa: E731
    play(SOUND, 16_000, cancelled, load=lambda: device)
    assert len(device.heard) == 2


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        (FakeOutput(default=-1), "There is nothing to play sound on"),
        (FakeOutput(problem="Device unavailable"), "cannot be played: device unavailable"),
    ],
)
def test_what_cannot_be_played_is_a_sentence(device: FakeOutput, sentence: str) -> None:
    with pytest.raises(CaptureError, match=sentence) as failure:
        play(SOUND, 16_000, load=lambda: device)
    assert failure.value.hint
    assert device.users == 1
