"""PortAudio, which may not be installed, and the choice among its input devices."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.errors import AudioLibraryMissingError, CaptureError, DeviceMissingError

if TYPE_CHECKING:
    from collections.abc import Callable

    Load = Callable[[], Any]
    """Gives the module `sounddevice`, or something like it in a test."""

_users = threading.Lock()
"""PortAudio's own counting is not safe between threads."""


@dataclass(frozen=True, slots=True)
class Microphone:
    """An input device. `index` holds until PortAudio looks again; `name` lasts."""

    index: int
    name: str
    channels: int
    rate: int
    is_default: bool


def load_sounddevice() -> Any:
    """The module. Raises AudioLibraryMissingError, or CaptureError if PortAudio does not start."""
    try:
        import sounddevice
    except OSError as exc:
        raise AudioLibraryMissingError(
            "PortAudio is not installed",
            hint="Install it: sudo apt-get install libportaudio2",
        ) from exc
    except Exception as exc:  # PortAudioError cannot be named: its module did not load
        if type(exc).__name__ != "PortAudioError":
            raise
        raise CaptureError(f"PortAudio does not start: {exc}") from exc
    return sounddevice


def look_again(library: Any) -> None:
    """Let PortAudio notice devices that came or went; without effect while one is open.

    PortAudio counts its users and looks again when there are none; see `hold`.
    """
    with _users:
        library._terminate()  # noqa: SLF001 - there is no public way
        library._initialize()  # noqa: SLF001


def hold(library: Any) -> None:
    """Count one more user of PortAudio, whose device must stay open."""
    with _users:
        library._initialize()  # noqa: SLF001


def release(library: Any) -> None:
    with _users:
        library._terminate()  # noqa: SLF001


def microphones(library: Any) -> list[Microphone]:
    """The input devices, the default one first. Raises CaptureError.

    Windows lists each device once for every audio system; those of the default one are enough.
    """
    try:
        inputs = [entry for entry in library.query_devices() if entry["max_input_channels"] > 0]
    except library.PortAudioError as exc:
        raise CaptureError(f"The microphones cannot be listed: {reason(exc)}") from exc
    default = _default_input(library)
    if default is not None:
        inputs = [entry for entry in inputs if entry["hostapi"] == default["hostapi"]]
    found = [_microphone(entry, default) for entry in inputs]
    return sorted(found, key=lambda mic: not mic.is_default)


def choose(devices: list[Microphone], wanted: str) -> Microphone:
    """The device of this name, part of a name or number ("": the default one).

    Raises DeviceMissingError.
    """
    if not devices:
        raise DeviceMissingError("There is no microphone", hint="Connect one and try again.")
    if not wanted:
        return devices[0]
    if wanted.isdigit():
        matches = [mic for mic in devices if mic.index == int(wanted)]
    else:
        asked = wanted.casefold()
        matches = [mic for mic in devices if mic.name.casefold() == asked]
        matches = matches or [mic for mic in devices if asked in mic.name.casefold()]
    if matches:
        return matches[0]
    known = ", ".join(f"'{mic.name}'" for mic in devices)
    raise DeviceMissingError(
        f"There is no microphone '{wanted}'", hint=f"Microphones of this computer: {known}."
    )


def reason(error: Exception) -> str:
    """PortAudio's words without its number."""
    text = str(error.args[0] if error.args else error)
    return text.split(" [PaErrorCode")[0].rpartition(": ")[2].lower()


def _default_input(library: Any) -> dict[str, Any] | None:
    try:
        return dict(library.query_devices(kind="input"))
    except (library.PortAudioError, ValueError):  # there is none, or it only plays
        return None


def _microphone(entry: dict[str, Any], default: dict[str, Any] | None) -> Microphone:
    return Microphone(
        index=int(entry["index"]),
        name=str(entry["name"]),
        channels=int(entry["max_input_channels"]),
        rate=round(entry["default_samplerate"]),
        is_default=default is not None and entry["index"] == default["index"],
    )
