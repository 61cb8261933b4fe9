"""The few functions of libpulse that a recording needs, with their types.

The main loop is iterated by hand, so everything happens on the calling thread and no function of
ours is called from C.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_size_t, c_uint8, c_uint32, c_void_p
from functools import cache

CONTEXT_READY, CONTEXT_FAILED = 4, 5  # whatever is above FAILED has ended too
STREAM_READY, STREAM_FAILED = 2, 3
CONTEXT_NOAUTOSPAWN = 0x0001
STREAM_DONT_MOVE, STREAM_ADJUST_LATENCY = 0x0200, 0x2000
SAMPLE_S16LE = 3
UNLIMITED = 0xFFFFFFFF


class SampleSpec(Structure):
    _fields_ = (("format", c_int), ("rate", c_uint32), ("channels", c_uint8))


class BufferAttributes(Structure):
    _fields_ = (
        ("maxlength", c_uint32),
        ("tlength", c_uint32),
        ("prebuf", c_uint32),
        ("minreq", c_uint32),
        ("fragsize", c_uint32),
    )


_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "pa_mainloop_new": (c_void_p, []),
    "pa_mainloop_free": (None, [c_void_p]),
    "pa_mainloop_get_api": (c_void_p, [c_void_p]),
    "pa_mainloop_prepare": (c_int, [c_void_p, c_int]),
    "pa_mainloop_poll": (c_int, [c_void_p]),
    "pa_mainloop_dispatch": (c_int, [c_void_p]),
    "pa_mainloop_wakeup": (None, [c_void_p]),
    "pa_context_new": (c_void_p, [c_void_p, c_char_p]),
    "pa_context_connect": (c_int, [c_void_p, c_char_p, c_int, c_void_p]),
    "pa_context_get_state": (c_int, [c_void_p]),
    "pa_context_errno": (c_int, [c_void_p]),
    "pa_context_disconnect": (None, [c_void_p]),
    "pa_context_unref": (None, [c_void_p]),
    "pa_stream_new": (c_void_p, [c_void_p, c_char_p, POINTER(SampleSpec), c_void_p]),
    "pa_stream_connect_record": (c_int, [c_void_p, c_char_p, POINTER(BufferAttributes), c_int]),
    "pa_stream_get_state": (c_int, [c_void_p]),
    "pa_stream_peek": (c_int, [c_void_p, POINTER(c_void_p), POINTER(c_size_t)]),
    "pa_stream_drop": (c_int, [c_void_p]),
    "pa_stream_disconnect": (c_int, [c_void_p]),
    "pa_stream_unref": (None, [c_void_p]),
    "pa_strerror": (c_char_p, [c_int]),
}


@cache
def load() -> ctypes.CDLL:
    """The library with typed functions. Raises OSError if it is not installed."""
    library = ctypes.CDLL("libpulse.so.0")
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library
