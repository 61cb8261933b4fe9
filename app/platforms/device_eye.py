"""Which devices there are at this moment, asked while one of them is being recorded."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Seen:
    """`default` is the id of the default device ("": there is none), `titles` those of all."""

    default: str
    titles: Mapping[str, str]

    def title(self, device: str) -> str:
        """What people call a device ("": the default one); its id if it is not known."""
        asked = device or self.default
        return self.titles.get(asked, asked)

    def has(self, device: str) -> bool:
        """Whether a device of this id or title is there."""
        asked = device.casefold()
        return any(asked in (i.casefold(), title.casefold()) for i, title in self.titles.items())


class DeviceEye(Protocol):
    """Used by one thread."""

    def look(self) -> Seen | None:
        """What is there; None if it cannot be told at the moment. Takes milliseconds."""
        ...

    def close(self) -> None: ...


def device_eye(kind: Literal["mic", "system"], platform: str = sys.platform) -> DeviceEye | None:
    """The eye of this system; None where devices cannot be seen while one is recorded."""
    if platform == "linux":
        from app.platforms.pulse_watch import PulseEye

        return PulseEye(kind)
    return None
