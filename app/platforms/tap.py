"""A tap on what the Mac plays, with the device that it is read through."""

from __future__ import annotations

import logging
import uuid
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

from app.core.errors import CaptureError
from app.platforms import coreaudio

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.platforms.coreaudio import Hal
    from app.platforms.objectivec import Held, Permission, TapDescription

    Heard = Callable[[tuple[bytes, ...], int], object]
    """Takes the bytes of each buffer and the channels in each, on Core Audio's thread: must not
    wait."""

logger = logging.getLogger(__name__)


class Objects(Protocol):
    """What `ObjectiveC` makes."""

    def tap_of_everything(self, excluded: Sequence[int]) -> TapDescription: ...
    def dictionary(self, content: dict[str, Any]) -> Held: ...
    def permission(self) -> Permission: ...


class Tap:
    """Running from the moment it is made until `close`. Raises CaptureError, nothing left behind.

    `failure` is what `heard` raised: nothing may escape from Core Audio's thread.

    The aggregate device holds the tap alone: with the output in it, what that output records
    comes along, its rate rules, and there is silence when sound goes elsewhere.
    """

    def __init__(self, hal: Hal, objects: Objects, heard: Heard) -> None:
        self._hal = hal
        self._heard = heard
        self._undo = ExitStack()
        self._procedure = coreaudio.Procedure(self._on_sound)  # must outlive its use
        self.failure: Exception | None = None
        try:
            self.device, self.rate = self._build(objects)
        except CaptureError:
            self.close()
            raise

    def close(self) -> None:
        """Stop, and take everything apart in the opposite order, whatever fails on the way."""
        self._undo.close()

    def _build(self, objects: Objects) -> tuple[int, int]:
        hal = self._hal
        own = hal.own_process()
        description = objects.tap_of_everything([] if own is None else [own])
        tap = hal.create_tap(description.address)
        self._later(hal.destroy_tap, tap)
        rate = hal.tap_rate(tap)
        aggregate = objects.dictionary(_aggregate(description.uid))
        device = hal.create_aggregate(aggregate.address)
        self._later(hal.destroy_aggregate, device)
        handle = hal.create_procedure(device, self._procedure)
        self._later(hal.destroy_procedure, device, handle)
        hal.start(device, handle)
        self._later(hal.stop, device, handle)
        return device, hal.rate(device) or rate

    def _on_sound(self, _device: int, _now: Any, sound: Any, *_times: Any) -> int:
        try:
            self._heard(*coreaudio.copied(sound))
        except Exception as exc:  # noqa: BLE001 - the reader raises it
            self.failure = exc
        return 0

    def _later(self, step: Callable[..., None], *arguments: int) -> None:
        self._undo.callback(_try, step, *arguments)


def _aggregate(tap: str) -> dict[str, Any]:
    """Private: other programs do not see it. It must name its tap when it is made; later is too
    late for macOS 26. It runs at once and does not wait for the first program that plays."""
    return {
        "name": "Captionist",
        "uid": f"org.captionist.tap.{uuid.uuid4()}",
        "private": 1,
        "stacked": 0,
        "tapautostart": 0,
        "taps": [{"uid": tap, "drift": 1}],
    }


def _try(step: Callable[..., None], *arguments: int) -> None:
    try:
        step(*arguments)
    except CaptureError as exc:
        logger.info("taking a tap apart: %s", exc)
