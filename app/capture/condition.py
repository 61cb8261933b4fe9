"""Notices sound that is recorded badly, and says so once in the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from app.core.audio import AudioBlock

logger = logging.getLogger(__name__)

_FULL = 32_700
_CLIPPED_SHARE = 0.02  # of the samples of a block
_OFFSET = 0.1 * 32_768


class SoundCheck:
    """Looks at each block; every complaint is made once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def note(self, block: AudioBlock) -> None:
        if not block.samples.size:
            return
        if (np.abs(block.samples.astype(np.int32)) >= _FULL).mean() > _CLIPPED_SHARE:
            self._say("the sound is too loud and clipped: words may be misheard", block)
        if abs(float(block.samples.mean())) > _OFFSET:
            self._say("the sound has a constant offset: the device or its cable is faulty", block)

    def _say(self, complaint: str, block: AudioBlock) -> None:
        if complaint not in self._said:
            self._said.add(complaint)
            logger.warning("At %.1f s %s", block.start, complaint)
