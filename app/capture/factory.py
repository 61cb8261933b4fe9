"""From what a user asks for to a source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.doubts import SoundDoubts
    from app.capture.placing import Origin
    from app.capture.protocol import AudioSource
    from app.capture.steady import SteadySource
    from app.core.events import DeviceChanged
    from app.platforms.device_eye import DeviceEye


def open_source_for(source: str, device: str = "") -> AudioSource:
    """The source for "mic", "system" or a media file's path, played in at real time.

    Nothing is touched yet: the owner calls `open`, which raises CaptureError.
    """
    if source == "mic":
        from app.capture.microphone import MicrophoneSource

        return MicrophoneSource(device)
    if source == "system":
        from app.capture.system import SystemSource

        return SystemSource(device)
    from app.capture.media import MediaFile, PacedMediaSource

    return PacedMediaSource(MediaFile(Path(source)))


def steady_source_for(
    source: str,
    device: str,
    publish: Callable[[DeviceChanged], object],
    origin: Origin | None = None,
) -> SteadySource:
    """The source for "mic" or "system" that goes on whatever happens to its device.

    `publish` is called from the source's thread. Sources of one meeting share `origin`. No device
    is touched yet, but Linux's sound server is asked which there are.
    """
    from app.capture.placing import Origin
    from app.capture.steady import Steadiness, SteadySource
    from app.platforms.device_eye import device_eye

    assert source in ("mic", "system"), f"not a device: {source}"
    eye = device_eye("mic" if source == "mic" else "system")
    direct = source == "mic" and sys.platform == "linux" and _is_seen(eye, device)
    # what records through ALSA is moved by the sound server itself to a new default microphone
    moved = source == "mic" and sys.platform == "linux" and not direct
    how = Steadiness(device, eye, moved, origin or Origin())
    return SteadySource(source, _pulse_microphone if direct else _Maker(source), publish, how)


def _is_seen(eye: DeviceEye | None, device: str) -> bool:
    """Whether the sound server knows this device; then PortAudio, which a server that goes away
    can stop for ever, is not needed."""
    seen = eye.look() if eye is not None else None
    return seen is not None and bool(seen.titles) and (not device or seen.has(device))


def _pulse_microphone(device: str) -> AudioSource:
    from app.capture.system import SystemSource
    from app.platforms.pulse import PulseMicrophones

    return SystemSource(device, PulseMicrophones(), "mic")


def sound_doubts_for(source: str, platform: str = sys.platform) -> SoundDoubts:
    """What doubts the sound of "mic" or "system"; the owner closes it."""
    from app.capture.doubts import NoMeter, SoundDoubts

    if source != "system":
        return SoundDoubts(source)
    if platform == "linux":
        from app.platforms.pulse_watch import PulseOutputMeter

        return SoundDoubts(source, PulseOutputMeter())
    return SoundDoubts(source, NoMeter())


class _Maker:
    """Makes sources; after the first one PortAudio must look for devices again."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._again = False

    def __call__(self, device: str) -> AudioSource:
        if self._again and self._source == "mic":
            from app.capture import portaudio

            portaudio.look_again(portaudio.load_sounddevice())
        self._again = True
        return open_source_for(self._source, device)
