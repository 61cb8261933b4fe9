"""The objects that Core Audio's taps are described with, made through PyObjC."""

from __future__ import annotations

import ctypes
import plistlib
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from app.core.errors import AudioLibraryMissingError

if TYPE_CHECKING:
    from collections.abc import Sequence

UNMUTED = 0
_TCC = "/System/Library/PrivateFrameworks/TCC.framework/Versions/A/TCC"
_SERVICE = "kTCCServiceAudioCapture"


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """An object: its address, and the reference that keeps it alive."""

    address: int
    keep: Any


@dataclass(frozen=True, slots=True, eq=False)
class TapDescription(Held):
    """`uid` is what an aggregate device names the tap by."""

    uid: str


class Permission(Enum):
    GRANTED = 0
    REFUSED = 1
    UNKNOWN = 2


class ObjectiveC:
    """Raises AudioLibraryMissingError if PyObjC or taps are not there."""

    def __init__(self) -> None:
        try:
            import CoreAudio
            import Foundation
            import objc
        except ImportError as exc:
            raise _missing() from exc
        if not hasattr(CoreAudio, "CATapDescription"):
            raise _missing()
        self._audio, self._foundation, self._objc = CoreAudio, Foundation, objc

    def tap_of_everything(self, excluded: Sequence[int]) -> TapDescription:
        """A stereo mix of what all processes play, except these. Others go on to be heard.

        The flag "exclusive" says which way round the list is meant, and is not touched.
        """
        # real Foundation objects: the description is sent to another process
        numbers = [self._foundation.NSNumber.numberWithUnsignedInt_(number) for number in excluded]
        array = self._foundation.NSArray.arrayWithArray_(numbers)
        described = self._audio.CATapDescription.alloc()
        described = described.initStereoGlobalTapButExcludeProcesses_(array)
        described.setPrivate_(True)
        described.setMuteBehavior_(UNMUTED)
        uid = str(described.UUID().UUIDString())
        return TapDescription(self._objc.pyobjc_id(described), described, uid)

    def dictionary(self, content: dict[str, Any]) -> Held:
        """A property list as an NSDictionary of Foundation's own objects."""
        raw = plistlib.dumps(content)
        data = self._foundation.NSData.dataWithBytes_length_(raw, len(raw))
        parse = self._foundation.NSPropertyListSerialization
        parsed, _, _ = parse.propertyListWithData_options_format_error_(data, 0, None, None)
        return Held(self._objc.pyobjc_id(parsed), parsed)

    def permission(self) -> Permission:
        """Whether the user allowed system audio, as far as macOS says.

        There is no public way to ask; without the private one it stays unknown.
        """
        try:
            preflight = ctypes.CDLL(_TCC).TCCAccessPreflight
        except (OSError, AttributeError):
            return Permission.UNKNOWN
        preflight.argtypes = (ctypes.c_void_p, ctypes.c_void_p)
        preflight.restype = ctypes.c_int
        service = self._foundation.NSString.stringWithString_(_SERVICE)
        answer = preflight(self._objc.pyobjc_id(service), None)
        return Permission(answer) if answer in (0, 1) else Permission.UNKNOWN


def _missing() -> AudioLibraryMissingError:
    return AudioLibraryMissingError(
        "PyObjC's Core Audio is not installed",
        hint="Install it: python -m pip install pyobjc-framework-CoreAudio",
    )
