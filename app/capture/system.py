"""What the computer plays: the other side of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.capture.delivery import DeliveryThread
from app.core.audio import AudioBlock
from app.platforms.system_audio import system_audio

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioFormat
    from app.platforms.system_audio import Recording, SystemAudio


class SystemSource:
    """Listens to an output by id or name; "" is the default one at the time of `open`."""

    def __init__(
        self, device: str = "", backend: SystemAudio | None = None, name: str = "system"
    ) -> None:
        """With another back end and `name` it listens to what that one lists."""
        self._name = name
        self._device = device
        self._backend = backend or system_audio()
        self._recording: Recording | None = None
        self._thread = DeliveryThread(self.name, self._record)

    @property
    def name(self) -> str:
        return self._name

    @property
    def failure(self) -> Exception | None:
        return self._thread.failure

    def open(self) -> AudioFormat:
        self._recording = self._backend.record(self._device)
        return self._recording.format

    def start(self, deliver: Callable[[AudioBlock], object], ended: Callable[[], object]) -> None:
        self._thread.start(deliver, ended)

    def stop(self) -> None:
        self._thread.stop(wake=self._interrupt)

    def close(self) -> None:
        self.stop()
        if self._recording is not None:
            self._recording.close()
            self._recording = None

    def _interrupt(self) -> None:
        if self._recording is not None:
            self._recording.interrupt()

    def _record(self, deliver: Callable[[AudioBlock], object]) -> None:
        assert self._recording is not None, "open first"
        frame = 0
        while (fragment := self._recording.read()) is not None:
            frame += fragment.lost
            deliver(AudioBlock(frame, fragment.samples, self._recording.format))
            frame += len(fragment.samples)
