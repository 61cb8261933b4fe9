"""System audio of a Mac without taps: a virtual device that others play into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.errors import (
    AudioLibraryMissingError,
    CaptureError,
    DeviceLostError,
    DeviceMissingError,
)
from app.platforms import listening, mixing
from app.platforms.feed import Feed, Packet
from app.platforms.listening import Listener
from app.platforms.mixing import Line
from app.platforms.system_audio import OutputDevice

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.audio import AudioFormat
    from app.platforms.listening import Clock
    from app.platforms.system_audio import Fragment

KNOWN = ("blackhole", "loopback audio", "vb-cable", "soundflower", "ishowu audio")
"""Parts of the names of virtual devices."""
BLOCK_SECONDS = 0.03


class VirtualInputs:
    """`why` is the reason for which there is no tap; `load` gives the module sounddevice."""

    def __init__(
        self, why: str, load: Callable[[], Any] | None = None, now: Clock = listening.clock
    ) -> None:
        self._why = why
        self._load = load or _load
        self._now = now

    def outputs(self) -> list[OutputDevice]:
        found = self._found(self._load())
        return [
            OutputDevice(entry["name"], entry["name"], is_default=place == 0)
            for place, entry in enumerate(found)
        ]

    def record(self, device: str) -> VirtualRecording:
        library = self._load()
        found = self._found(library)
        asked = device.casefold()
        matches = [entry for entry in found if asked in ("", entry["name"].casefold())]
        if not matches:
            known = ", ".join(f"'{entry['name']}'" for entry in found)
            raise DeviceMissingError(
                f"There is no virtual sound device '{device}'",
                hint=f"Virtual devices of this computer: {known}.",
            )
        return VirtualRecording(library, matches[0], self._now)

    def _found(self, library: Any) -> list[dict[str, Any]]:
        """The virtual devices, at least one. Raises DeviceMissingError."""
        try:
            entries = list(library.query_devices())
        except library.PortAudioError as exc:
            raise CaptureError(f"The virtual sound devices cannot be listed: {exc}") from exc
        found = [entry for entry in entries if _is_virtual(entry)]
        if not found:
            raise DeviceMissingError(
                f"System audio needs a virtual sound device, as {self._why}",
                hint="Install BlackHole (existential.audio/blackhole). In Audio MIDI Setup make a "
                "multi-output device of your loudspeaker and BlackHole, choose it as the sound "
                "output, and start again.",
            )
        return found


class VirtualRecording:
    """An input stream of PortAudio. Raises CaptureError if it is refused."""

    def __init__(self, library: Any, entry: dict[str, Any], now: Clock) -> None:
        self._library = library
        self._name: str = entry["name"]
        self._now = now
        self._feed = Feed()
        self._listener = Listener(self._feed, self._check, now)
        rate, channels = round(entry["default_samplerate"]), min(2, entry["max_input_channels"])
        self._listener.listen([Line(rate, _decoder(channels), now())])
        library._initialize()  # noqa: SLF001 - counts a user, whose device stays open
        try:
            self._stream = self._open(entry["index"], rate, channels)
        except CaptureError:
            library._terminate()  # noqa: SLF001
            raise

    @property
    def format(self) -> AudioFormat:
        return mixing.FORMAT

    def read(self) -> Fragment | None:
        return self._listener.read()

    def interrupt(self) -> None:
        self._feed.interrupt()

    def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            stream.close()
            self._library._terminate()  # noqa: SLF001

    def _open(self, index: int, rate: int, channels: int) -> Any:
        stream = None
        try:
            stream = self._library.RawInputStream(
                device=index,
                samplerate=rate,
                channels=channels,
                dtype="float32",
                blocksize=round(rate * BLOCK_SECONDS),
                callback=self._on_sound,
            )
            stream.start()
        except self._library.PortAudioError as exc:
            if stream is not None:
                stream.close()
            raise CaptureError(
                f"The virtual sound device '{self._name}' cannot be opened: {exc}",
                hint="Allow it in System Settings > Privacy & Security > Microphone, for "
                "Captionist or for the terminal it was started from.",
            ) from exc
        return stream

    def _on_sound(self, sound: Any, _frames: int, _times: Any, status: Any) -> None:
        self._feed.put(Packet(0, self._now(), (bytes(sound),), bool(status.input_overflow)))

    def _check(self, _now: float) -> None:
        if self._stream is None or not self._stream.active:
            raise DeviceLostError(f"The virtual sound device '{self._name}' is gone")


def _decoder(channels: int) -> mixing.Decode:
    def decode(packet: Packet) -> mixing.Sound:
        return np.frombuffer(packet.data[0], "<f4").reshape(-1, channels)

    return decode


def _is_virtual(entry: dict[str, Any]) -> bool:
    name = str(entry["name"]).casefold()
    return entry["max_input_channels"] > 0 and any(part in name for part in KNOWN)


def _load() -> Any:
    try:
        import sounddevice
    except OSError as exc:
        raise AudioLibraryMissingError("PortAudio is not installed") from exc
    return sounddevice
