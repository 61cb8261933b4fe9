"""A stand-in for Core Audio's C functions and for the objects that PyObjC makes.

It keeps a record of the calls, can refuse any of them, and plays into the procedure that it was
given, through the memory layout of the real thing.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from app.platforms import coreaudio
from app.platforms.coreaudio import AudioBuffer, BufferList, StreamDescription, code
from app.platforms.objectivec import Held, Permission, TapDescription

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

TAP, OWN, MUSIC, BUILT_IN, AIRPODS = 40, 30, 31, 50, 51


@dataclass
class FakeCoreAudio:
    rate: float = 48_000.0
    flags: int = coreaudio.FLOAT | 0x8
    bits: int = 32
    output: int = BUILT_IN
    own: int = OWN
    playing: dict[int, int] = field(default_factory=lambda: {OWN: 1, MUSIC: 1})
    refuse: dict[str, int] = field(default_factory=dict)
    refuse_property: dict[str, int] = field(default_factory=dict)
    alive: int = 1
    log: list[str] = field(default_factory=list)
    aggregates: int = 60
    procedure: Any = None

    def AudioObjectGetPropertyDataSize(  # noqa: N802
        self, _thing: int, _a: Any, _n: int, _q: Any, out: Any
    ) -> int:
        out._obj.value = 4 * len(self.playing)
        return 0

    def AudioObjectGetPropertyData(  # noqa: N802
        self, thing: int, address: Any, _n: int, qualifier: Any, size: Any, out: Any
    ) -> int:
        where = address._obj
        assert (where.scope, where.element) == (code("glob"), 0)
        name = where.selector.to_bytes(4, "big").decode()
        if name in self.refuse_property:
            return self.refuse_property[name]
        assert size._obj.value == ctypes.sizeof(out._obj)
        getattr(self, "_get_" + {"prs#": "processes"}.get(name, name))(thing, qualifier, out._obj)
        return 0

    def AudioHardwareCreateProcessTap(self, description: int, out: Any) -> int:  # noqa: N802
        out._obj.value = TAP
        return self._status("AudioHardwareCreateProcessTap", description)

    def AudioHardwareDestroyProcessTap(self, tap: int) -> int:  # noqa: N802
        return self._status("AudioHardwareDestroyProcessTap", tap)

    def AudioHardwareCreateAggregateDevice(self, dictionary: int, out: Any) -> int:  # noqa: N802
        out._obj.value = self.aggregates
        return self._status("AudioHardwareCreateAggregateDevice", dictionary)

    def AudioHardwareDestroyAggregateDevice(self, device: int) -> int:  # noqa: N802
        return self._status("AudioHardwareDestroyAggregateDevice", device)

    def AudioDeviceCreateIOProcID(self, device: int, call: Any, _ours: None, out: Any) -> int:  # noqa: N802
        self.procedure = call
        out._obj.value = 70
        return self._status("AudioDeviceCreateIOProcID", device)

    def AudioDeviceDestroyIOProcID(self, device: int, handle: int) -> int:  # noqa: N802
        return self._status("AudioDeviceDestroyIOProcID", device, handle)

    def AudioDeviceStart(self, device: int, handle: int) -> int:  # noqa: N802
        return self._status("AudioDeviceStart", device, handle)

    def AudioDeviceStop(self, device: int, handle: int) -> int:  # noqa: N802
        return self._status("AudioDeviceStop", device, handle)

    def play(self, *buffers: Sequence[float] | NDArray[np.float32], channels: int = 2) -> int:
        """One call of the procedure with these buffers, of so many channels; what it answers."""
        arrays = [np.array(buffer, "<f4") for buffer in buffers]
        size = BufferList.first.offset + len(arrays) * ctypes.sizeof(AudioBuffer)
        memory = ctypes.create_string_buffer(max(size, ctypes.sizeof(BufferList)))
        listed = ctypes.cast(memory, ctypes.POINTER(BufferList))
        listed.contents.count = len(arrays)
        for place, array in enumerate(arrays):
            start = BufferList.first.offset + place * ctypes.sizeof(AudioBuffer)
            buffer = AudioBuffer.from_buffer(memory, start)
            buffer.channels = channels
            buffer.size, buffer.data = array.nbytes, array.ctypes.data
        answer: int = self.procedure(self.aggregates, None, listed, None, None, None, None)
        return answer

    def _status(self, name: str, *arguments: int) -> int:
        status = self.refuse.get(name, 0)
        self.log.append(" ".join([name, *map(str, arguments)]) + (" refused" if status else ""))
        return status

    def _get_dOut(self, thing: int, _q: Any, out: Any) -> None:  # noqa: N802
        assert thing == coreaudio.SYSTEM_OBJECT
        out.value = self.output

    def _get_livn(self, _thing: int, _q: Any, out: Any) -> None:
        out.value = self.alive

    def _get_nsrt(self, _thing: int, _q: Any, out: Any) -> None:
        out.value = self.rate

    def _get_id2p(self, _thing: int, qualifier: Any, out: Any) -> None:
        assert qualifier._obj.value == os.getpid()
        out.value = self.own

    def _get_piro(self, thing: int, _q: Any, out: Any) -> None:
        out.value = self.playing[thing]

    def _get_processes(self, _thing: int, _q: Any, out: Any) -> None:
        for place, process in enumerate(self.playing):
            out[place] = process

    def _get_tfmt(self, thing: int, _q: Any, out: StreamDescription) -> None:
        assert thing == TAP
        out.rate, out.flags, out.channel_bits = self.rate, self.flags, self.bits


@dataclass
class FakeObjects:
    """What PyObjC makes, as addresses."""

    allowed: Permission = Permission.UNKNOWN
    excluded: list[list[int]] = field(default_factory=list)
    dictionaries: list[dict[str, Any]] = field(default_factory=list)

    def tap_of_everything(self, excluded: Sequence[int]) -> TapDescription:
        self.excluded.append(list(excluded))
        return TapDescription(1_000, None, "tap-uid")

    def dictionary(self, content: dict[str, Any]) -> Held:
        self.dictionaries.append(content)
        return Held(2_000, None)

    def permission(self) -> Permission:
        return self.allowed
