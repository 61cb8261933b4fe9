"""The few functions of Core Audio that a recording of a tap needs, with their types."""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    byref,
    c_double,
    c_int32,
    c_uint32,
    c_void_p,
    sizeof,
)
from typing import TYPE_CHECKING, Any

from app.core.errors import CaptureError

if TYPE_CHECKING:
    from ctypes import _Pointer

PATH = "/System/Library/Frameworks/CoreAudio.framework/CoreAudio"
SYSTEM_OBJECT = 1
UNKNOWN_OBJECT = 0
FLOAT = 0x1


def code(letters: str) -> int:
    """A four-letter code as Core Audio's headers spell it."""
    return int.from_bytes(letters.encode("ascii"), "big")


GLOBAL = code("glob")
DEFAULT_OUTPUT = code("dOut")
PROCESSES = code("prs#")
PROCESS_OF_PID = code("id2p")
PLAYS = code("piro")
IS_ALIVE = code("livn")
NOMINAL_RATE = code("nsrt")
TAP_FORMAT = code("tfmt")


class Address(Structure):
    _fields_ = (("selector", c_uint32), ("scope", c_uint32), ("element", c_uint32))


class StreamDescription(Structure):
    _fields_ = (
        ("rate", c_double),
        ("format", c_uint32),
        ("flags", c_uint32),
        ("packet_bytes", c_uint32),
        ("packet_frames", c_uint32),
        ("frame_bytes", c_uint32),
        ("channels", c_uint32),
        ("channel_bits", c_uint32),
        ("reserved", c_uint32),
    )


class AudioBuffer(Structure):
    _fields_ = (("channels", c_uint32), ("size", c_uint32), ("data", c_void_p))


class BufferList(Structure):
    """The first of `count` buffers; the others follow it in memory."""

    _fields_ = (("count", c_uint32), ("first", AudioBuffer))


Procedure = CFUNCTYPE(
    c_int32, c_uint32, c_void_p, POINTER(BufferList), c_void_p, c_void_p, c_void_p, c_void_p
)
"""(device, now, sound, its time, output, its time, ours), called on Core Audio's own thread."""

_OBJECT, _OUT = c_uint32, c_void_p
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "AudioObjectGetPropertyDataSize": (_OBJECT, POINTER(Address), c_uint32, c_void_p, _OUT),
    "AudioObjectGetPropertyData": (_OBJECT, POINTER(Address), c_uint32, c_void_p, _OUT, _OUT),
    "AudioHardwareCreateProcessTap": (c_void_p, _OUT),
    "AudioHardwareDestroyProcessTap": (_OBJECT,),
    "AudioHardwareCreateAggregateDevice": (c_void_p, _OUT),
    "AudioHardwareDestroyAggregateDevice": (_OBJECT,),
    "AudioDeviceCreateIOProcID": (_OBJECT, Procedure, c_void_p, _OUT),
    "AudioDeviceDestroyIOProcID": (_OBJECT, c_void_p),
    "AudioDeviceStart": (_OBJECT, c_void_p),
    "AudioDeviceStop": (_OBJECT, c_void_p),
}


def load() -> Any:
    """Raises OSError; AttributeError on systems without taps."""
    library = ctypes.CDLL(PATH)
    for name, types in _SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes = types
        function.restype = c_int32
    return library


class Hal:
    """Core Audio's objects by their numbers. Everything raises CaptureError."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def default_output(self) -> int:
        return self._number(SYSTEM_OBJECT, DEFAULT_OUTPUT)

    def is_alive(self, device: int) -> bool:
        return bool(self._number(device, IS_ALIVE))

    def own_process(self) -> int | None:
        """This process as an audio object; None as long as it has no use of audio."""
        found = c_uint32()
        pid = c_int32(os.getpid())
        try:
            self._read(SYSTEM_OBJECT, PROCESS_OF_PID, found, pid)
        except CaptureError:
            return None
        return found.value if found.value != UNKNOWN_OBJECT else None

    def others_play(self) -> bool:
        """Whether another process has an output running, whatever it sends."""
        own = self.own_process()
        return any(process != own and self._plays(process) for process in self._processes())

    def tap_rate(self, tap: int) -> int:
        """Frames a second of a tap, whose samples must be float32."""
        found = StreamDescription()
        self._read(tap, TAP_FORMAT, found)
        if not found.flags & FLOAT or found.channel_bits != 32:
            raise CaptureError("macOS offers system audio in a format that is not known")
        rate: float = found.rate
        return round(rate)

    def rate(self, device: int) -> int:
        """Frames a second of a device's clock."""
        found = c_double()
        self._read(device, NOMINAL_RATE, found)
        return round(found.value)

    def create_tap(self, description: int) -> int:
        return self._create("AudioHardwareCreateProcessTap", description)

    def destroy_tap(self, tap: int) -> None:
        self._do("AudioHardwareDestroyProcessTap", tap)

    def create_aggregate(self, dictionary: int) -> int:
        return self._create("AudioHardwareCreateAggregateDevice", dictionary)

    def destroy_aggregate(self, device: int) -> None:
        self._do("AudioHardwareDestroyAggregateDevice", device)

    def create_procedure(self, device: int, procedure: Any) -> int:
        """The handle of `procedure`, which must be kept until it is destroyed."""
        handle = c_void_p()
        self._do("AudioDeviceCreateIOProcID", device, procedure, None, byref(handle))
        return handle.value or 0

    def destroy_procedure(self, device: int, handle: int) -> None:
        self._do("AudioDeviceDestroyIOProcID", device, handle)

    def start(self, device: int, handle: int) -> None:
        self._do("AudioDeviceStart", device, handle)

    def stop(self, device: int, handle: int) -> None:
        self._do("AudioDeviceStop", device, handle)

    def _plays(self, process: int) -> bool:
        try:
            return bool(self._number(process, PLAYS))
        except CaptureError:  # it has ended since
            return False

    def _processes(self) -> list[int]:
        size = c_uint32()
        address = Address(PROCESSES, GLOBAL, 0)
        self._do(
            "AudioObjectGetPropertyDataSize", SYSTEM_OBJECT, byref(address), 0, None, byref(size)
        )
        found = (c_uint32 * (size.value // sizeof(c_uint32)))()
        length = self._read(SYSTEM_OBJECT, PROCESSES, found)
        return list(found)[: length // sizeof(c_uint32)]

    def _number(self, thing: int, selector: int) -> int:
        found = c_uint32()
        self._read(thing, selector, found)
        return found.value

    def _read(self, thing: int, selector: int, into: Any, qualifier: Any = None) -> int:
        """Fill `into`; the bytes that came."""
        size = c_uint32(sizeof(into))
        known = (0, None) if qualifier is None else (sizeof(qualifier), byref(qualifier))
        address = Address(selector, GLOBAL, 0)
        self._do(
            "AudioObjectGetPropertyData", thing, byref(address), *known, byref(size), byref(into)
        )
        return size.value

    def _create(self, function: str, description: int) -> int:
        made = c_uint32()
        self._do(function, description, byref(made))
        return made.value

    def _do(self, function: str, *arguments: Any) -> None:
        status = getattr(self._library, function)(*arguments)
        if status:
            raise CaptureError(f"Core Audio refuses {function} ({spelled(status)})")


def spelled(status: int) -> str:
    """An error as its four letters, where it has them."""
    letters = (status & 0xFFFFFFFF).to_bytes(4, "big")
    return letters.decode("ascii") if letters.isalnum() or b"!" in letters else str(status)


def copied(sound: _Pointer[BufferList]) -> tuple[tuple[bytes, ...], int]:
    """The bytes of each buffer, and how many channels are interleaved in each of them.

    For the audio thread: copies, and does nothing else.
    """
    first = ctypes.addressof(sound.contents) + BufferList.first.offset
    buffers = (AudioBuffer * sound.contents.count).from_address(first)
    data = tuple(ctypes.string_at(buffer.data, buffer.size) for buffer in buffers if buffer.data)
    return data, sound.contents.first.channels
