"""Where a model runs, and in which arithmetic: the graphics card if it really works."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from app.core.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

Model = TypeVar("Model")

_CUDA_TYPES = ("int8_float16", "float16", "int8_float32", "float32")
NO_CARD = "no NVIDIA graphics card with a working driver was found"
"""The reason on most machines, where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Device:
    """`kind` and `compute_type` in CTranslate2's terms.

    `reason` says why it is not a graphics card; "" if it is one, or if nobody has asked.
    """

    kind: str = "cpu"
    compute_type: str = "int8"
    reason: str = ""

    @property
    def troubled(self) -> bool:
        """Whether there is a graphics card that ought to work and does not."""
        return self.reason not in ("", NO_CARD)

    def __str__(self) -> str:
        """A clause such as "the CPU (int8), because …"."""
        place = "the CPU" if self.kind == "cpu" else "the graphics card"
        because = f", because {self.reason}" if self.reason else ""
        return f"{place} ({self.compute_type}){because}"


CPU = Device()


def find_device(ct2: Any) -> Device:
    """The graphics card if CTranslate2 (`ct2`) sees one that it can compute on, else the CPU."""
    try:
        if ct2.get_cuda_device_count() < 1:
            return replace(CPU, reason=NO_CARD)
        supported = set(ct2.get_supported_compute_types("cuda"))
    except (RuntimeError, ValueError, OSError) as exc:  # a driver without a card, or the reverse
        return replace(CPU, reason=f"the graphics card cannot be asked: {_tidy(exc)}")
    for compute_type in _CUDA_TYPES:
        if compute_type in supported:
            return Device("cuda", compute_type)
    return replace(CPU, reason="the graphics card offers no arithmetic that is known here")


def load_on(
    device: Device, load: Callable[[Device], Model], try_out: Callable[[Model], object]
) -> tuple[Model, Device]:
    """Load on `device` and use the model once; on the CPU if that fails on a graphics card.

    Libraries that are missing or too old show only when something is computed. Raises what `load`
    raises on the CPU.
    """
    if device.kind == CPU.kind:
        return load(device), device
    try:
        model = load(device)
        try_out(model)
    except (ModelError, RuntimeError, ValueError, OSError) as exc:
        reason = f"the graphics card was tried and failed: {_tidy(exc)}"
        logger.warning("Recognition runs on the CPU, because %s", reason)
        return load(CPU), replace(CPU, reason=reason)
    return model, device


def _tidy(exc: Exception) -> str:
    """What a library says, in one line without a final stop."""
    return " ".join(str(exc).split()).rstrip(".")
