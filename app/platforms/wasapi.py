"""System audio of Windows: what its outputs play, through WASAPI's loopback."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from app.core.errors import CaptureError, DeviceLostError, DeviceMissingError
from app.platforms import listening, mixing, wpatch
from app.platforms.feed import Feed, Packet
from app.platforms.listening import Listener
from app.platforms.mixing import Line
from app.platforms.mmdevice import Endpoint, Role, WindowsEndpoints
from app.platforms.system_audio import OutputDevice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from app.core.audio import AudioFormat
    from app.platforms.listening import Clock
    from app.platforms.mixing import Decode
    from app.platforms.system_audio import Fragment
    from app.platforms.wpatch import Callback, Loopback, SharedPortAudio, Stream


logger = logging.getLogger(__name__)


class Endpoints(Protocol):
    """What Windows says of its outputs; all raise CaptureError."""

    def active(self) -> list[Endpoint]: ...
    def default(self, role: Role) -> str: ...


@dataclass(frozen=True, slots=True)
class Defaults:
    """The ids of the default outputs, for all sound and for calls."""

    console: str
    communications: str


class WasapiSystemAudio:
    """Listens to the default output, and to the one for calls too if that is another: Teams and
    its like play there. An output that was chosen is listened to alone.
    """

    def __init__(
        self,
        endpoints: Endpoints | None = None,
        portaudio: SharedPortAudio = wpatch.shared,
        now: Clock = listening.clock,
    ) -> None:
        self._endpoints = endpoints or WindowsEndpoints()
        self._portaudio = portaudio
        self._now = now

    def outputs(self) -> list[OutputDevice]:
        active = self._endpoints.active()
        default = _defaults(self._endpoints).console if active else ""
        names = _distinct(active)
        return [
            OutputDevice(endpoint.id, name, endpoint.id == default)
            for endpoint, name in zip(active, names, strict=True)
        ]

    def record(self, device: str) -> WasapiRecording:
        active = self._endpoints.active()
        if device:
            defaults, wanted = None, [_chosen(active, device)]
        else:
            defaults = _defaults(self._endpoints)
            wanted = _both(active, defaults)
        recording = WasapiRecording(self._portaudio, self._now, self._watch(defaults))
        recording.open(wanted, active)
        return recording

    def _watch(self, defaults: Defaults | None) -> Callable[[], None]:
        """Raises DeviceLostError once the default outputs are no longer `defaults`."""

        def watch() -> None:
            if defaults is None:
                return
            try:
                current = _defaults(self._endpoints)
            except CaptureError as exc:
                raise DeviceLostError("Windows has no sound output any more") from exc
            if current != defaults:
                raise DeviceLostError("Windows plays on another output now")

        return watch


class WasapiRecording:
    """Streams of one or two outputs, mixed. `open` raises CaptureError and leaves nothing open."""

    def __init__(
        self, portaudio: SharedPortAudio, now: Clock, watch: Callable[[], None] = lambda: None
    ) -> None:
        self._portaudio = portaudio
        self._now = now
        self._watch = watch
        self._feed = Feed()
        self._streams: list[tuple[str, Stream]] = []
        self._held = False
        self._failure: Exception | None = None
        self._listener = Listener(self._feed, self._check, now)

    @property
    def format(self) -> AudioFormat:
        return mixing.FORMAT

    def open(self, outputs: Sequence[Endpoint], active: Sequence[Endpoint]) -> None:
        """Listen to `outputs`, which are among the `active` ones; the first one must work."""
        library = self._portaudio.acquire()
        self._held = True
        try:
            known = self._portaudio.loopbacks()
            first, *others = (partial(wpatch.loopback_of, o, active, known) for o in outputs)
            lines = [self._start(first(), library)]
            for other in others:
                lines += self._try(other, library)
        except CaptureError:
            self.close()
            raise
        self._listener.listen(lines)

    def read(self) -> Fragment | None:
        return self._listener.read()

    def interrupt(self) -> None:
        self._feed.interrupt()

    def close(self) -> None:
        streams, self._streams = self._streams, []
        for _, stream in streams:
            self._portaudio.stop(stream)
        if self._held:
            self._held = False
            self._portaudio.release()

    def _start(self, device: Loopback, library: wpatch.Library) -> Line:
        line = Line(device.rate, _decoder(device.channels), self._now())
        callback = self._callback(len(self._streams), library)
        self._streams.append((device.name, self._portaudio.start(device, callback)))
        return line

    def _try(self, find: Callable[[], Loopback], library: wpatch.Library) -> list[Line]:
        """The second output: one side of a meeting is better than none."""
        try:
            return [self._start(find(), library)]
        except CaptureError as exc:
            logger.warning("%s; only the default output is recorded", exc)
            return []

    def _callback(self, line: int, library: wpatch.Library) -> Callback:
        overflow, proceed = library.paInputOverflow, library.paContinue

        def heard(sound: bytes | None, _frames: int, _times: Any, flags: int) -> tuple[None, int]:
            """On PortAudio's thread. What it raised would be printed, and the stream would end."""
            try:
                broken = bool(flags & overflow)
                self._feed.put(Packet(line, self._now(), (sound or b"",), broken))
            except Exception as exc:  # noqa: BLE001 - the reader raises it
                self._failure = exc
            return None, proceed

        return heard

    def _check(self, _now: float) -> None:
        if self._failure is not None:
            raise self._failure
        for name, stream in self._streams:
            if not _is_active(stream):
                raise DeviceLostError(f"The sound output '{name}' is gone")
        self._watch()


def _is_active(stream: Stream) -> bool:
    try:
        return stream.is_active()
    except OSError:
        return False


def _decoder(channels: int) -> Decode:
    def decode(packet: Packet) -> mixing.Sound:
        return np.frombuffer(packet.data[0], "<f4").reshape(-1, channels)

    return decode


def _defaults(endpoints: Endpoints) -> Defaults:
    return Defaults(endpoints.default(Role.CONSOLE), endpoints.default(Role.COMMUNICATIONS))


def _both(active: Sequence[Endpoint], defaults: Defaults) -> list[Endpoint]:
    """The outputs of all sound and of calls, once each."""
    ids = dict.fromkeys((defaults.console, defaults.communications))
    found = [endpoint for wanted in ids for endpoint in active if endpoint.id == wanted]
    if not found:
        raise DeviceMissingError("Windows has no sound output to listen to")
    return found


def _chosen(active: Sequence[Endpoint], wanted: str) -> Endpoint:
    """The output with this id or this name as `outputs` shows it. Raises DeviceMissingError."""
    asked = wanted.casefold()
    names = _distinct(active)
    for endpoint, name in zip(active, names, strict=True):
        if asked in (endpoint.id.casefold(), name.casefold()):
            return endpoint
    known = ", ".join(f"'{name}'" for name in names)
    raise DeviceMissingError(
        f"There is no sound output '{wanted}'",
        hint=f"Outputs of this computer: {known}." if known else None,
    )


def _distinct(endpoints: Sequence[Endpoint]) -> list[str]:
    """Names for people: the second of two equal ones ends in (2)."""
    seen: dict[str, int] = {}
    names = []
    for endpoint in endpoints:
        count = seen[endpoint.name] = seen.get(endpoint.name, 0) + 1
        names.append(endpoint.name if count == 1 else f"{endpoint.name} ({count})")
    return names
