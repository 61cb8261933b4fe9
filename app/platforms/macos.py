"""Which way of hearing what a Mac plays: a tap where there are taps, else a virtual device."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from app.core.errors import AudioLibraryMissingError
from app.platforms import coreaudio
from app.platforms.coreaudio import Hal
from app.platforms.coretap import TapSystemAudio
from app.platforms.objectivec import ObjectiveC
from app.platforms.virtualinput import VirtualInputs

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.platforms.system_audio import SystemAudio
    from app.platforms.tap import Objects

FIRST_WITH_TAPS = (14, 4)
"""14.2 has them too, but asks for the permission of another kind of recording."""


def macos_system_audio(
    version: str | None = None,
    library: Callable[[], Any] = coreaudio.load,
    objects: Callable[[], Objects] = ObjectiveC,
) -> SystemAudio:
    """The back end for this version of macOS ("14.4.1"; None: the running one). Never raises."""
    found = platform.mac_ver()[0] if version is None else version
    if _numbers(found) < FIRST_WITH_TAPS:
        return VirtualInputs(f"macOS {found or 'before 14.4'} has no other way")
    try:
        return TapSystemAudio(Hal(library()), objects())
    except AudioLibraryMissingError as exc:
        return VirtualInputs(f"{exc} ({exc.hint})")
    except (OSError, AttributeError):
        return VirtualInputs("Core Audio's taps are missing here")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
