"""System audio of Linux: the monitors of PulseAudio's (or PipeWire's) sinks."""

from __future__ import annotations

import ctypes
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.audio import AudioFormat
from app.core.errors import (
    AudioLibraryMissingError,
    CaptureError,
    DeviceLostError,
    DeviceMissingError,
)
from app.platforms import libpulse
from app.platforms.system_audio import Fragment, OutputDevice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

FORMAT = AudioFormat(48_000, 2)
"""The server converts from whatever the sink runs at."""
FRAGMENT_SECONDS = 0.07
"""What is asked for, and waited for: each piece costs the same, however short it is."""
ANSWER_SECONDS = 5.0
"""How long a server may take to answer."""


class PulseSystemAudio:
    """`connect` opens a pulsectl connection; a test gives its own."""

    def __init__(self, connect: Callable[[], Any] | None = None) -> None:
        self._connect = connect or open_server

    def outputs(self) -> list[OutputDevice]:
        with self._server() as server:
            default = server.server_info().default_sink_name
            return [
                OutputDevice(sink.name, sink.description or sink.name, sink.name == default)
                for sink in server.sink_list()
            ]

    def record(self, device: str) -> PulseRecording:
        output = _choose(self.outputs(), device)
        return PulseRecording(f"{output.id}.monitor", f"sound output '{output.name}'")

    @contextmanager
    def _server(self) -> Iterator[Any]:
        server = self._connect()
        try:
            yield server
        finally:
            server.close()


def open_server() -> Any:
    """A pulsectl connection. Raises CaptureError if there is no server or no library."""
    try:
        import pulsectl

        server = pulsectl.Pulse("captionist", connect=False)
    except (ImportError, OSError) as exc:
        raise _library_missing() from exc
    try:
        server.connect()
    except pulsectl.PulseError as exc:
        server.close()
        raise _no_server() from exc
    return server


def _choose(outputs: list[OutputDevice], wanted: str) -> OutputDevice:
    """The output with this id or name ("": the default one). Raises DeviceMissingError."""
    if not outputs:
        raise DeviceMissingError("The sound server has no output to listen to")
    if not wanted:
        return next((o for o in outputs if o.is_default), outputs[0])
    asked = wanted.removesuffix(".monitor").casefold()
    for output in outputs:
        if asked in (output.id.casefold(), output.name.casefold()):
            return output
    known = ", ".join(f"'{o.name}'" for o in outputs)
    raise DeviceMissingError(
        f"There is no sound output '{wanted}'", hint=f"Outputs of this computer: {known}."
    )


def _library_missing() -> AudioLibraryMissingError:
    return AudioLibraryMissingError(
        "PulseAudio's client library is not installed",
        hint="Install it: sudo apt-get install libpulse0",
    )


def _no_server() -> DeviceMissingError:
    return DeviceMissingError(
        "No sound server is running",
        hint="Start PipeWire or PulseAudio, for example: sudo apt-get install pulseaudio, "
        "then: pulseaudio --start",
    )


class PulseMicrophones:
    """Microphones of the sound server, as a back end like that of the system's sound."""

    def __init__(self, connect: Callable[[], Any] | None = None) -> None:
        self._connect = connect or open_server

    def outputs(self) -> list[OutputDevice]:
        """The microphones; a monitor of an output only if it is the default."""
        return [device for device, _ in self._listed()]

    def record(self, device: str) -> PulseRecording:
        found = self._listed()
        chosen = choose_microphone([each for each, _ in found], device)
        channels = next(count for each, count in found if each == chosen)
        return PulseRecording(chosen.id, f"microphone '{chosen.name}'", channels)

    def _listed(self) -> list[tuple[OutputDevice, int]]:
        server = self._connect()
        try:
            default = server.server_info().default_source_name
            return [
                (
                    OutputDevice(each.name, each.description or each.name, each.name == default),
                    min(2, each.channel_count),
                )
                for each in server.source_list()
                if each.name == default or not each.monitor_of_sink_name
            ]
        finally:
            server.close()


def choose_microphone(devices: list[OutputDevice], wanted: str) -> OutputDevice:
    """The one with this id or name ("": the default one). Raises DeviceMissingError."""
    asked = wanted.casefold()
    for device in devices:
        if asked in (device.id.casefold(), device.name.casefold()) or (
            not asked and device.is_default
        ):
            return device
    if devices and not wanted:
        return devices[0]
    known = ", ".join(f"'{device.name}'" for device in devices)
    if not devices:
        raise DeviceMissingError("There is no microphone", hint="Connect one and try again.")
    raise DeviceMissingError(
        f"There is no microphone '{wanted}'", hint=f"Microphones of this computer: {known}."
    )


class PulseRecording:
    """A record stream on a source of the sound server. Raises CaptureError if it is refused.

    `title` is what is recorded, in words.
    """

    def __init__(self, source: str, title: str, channels: int = FORMAT.channels) -> None:
        try:
            self._lib = libpulse.load()
        except OSError as exc:
            raise _library_missing() from exc
        self._title = title
        self._format = AudioFormat(FORMAT.rate, channels)
        self._frame_bytes = 2 * channels
        self._interrupted = threading.Event()
        self._hole = 0  # frames that are missing before the next piece
        self._alive = threading.Lock()  # held while the loop is woken or freed
        self._loop = self._lib.pa_mainloop_new()
        self._context = self._lib.pa_context_new(
            self._lib.pa_mainloop_get_api(self._loop), b"Captionist"
        )
        self._stream: int | None = None
        try:
            self._connect()
            self._listen(source)
        except CaptureError:
            self.close()
            raise

    @property
    def format(self) -> AudioFormat:
        return self._format

    def read(self) -> Fragment | None:
        lost, self._hole = self._hole, 0
        pieces: list[NDArray[np.int16]] = []
        enough = int(self._format.rate * FRAGMENT_SECONDS)
        while not self._interrupted.is_set():
            piece = self._peek()
            if isinstance(piece, int):
                if pieces:
                    self._hole = piece
                    break
                lost += piece
            elif piece is not None:
                pieces.append(piece)
            elif sum(map(len, pieces)) >= enough or not self._iterate():
                break
        if pieces:
            return Fragment(pieces[0] if len(pieces) == 1 else np.concatenate(pieces), lost)
        if self._interrupted.is_set():
            return None
        raise self._ended()

    def interrupt(self) -> None:
        self._interrupted.set()
        with self._alive:
            if self._loop:
                self._lib.pa_mainloop_wakeup(self._loop)

    def close(self) -> None:
        with self._alive:
            if not self._loop:
                return
            if self._stream:
                self._lib.pa_stream_disconnect(self._stream)
                self._lib.pa_stream_unref(self._stream)
            self._lib.pa_context_disconnect(self._context)
            self._lib.pa_context_unref(self._context)
            self._lib.pa_mainloop_free(self._loop)
            self._loop = self._stream = None

    def _connect(self) -> None:
        lib, context = self._lib, self._context
        if lib.pa_context_connect(context, None, libpulse.CONTEXT_NOAUTOSPAWN, None) < 0:
            raise _no_server()
        self._settle(
            lambda: lib.pa_context_get_state(context) == libpulse.CONTEXT_READY, _no_server
        )

    def _listen(self, source: str) -> None:
        spec = libpulse.SampleSpec(libpulse.SAMPLE_S16LE, self._format.rate, self._format.channels)
        whole = libpulse.UNLIMITED
        fragment = int(FORMAT.rate * FRAGMENT_SECONDS) * self._frame_bytes
        attributes = libpulse.BufferAttributes(whole, whole, whole, whole, fragment)
        # a vanished output must end the recording, not turn it into one of the microphone
        flags = libpulse.STREAM_ADJUST_LATENCY | libpulse.STREAM_DONT_MOVE
        stream = self._lib.pa_stream_new(self._context, b"Captions", ctypes.byref(spec), None)
        if not stream:
            raise self._refused()
        self._stream = stream
        if self._lib.pa_stream_connect_record(
            stream, source.encode(), ctypes.byref(attributes), flags
        ):
            raise self._refused()
        self._settle(
            lambda: self._lib.pa_stream_get_state(stream) == libpulse.STREAM_READY, self._refused
        )

    def _settle(self, ready: Callable[[], bool], error: Callable[[], CaptureError]) -> None:
        """Run the loop until `ready`; raise `error()` when it failed or takes too long."""
        deadline = time.monotonic() + ANSWER_SECONDS
        while not ready():
            left = deadline - time.monotonic()
            if left <= 0 or not self._iterate(left):
                raise error()

    def _iterate(self, timeout: float | None = None) -> bool:
        """Wait for something to happen and handle it; False when nothing more can come.

        `prepare` forgets earlier wake-ups, so the flag is looked at between it and `poll`.
        """
        lib, loop = self._lib, self._loop
        microseconds = -1 if timeout is None else int(timeout * 1e6)
        if lib.pa_mainloop_prepare(loop, microseconds) < 0 or self._interrupted.is_set():
            return False
        if lib.pa_mainloop_poll(loop) < 0 or lib.pa_mainloop_dispatch(loop) < 0:
            return False
        return not (self._interrupted.is_set() or self._has_failed())

    def _has_failed(self) -> bool:
        if self._lib.pa_context_get_state(self._context) >= libpulse.CONTEXT_FAILED:
            return True
        stream = self._stream
        return bool(stream) and self._lib.pa_stream_get_state(stream) >= libpulse.STREAM_FAILED

    def _peek(self) -> NDArray[np.int16] | int | None:
        """The next piece of sound, the number of frames of a hole, or None if there is nothing."""
        data, size = ctypes.c_void_p(), ctypes.c_size_t()
        if self._lib.pa_stream_peek(self._stream, ctypes.byref(data), ctypes.byref(size)) < 0:
            return None
        if not size.value:
            return None
        raw = ctypes.string_at(data.value, size.value) if data.value else None
        self._lib.pa_stream_drop(self._stream)
        if raw is None:
            return size.value // self._frame_bytes
        return np.frombuffer(raw, "<i2").reshape(-1, self._format.channels)

    def _ended(self) -> DeviceLostError:
        if self._lib.pa_context_get_state(self._context) >= libpulse.CONTEXT_FAILED:
            return DeviceLostError("The sound server has stopped")
        return DeviceLostError(f"The {self._title} is gone")

    def _refused(self) -> CaptureError:
        error: bytes = self._lib.pa_strerror(self._lib.pa_context_errno(self._context)) or b""
        reason = error.decode(errors="replace").lower()
        return DeviceMissingError(f"The {self._title} cannot be listened to: {reason}")
