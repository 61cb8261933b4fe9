"""What the computer plays, as a source of audio: one interface, one back end per system."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from app.core.errors import CaptureError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.core.audio import AudioFormat


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """Something that plays sound. `id` is what `record` takes, `name` is for people."""

    id: str
    name: str
    is_default: bool


@dataclass(frozen=True, slots=True, eq=False)
class Fragment:
    """int16 samples of shape (frames, channels), and how many frames were lost before them."""

    samples: NDArray[np.int16]
    lost: int = 0


class Recording(Protocol):
    """An output being listened to. One thread at a time, except for `interrupt`."""

    @property
    def format(self) -> AudioFormat: ...

    def read(self) -> Fragment | None:
        """Wait for sound; None once interrupted. Raises DeviceLostError."""
        ...

    def interrupt(self) -> None:
        """From any thread: let `read` return, now and ever after."""

    def close(self) -> None: ...


class SystemAudio(Protocol):
    def outputs(self) -> list[OutputDevice]:
        """What can be listened to. Raises CaptureError."""
        ...

    def record(self, device: str) -> Recording:
        """Listen to an output, by id or name; "" is the default one. Raises CaptureError."""
        ...


class NoSystemAudio:
    """Systems whose sound we cannot listen to: says so, and what to do instead."""

    def __init__(self, hint: str) -> None:
        self._hint = hint

    def outputs(self) -> list[OutputDevice]:
        raise self._error()

    def record(self, device: str) -> Recording:
        raise self._error()

    def _error(self) -> CaptureError:
        return CaptureError("System audio is not available on this system yet", hint=self._hint)


def system_audio(platform: str = sys.platform) -> SystemAudio:
    """The back end for this system."""
    if platform == "linux":
        from app.platforms.pulse import PulseSystemAudio

        return PulseSystemAudio()
    if platform == "win32":
        from app.platforms.wasapi import WasapiSystemAudio

        return WasapiSystemAudio()
    if platform == "darwin":
        from app.platforms.macos import macos_system_audio

        return macos_system_audio()
    return NoSystemAudio("Choose a microphone.")
