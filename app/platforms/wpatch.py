"""PyAudioWPatch, the PortAudio that hears Windows' outputs: one instance for the process."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from app.core.errors import AudioLibraryMissingError, CaptureError, DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from app.platforms.mmdevice import Endpoint

    Callback = Callable[[bytes | None, int, Any, int], tuple[None, int]]
    """Called with (sound, frames, times, flags)."""

logger = logging.getLogger(__name__)

BLOCK_SECONDS = 0.03
_SUFFIX = " [Loopback]"
_NAME_LENGTH = 60
"""PortAudio cuts names off at 127 bytes of UTF-8, the suffix with them."""


class Stream(Protocol):
    def start_stream(self) -> None: ...
    def stop_stream(self) -> None: ...
    def close(self) -> None: ...
    def is_active(self) -> bool: ...


class Instance(Protocol):
    """The methods of pyaudiowpatch.PyAudio that are used; they raise OSError."""

    def get_loopback_device_info_generator(self) -> Iterator[dict[str, Any]]: ...
    def open(self, **options: Any) -> Stream: ...
    def terminate(self) -> None: ...


class Library(Protocol):
    """The parts of the module pyaudiowpatch that are used."""

    @property
    def paFloat32(self) -> int: ...  # noqa: N802 - its names

    @property
    def paContinue(self) -> int: ...  # noqa: N802

    @property
    def paInputOverflow(self) -> int: ...  # noqa: N802

    def PyAudio(self) -> Instance: ...  # noqa: N802


@dataclass(frozen=True, slots=True)
class Loopback:
    """The recording side of an output. `index` holds as long as the instance is open."""

    index: int
    name: str
    rate: int
    channels: int


class SharedPortAudio:
    """Two instances on two threads crash the process: there is one, opened by the first user and
    closed by the last, and nobody opens or closes anything of it at the same time as another.

    PortAudio looks for devices when it starts, so a new first user sees what is there now.
    """

    def __init__(self, load: Callable[[], Library]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._users = 0
        self._instance: Instance | None = None
        self._library: Library | None = None

    def acquire(self) -> Library:
        """Become a user. Raises CaptureError; then there is nothing to release."""
        with self._lock:
            if self._library is None:
                self._library = self._load()
            if self._instance is None:
                try:
                    self._instance = self._library.PyAudio()
                except OSError as exc:
                    raise CaptureError(f"PortAudio does not start: {reason(exc)}") from exc
            self._users += 1
            return self._library

    def release(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._instance is not None:
                instance, self._instance = self._instance, None
                instance.terminate()

    def loopbacks(self) -> list[Loopback]:
        """In the order of the outputs they belong to. Raises CaptureError. Users only."""
        with self._lock:
            try:
                entries = list(self._held().get_loopback_device_info_generator())
            except OSError as exc:
                raise CaptureError(f"The sound outputs cannot be listed: {reason(exc)}") from exc
        return [
            Loopback(
                int(entry["index"]),
                str(entry["name"]).removesuffix(_SUFFIX),
                round(entry["defaultSampleRate"]),
                int(entry["maxInputChannels"]),
            )
            for entry in entries
        ]

    def start(self, device: Loopback, callback: Callback) -> Stream:
        """A running stream of float32 at the output's own rate and channels. Raises CaptureError.

        Loopback exists in shared mode only, in which nothing but the output's own format is sure.
        """
        assert self._library is not None, "acquire first"
        with self._lock:
            try:
                stream = self._held().open(
                    format=self._library.paFloat32,
                    channels=device.channels,
                    rate=device.rate,
                    input=True,
                    input_device_index=device.index,
                    frames_per_buffer=round(device.rate * BLOCK_SECONDS),
                    start=False,
                    stream_callback=callback,
                )
            except (OSError, ValueError) as exc:
                raise _refused(device.name, exc) from exc
            try:
                stream.start_stream()
            except OSError as exc:
                stream.close()
                raise _refused(device.name, exc) from exc
            return stream

    def stop(self, stream: Stream) -> None:
        """No callback comes any more. A stream whose device has gone may answer with an error."""
        with self._lock:
            for step in (stream.stop_stream, stream.close):
                _try(step)

    def _held(self) -> Instance:
        assert self._instance is not None, "acquire first"
        return self._instance


def load_wpatch() -> Library:
    """The module. Raises AudioLibraryMissingError."""
    try:
        import pyaudiowpatch
    except (ImportError, OSError) as exc:
        raise AudioLibraryMissingError(
            "PyAudioWPatch, which listens to Windows' outputs, does not load",
            hint="Install it: python -m pip install PyAudioWPatch",
        ) from exc
    library: Library = pyaudiowpatch
    return library


shared = SharedPortAudio(load_wpatch)
"""The one instance of this process."""


def loopback_of(
    output: Endpoint, endpoints: Sequence[Endpoint], loopbacks: Sequence[Loopback]
) -> Loopback:
    """The loopback of an output: of those with its name, the one at its place among them.

    Both rows are in the system's order. Raises DeviceMissingError.
    """
    same = [endpoint.id for endpoint in endpoints if _key(endpoint.name) == _key(output.name)]
    place = same.index(output.id)
    matches = [device for device in loopbacks if _key(device.name) == _key(output.name)]
    if len(matches) != len(same):
        raise DeviceMissingError(
            f"PortAudio does not know the sound output '{output.name}' yet",
            hint="Stop the recording that is running, and start it again.",
        )
    return matches[place]


def reason(error: Exception) -> str:
    """PortAudio's words; PyAudio's errors are (number, words) or (words,)."""
    words = [str(part) for part in error.args if isinstance(part, str)]
    return (words[-1] if words else str(error)).rpartition("] ")[2].lower()


def _key(name: str) -> str:
    return name[:_NAME_LENGTH]


def _refused(name: str, error: Exception) -> CaptureError:
    return CaptureError(
        f"The sound output '{name}' cannot be listened to: {reason(error)}",
        hint="Another program may use it alone (exclusive mode): close that program, or forbid it "
        "in the output's properties under Advanced.",
    )


def _try(step: Callable[[], None]) -> None:
    try:
        step()
    except OSError as exc:
        logger.info("closing a stream: %s", reason(exc))
