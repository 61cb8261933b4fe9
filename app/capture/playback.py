"""Plays a short sound on the system's default output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.capture import portaudio
from app.core.errors import CaptureError, DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_STEP_S = 0.1
_HINT = "Check which device the system plays to."


def play(
    samples: NDArray[np.float32],
    rate: int,
    cancelled: Callable[[], bool] = lambda: False,
    load: portaudio.Load = portaudio.load_sounddevice,
) -> None:
    """Play mono sound in [-1, 1]; returns when it has been heard, or soon after `cancelled`.

    Raises CaptureError.
    """
    library = load()
    portaudio.hold(library)  # looking for devices meanwhile must not restart PortAudio
    try:
        device = _output(library)
        sound = _at_rate(samples, rate, round(device["default_samplerate"]))
        _write(library, sound, round(device["default_samplerate"]), cancelled)
    except library.PortAudioError as exc:
        reason = portaudio.reason(exc)
        raise CaptureError(f"The sound cannot be played: {reason}", hint=_HINT) from exc
    finally:
        portaudio.release(library)


def _output(library: Any) -> dict[str, Any]:
    try:
        return dict(library.query_devices(kind="output"))
    except (library.PortAudioError, ValueError) as exc:
        raise DeviceMissingError("There is nothing to play sound on", hint=_HINT) from exc


def _at_rate(samples: NDArray[np.float32], rate: int, wanted: int) -> NDArray[np.float32]:
    """Not every audio system converts for us."""
    import soxr

    if rate == wanted:
        return samples
    found: NDArray[np.float32] = soxr.resample(samples, rate, wanted)
    return found


def _write(
    library: Any, sound: NDArray[np.float32], rate: int, cancelled: Callable[[], bool]
) -> None:
    step = round(_STEP_S * rate)
    with library.OutputStream(samplerate=rate, channels=1, dtype="float32") as stream:
        for first in range(0, len(sound), step):
            if cancelled():
                return
            stream.write(np.ascontiguousarray(sound[first : first + step, None]))
