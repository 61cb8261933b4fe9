"""Which devices there are to record from, and why some may be missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.capture import portaudio
from app.core.errors import AppError
from app.platforms.system_audio import system_audio

if TYPE_CHECKING:
    from app.platforms.system_audio import SystemAudio

Kind = Literal["mic", "system"]


@dataclass(frozen=True, slots=True)
class InputDevice:
    """`id` is what a source of this kind takes as its device; `name` is for people."""

    id: str
    name: str
    kind: Kind
    is_default: bool


@dataclass(frozen=True, slots=True)
class DeviceProblem:
    """Why devices of a kind cannot be listed, and what helps."""

    kind: Kind
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class DeviceReport:
    devices: tuple[InputDevice, ...]
    problems: tuple[DeviceProblem, ...] = ()

    def of_kind(self, kind: Kind) -> tuple[InputDevice, ...]:
        return tuple(device for device in self.devices if device.kind == kind)


def input_devices(
    load: portaudio.Load = portaudio.load_sounddevice, backend: SystemAudio | None = None
) -> DeviceReport:
    """All devices as they are now. May take a moment; never raises for what is missing."""
    devices: list[InputDevice] = []
    problems: list[DeviceProblem] = []
    try:
        devices += _microphones(load)
    except AppError as exc:
        problems.append(DeviceProblem("mic", str(exc), exc.hint))
    try:
        outputs = (backend or system_audio()).outputs()
        devices += [InputDevice(o.id, o.name, "system", o.is_default) for o in outputs]
    except AppError as exc:
        problems.append(DeviceProblem("system", str(exc), exc.hint))
    return DeviceReport(tuple(devices), tuple(problems))


def _microphones(load: portaudio.Load) -> list[InputDevice]:
    library = load()
    portaudio.look_again(library)
    found = portaudio.microphones(library)
    portaudio.choose(found, "")  # raises if there is none
    return [InputDevice(mic.name, mic.name, "mic", mic.is_default) for mic in found]
