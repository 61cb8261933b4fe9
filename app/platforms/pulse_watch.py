"""What PulseAudio (or PipeWire) says about devices and about what is being played."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Literal

from app.core.errors import CaptureError
from app.platforms.device_eye import Seen
from app.platforms.pulse import open_server

if TYPE_CHECKING:
    from collections.abc import Callable

    Connect = Callable[[], Any]

_AUDIBLE = 1e-3  # peak of what plays; below it is silence to people
_LISTEN_S = 0.2  # to each program that plays
_FRESH_S = 3.0  # for which an answer of the meter holds


class PulseEye:
    """Sees outputs ("system") or microphones ("mic"); keeps one connection open."""

    def __init__(self, kind: Literal["mic", "system"], connect: Connect = open_server) -> None:
        self._kind = kind
        self._connect = connect
        self._server: Any = None

    def look(self) -> Seen | None:
        try:
            if self._server is None:
                self._server = self._connect()
            return self._look(self._server)
        except CaptureError:
            return None
        except Exception as exc:
            if not is_pulse_error(exc):
                raise
            self.close()
            return None

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _look(self, server: Any) -> Seen:
        info = server.server_info()
        if self._kind == "system":
            devices, default = server.sink_list(), info.default_sink_name
        else:
            devices, default = server.source_list(), info.default_source_name
            devices = [d for d in devices if not d.monitor_of_sink_name or d.name == default]
        return Seen(default or "", {d.name: d.description or d.name for d in devices})


class PulseOutputMeter:
    """Whether any program plays something audible, on any output, muted or not.

    Listens only while somebody asks, on a thread of its own.
    """

    def __init__(self, connect: Connect = open_server) -> None:
        self._connect = connect
        self._wanted = threading.Event()
        self._stopped = False
        self._answer = False
        self._thread: threading.Thread | None = None

    def plays(self) -> bool:
        """What was found last; asks for a fresh answer, which the next call gets."""
        if self._thread is None and not self._stopped:
            self._thread = threading.Thread(target=self._run, name="output-meter", daemon=True)
            self._thread.start()
        self._wanted.set()
        return self._answer

    def close(self) -> None:
        self._stopped = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def measure(self) -> bool:
        """Listen now, for `_LISTEN_S` to each program that plays."""
        server = self._connect()
        try:
            return any(_peak(server, each) > _AUDIBLE for each in _playing(server))
        finally:
            server.close()

    def _run(self) -> None:
        while not self._stopped:
            if not self._wanted.wait(_FRESH_S):
                self._answer = False  # an old answer is none
                self._wanted.wait()
            self._wanted.clear()
            if not self._stopped:
                self._answer = self._measured()

    def _measured(self) -> bool:
        try:
            return self.measure()
        except CaptureError:
            return False
        except Exception as exc:
            if not is_pulse_error(exc):
                raise
            return False


def is_pulse_error(error: Exception) -> bool:
    """Whether it came from the sound server; its library's errors have no common ancestor."""
    import pulsectl

    return isinstance(error, (pulsectl.PulseError, pulsectl.PulseDisconnected))


def _playing(server: Any) -> list[Any]:
    return [each for each in server.sink_input_list() if not each.corked and not each.mute]


def _peak(server: Any, sink_input: Any) -> float:
    """How loud one program is, before the volume of its output."""
    sinks = {sink.index: sink for sink in server.sink_list()}
    sink = sinks.get(sink_input.sink)
    if sink is None:
        return 0.0
    found = server.get_peak_sample(sink.monitor_source_name, _LISTEN_S, sink_input.index)
    return float(found or 0.0)
