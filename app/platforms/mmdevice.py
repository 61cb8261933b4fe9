"""Sound outputs of Windows as its MMDevice interfaces name them: ids, names and who is default.

PortAudio sees outputs only as they were when it started, and never the one for calls
(eCommunications). These few calls of COM need no library. COM has one calling convention on 64-bit
Windows, which is also that of a plain C function.
"""

from __future__ import annotations

import ctypes
import uuid
from contextlib import ExitStack, contextmanager
from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    Union,
    byref,
    c_int32,
    c_uint16,
    c_uint32,
    c_void_p,
)
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from app.core.errors import CaptureError, DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RENDER, ACTIVE = 0, 1
IN_PROCESS = 1
MULTITHREADED = 0
READ = 0
TEXT = 31  # VT_LPWSTR
CHANGED_MODE = 0x80010106 - (1 << 32)  # this thread has COM already, in its other mode
NOT_FOUND = 0x80070490 - (1 << 32)
RELEASE = 2
ENUM_ENDPOINTS, GET_DEFAULT = 3, 4
GET_COUNT, ITEM = 3, 4
OPEN_STORE, GET_ID = 4, 5
GET_VALUE = 5


class Role(IntEnum):
    CONSOLE = 0
    COMMUNICATIONS = 2


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An active output. `id` lasts and is unique, `name` is neither."""

    id: str
    name: str


class Guid(Structure):
    _fields_ = (("bytes", ctypes.c_ubyte * 16),)


class PropertyKey(Structure):
    _fields_ = (("format", Guid), ("id", c_uint32))


class _Value(Union):
    _fields_ = (("text", c_void_p), ("space", ctypes.c_ubyte * 16))


class PropVariant(Structure):
    _fields_ = (("kind", c_uint16), ("reserved", c_uint16 * 3), ("value", _Value))


def guid(text: str) -> Guid:
    return Guid((ctypes.c_ubyte * 16).from_buffer_copy(uuid.UUID(text).bytes_le))


ENUMERATOR_CLASS = guid("bcde0395-e52f-467c-8e3d-c4579291692e")
ENUMERATOR_INTERFACE = guid("a95664d2-9614-4f35-a746-de8db63617e6")
FRIENDLY_NAME = PropertyKey(guid("a45c254e-df1c-4efd-8020-67d146a850e0"), 14)


class WindowsEndpoints:
    """`load` gives the library ole32; a test gives something like it. All raise CaptureError."""

    def __init__(self, load: Callable[[], Any] | None = None) -> None:
        self._load = load or _load

    def active(self) -> list[Endpoint]:
        """The outputs that can play, in the system's order."""
        with ExitStack() as held:
            ole, enumerator = self._enumerator(held)
            found = _get(held, enumerator, ENUM_ENDPOINTS, (c_int32, RENDER), (c_uint32, ACTIVE))
            count = c_uint32()
            _call(found, GET_COUNT, (POINTER(c_uint32), byref(count)))
            devices = [_get(held, found, ITEM, (c_uint32, place)) for place in range(count.value)]
            return [Endpoint(_id(ole, device), _name(held, ole, device)) for device in devices]

    def default(self, role: Role) -> str:
        """The id of the default output of this role. Raises DeviceMissingError."""
        with ExitStack() as held:
            ole, enumerator = self._enumerator(held)
            device = _get(held, enumerator, GET_DEFAULT, (c_int32, RENDER), (c_int32, int(role)))
            return _id(ole, device)

    def _enumerator(self, held: ExitStack) -> tuple[Any, int]:
        ole = self._load()
        held.enter_context(_com(ole))
        pointer = c_void_p()
        _checked(
            ole.CoCreateInstance(
                byref(ENUMERATOR_CLASS),
                None,
                IN_PROCESS,
                byref(ENUMERATOR_INTERFACE),
                byref(pointer),
            )
        )
        return ole, _owned(held, pointer)


def _load() -> Any:
    ole = ctypes.CDLL("ole32")
    ole.CoTaskMemFree.argtypes = (c_void_p,)
    ole.CoTaskMemFree.restype = None
    ole.CoInitializeEx.argtypes = (c_void_p, c_uint32)
    ole.CoCreateInstance.argtypes = (c_void_p, c_void_p, c_uint32, c_void_p, c_void_p)
    ole.PropVariantClear.argtypes = (c_void_p,)
    for name in ("CoInitializeEx", "CoCreateInstance", "PropVariantClear"):
        getattr(ole, name).restype = c_int32
    return ole


@contextmanager
def _com(ole: Any) -> Iterator[None]:
    """COM on this thread; a thread that has it in its other mode keeps that."""
    result = ole.CoInitializeEx(None, MULTITHREADED)
    if result != CHANGED_MODE:
        _checked(result)
    try:
        yield
    finally:
        if result != CHANGED_MODE:
            ole.CoUninitialize()


def _call(this: int, slot: int, *arguments: tuple[Any, Any]) -> None:
    """Call a COM object's method: its place in the table, then (type, value) of each argument."""
    table = ctypes.cast(this, POINTER(POINTER(c_void_p))).contents
    types = [kind for kind, _ in arguments]
    method = CFUNCTYPE(c_int32, c_void_p, *types)(table[slot])
    _checked(method(this, *(value for _, value in arguments)))


def _get(held: ExitStack, this: int, slot: int, *arguments: tuple[Any, Any]) -> int:
    """A method whose last argument takes the address of an object, released with `held`."""
    pointer = c_void_p()
    _call(this, slot, *arguments, (POINTER(c_void_p), byref(pointer)))
    return _owned(held, pointer)


def _owned(held: ExitStack, pointer: c_void_p) -> int:
    address = pointer.value
    if not address:
        raise CaptureError("Windows does not answer for its sound outputs")
    table = ctypes.cast(address, POINTER(POINTER(c_void_p))).contents
    held.callback(CFUNCTYPE(c_uint32, c_void_p)(table[RELEASE]), address)
    return address


def _id(ole: Any, device: int) -> str:
    text = c_void_p()
    _call(device, GET_ID, (POINTER(c_void_p), byref(text)))
    try:
        return ctypes.wstring_at(text.value) if text.value else ""
    finally:
        ole.CoTaskMemFree(text)


def _name(held: ExitStack, ole: Any, device: int) -> str:
    store = _get(held, device, OPEN_STORE, (c_uint32, READ))
    value = PropVariant()
    _call(
        store,
        GET_VALUE,
        (POINTER(PropertyKey), byref(FRIENDLY_NAME)),
        (POINTER(PropVariant), byref(value)),
    )
    try:
        known = value.kind == TEXT and value.value.text
        return ctypes.wstring_at(value.value.text) if known else "Unnamed output"
    finally:
        ole.PropVariantClear(byref(value))


def _checked(result: int) -> None:
    if result == NOT_FOUND:
        raise DeviceMissingError("Windows has no sound output")
    if result < 0:
        raise CaptureError(f"Windows does not list its sound outputs (0x{result & 0xFFFFFFFF:08X})")
