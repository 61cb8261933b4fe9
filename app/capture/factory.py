"""From what a user asks for to a source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.capture.protocol import AudioSource


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
