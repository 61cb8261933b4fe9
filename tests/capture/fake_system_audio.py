"""A stand-in for the system's sound, driven by the test."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

from app.core.audio import AudioFormat
from app.core.errors import DeviceMissingError
from app.platforms.system_audio import Fragment, OutputDevice

if TYPE_CHECKING:
    from app.core.errors import CaptureError


class FakeRecording:
    def __init__(self) -> None:
        self.coming: queue.Queue[Fragment | CaptureError | None] = queue.Queue()
        self.closed = False

    @property
    def format(self) -> AudioFormat:
        return AudioFormat(48_000, 2)

    def read(self) -> Fragment | None:
        item = self.coming.get()
        if isinstance(item, Exception):
            raise item
        return item

    def interrupt(self) -> None:
        self.coming.put(None)

    def close(self) -> None:
        self.closed = True


class FakeSystemAudio:
    def __init__(self) -> None:
        self.recording = FakeRecording()
        self.asked: list[str] = []

    def outputs(self) -> list[OutputDevice]:
        return [OutputDevice("speaker", "Speaker", is_default=True)]

    def record(self, device: str) -> FakeRecording:
        self.asked.append(device)
        if device == "nowhere":
            raise DeviceMissingError("There is no sound output 'nowhere'")
        return self.recording
