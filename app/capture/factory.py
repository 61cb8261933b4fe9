"""From what a user asks for to a source."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.capture.placing import Origin
    from app.capture.protocol import AudioSource
    from app.capture.steady import SteadySource
    from app.core.events import DeviceChanged


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

    `publish` is called from the source's thread. Sources of one meeting share `origin`. Nothing is
    touched yet.
    """
    from app.capture.placing import Origin
    from app.capture.steady import Steadiness, SteadySource
    from app.platforms.device_eye import device_eye

    assert source in ("mic", "system"), f"not a device: {source}"
    how = Steadiness(
        device,
        device_eye("mic" if source == "mic" else "system"),
        # PulseAudio and PipeWire move what listens to the default microphone themselves
        moved_by_system=source == "mic" and sys.platform == "linux",
        origin=origin or Origin(),
    )
    return SteadySource(source, _Maker(source), publish, how)


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
