"""What a voice activity detector gives to the stages behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.core.audio import AudioChunk


@dataclass(frozen=True, slots=True, eq=False)
class SpeechAudio:
    """Audio in or around speech; what lies far from any speech is never sent.

    `silence` is how many seconds the silence at the end of `chunk` has lasted, 0 while somebody
    speaks. A jump in sample numbers between two chunks is silence that was left out.
    """

    chunk: AudioChunk
    silence: float
