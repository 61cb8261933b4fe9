"""Microphone and system as one sound for recognition: live, and of a recording."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.capture.mixing import MIC, SYSTEM, MixStage, TrackBlock
from app.core.audio import AudioBlock
from app.core.events import StageChanged, StageState
from app.pipeline.runner import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from app.capture.ownvoice import OwnVoice
    from app.pipeline.protocol import Stage

    Mixed = AudioBlock | OwnVoice

logger = logging.getLogger(__name__)

BOTH = (MIC, SYSTEM)
LATE_S = 1.0
"""Seconds for which the mix waits for a track: a disk may be so busy with one of them."""


class CarefulMix:
    """A mixer whose failure costs no more than the microphone's captions.

    From then on the system's sound alone is passed on. The failure is told once.
    """

    name = "mix"

    def __init__(self, mixer: Stage[TrackBlock, Mixed] | None = None) -> None:
        self._mixer: Stage[TrackBlock, Mixed] | None = mixer or MixStage(LATE_S)

    def open(self) -> None:
        if self._mixer is not None:
            self._mixer.open()

    def feed(self, items: Sequence[TrackBlock], /) -> Iterable[Mixed | StageChanged]:
        if self._mixer is None:
            return _system_of(items)
        try:
            return list(self._mixer.feed(items))
        except Exception as exc:  # noqa: BLE001 - logged and told
            return [self._give_up(exc), *_system_of(items)]

    def flush(self) -> Iterable[Mixed | StageChanged]:
        if self._mixer is None:
            return ()
        try:
            return list(self._mixer.flush())
        except Exception as exc:  # noqa: BLE001 - logged and told
            return [self._give_up(exc)]

    def close(self) -> None:
        if self._mixer is not None:
            self._mixer.close()

    def _give_up(self, exc: Exception) -> StageChanged:
        self._mixer = None
        failure_of(self.name, exc)
        return StageChanged(
            self.name,
            StageState.FAILED,
            "Microphone and system can no longer be mixed",
            "Both are still recorded; captions follow the system's sound.",
        )


def _system_of(items: Sequence[TrackBlock]) -> list[AudioBlock]:
    return [item.block for item in items if item.source == SYSTEM]


def mixed_blocks(
    tracks: dict[str, Iterator[AudioBlock]], patience_s: float
) -> Iterator[AudioBlock]:
    """Recorded tracks "mic" and "system" as they were mixed live, in blocks of a moment each.

    Blocks of the tracks must be shorter than `patience_s`; they are taken from in turn.
    """
    mixer = MixStage(patience_s)
    mixer.open()
    while tracks:
        for name, blocks in list(tracks.items()):
            block = next(blocks, None)
            if block is None:
                del tracks[name]
            else:
                yield from _sound(mixer.feed([TrackBlock(name, block)]))
    yield from _sound(mixer.flush())
    mixer.close()


def _sound(items: Iterable[Mixed]) -> Iterator[AudioBlock]:
    return (item for item in items if isinstance(item, AudioBlock))
