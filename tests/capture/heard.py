"""Collects what a source delivers, and when."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from app.core.audio import AudioBlock


class Heard:
    def __init__(self) -> None:
        self.blocks: list[AudioBlock] = []
        self.times: list[float] = []
        self.first = threading.Event()
        self.ended = threading.Event()
        self.endings = 0

    def deliver(self, block: AudioBlock) -> None:
        self.blocks.append(block)
        self.times.append(time.monotonic())
        self.first.set()

    def end(self) -> None:
        self.endings += 1
        self.ended.set()

    @property
    def samples(self) -> NDArray[np.int16]:
        return np.concatenate([block.samples for block in self.blocks])
