"""Microphone and system as one track for recognition, without hearing the other side twice."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from app.capture.echo import EARLY_S, HOP
from app.capture.ownvoice import HOP_S, EchoGate, OwnVoice, VoiceRuns
from app.capture.resample import SpeechResampler
from app.core.audio import SPEECH_RATE, AudioBlock, AudioFormat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from app.core.audio import AudioChunk

MIC, SYSTEM = "mic", "system"
PATIENCE_S = 0.2
"""Seconds of sound by which one track may be behind before the mix goes on without it."""
MIXED = AudioFormat(SPEECH_RATE, 1)

_EARLY_HOPS = round(EARLY_S / HOP_S)
_LOOK_AHEAD = 3  # hops by which the mix is later, so that the beginning of a word is not lost
_LONG_SILENCE = 2 * SPEECH_RATE  # samples
_HOLD = 8  # hops for which the microphone stays open after a voice
_NEEDED = 2  # of the last three hops, for a voice to be believed


@dataclass(frozen=True, slots=True, eq=False)
class TrackBlock:
    """A block and the source that it comes from, "mic" or "system"; both on one clock."""

    source: str
    block: AudioBlock


class MixStage:
    """Two tracks in; mono blocks at `SPEECH_RATE` out, and when the user's own voice was heard.

    Places are those of the tracks' common clock. Of the microphone only what the system's sound
    does not explain is mixed in: its echo is left out while nobody speaks, and subtracted while
    somebody does. A track that is late or stands still is silence after `PATIENCE_S`.
    """

    name = "mix"

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience = round(patience_s * SPEECH_RATE)
        self.open()

    def open(self) -> None:
        self._tracks = {MIC: _Track(), SYSTEM: _Track()}
        self._gate = EchoGate()
        self._next = 0  # the place of the next hop of the microphone
        self._waiting: deque[_Hop] = deque()
        self._opening = _Opening()
        self._voices = VoiceRuns()

    def feed(self, items: Sequence[TrackBlock], /) -> Iterator[AudioBlock | OwnVoice]:
        for item in items:
            self._tracks[item.source].add(item.block)
            yield from self._mix()

    def flush(self) -> Iterable[AudioBlock | OwnVoice]:
        for track in self._tracks.values():
            track.finish()
        newest = max(track.end for track in self._tracks.values())
        yield from self._mix_until(newest + HOP - 1)
        yield from self._let_all_out()

    def close(self) -> None:
        """Nothing is held."""

    def _mix(self) -> Iterator[AudioBlock | OwnVoice]:
        """As far as both tracks go, or the one that is ahead by more than `PATIENCE_S`."""
        ends = [track.end for track in self._tracks.values()]
        yield from self._mix_until(max(min(ends), max(ends) - self._patience) - _EARLY_HOPS * HOP)

    def _mix_until(self, end: int) -> Iterator[AudioBlock | OwnVoice]:
        while self._next + HOP <= end:
            yield from self._skip(min(end, *(track.first for track in self._tracks.values())))
            self._take_hop()
            while len(self._waiting) > _LOOK_AHEAD:
                yield from self._let_out()

    def _skip(self, place: float) -> Iterator[AudioBlock | OwnVoice]:
        """A long time without sound on either track stays a jump, as hours may have been slept."""
        if place - self._next > _LONG_SILENCE:
            yield from self._let_all_out()
            self._next = int(place)

    def _let_all_out(self) -> Iterator[AudioBlock | OwnVoice]:
        while self._waiting:
            yield from self._let_out()
        yield from self._voices.finish()

    def _take_hop(self) -> None:
        place, self._next = self._next, self._next + HOP
        mic = self._tracks[MIC].take(place)
        system = self._tracks[SYSTEM]
        ahead = system.peek(place + _EARLY_HOPS * HOP)
        rest, verdict = self._gate.feed(ahead, mic)
        hop = _Hop(place, system.take(place), rest, open=not verdict.echoing, own=False)
        self._waiting.append(hop)
        self._opening.note(self._waiting, own=verdict.own)

    def _let_out(self) -> Iterator[AudioBlock | OwnVoice]:
        hop = self._waiting.popleft()
        gain = self._opening.ramp(wanted=hop.open)
        mixed = np.clip(hop.system + gain * hop.mic, -1.0, 1.0)
        samples = np.rint(mixed * 32767).astype(np.int16)
        yield AudioBlock(hop.place, samples[:, None], MIXED)
        yield from self._voices.note(hop.place / SPEECH_RATE, own=hop.own)


@dataclass(slots=True, eq=False)
class _Hop:
    """What is mixed once it is known whether a voice begins soon."""

    place: int
    system: NDArray[np.float32]
    mic: NDArray[np.float32]
    open: bool
    own: bool


class _Opening:
    """Opens the microphone a little before a voice, and closes it a little after."""

    def __init__(self) -> None:
        self._recent = deque([False] * 3, 3)
        self._hold = 0
        self._gain = 1.0

    def note(self, hops: Sequence[_Hop], *, own: bool) -> None:
        """`hops` are those that wait; the verdict is on the last of them."""
        self._recent.append(own)
        if own and sum(self._recent) >= _NEEDED:
            self._hold = _HOLD
            for hop in hops:
                hop.open = hop.own = True
        elif self._hold:
            self._hold -= 1
            hops[-1].open = hops[-1].own = True

    def ramp(self, *, wanted: bool) -> NDArray[np.float32] | np.float32:
        """The gain over one hop, without a click."""
        before, self._gain = self._gain, float(wanted)
        if before == self._gain:
            return np.float32(self._gain)
        return np.linspace(before, self._gain, HOP, dtype=np.float32)


class _Track:
    """One source's sound at `SPEECH_RATE` in a row; what is missing reads as silence."""

    def __init__(self) -> None:
        self._resampler = SpeechResampler()
        self._chunks: deque[AudioChunk] = deque()
        self.end = 0

    @property
    def first(self) -> float:
        """The place of the earliest sound that was not taken; infinite if there is none."""
        return self._chunks[0].first_sample if self._chunks else inf

    def add(self, block: AudioBlock) -> None:
        self._keep(self._resampler.feed((block,)))

    def finish(self) -> None:
        self._keep(self._resampler.flush())

    def peek(self, place: int) -> NDArray[np.float32]:
        """The hop from `place` on."""
        hop = np.zeros(HOP, np.float32)
        for chunk in self._chunks:
            first, last = max(place, chunk.first_sample), min(place + HOP, chunk.end_sample)
            if first < last:
                part = chunk.samples[first - chunk.first_sample : last - chunk.first_sample]
                hop[first - place : last - place] = part
            elif chunk.first_sample >= place + HOP:
                break
        return hop

    def take(self, place: int) -> NDArray[np.float32]:
        """The hop from `place` on; what lies before its end is not asked for again."""
        hop = self.peek(place)
        while self._chunks and self._chunks[0].end_sample <= place + HOP:
            self._chunks.popleft()
        return hop

    def _keep(self, chunks: Iterable[AudioChunk]) -> None:
        for chunk in chunks:
            if len(chunk.samples):
                self._chunks.append(chunk)
                self.end = max(self.end, chunk.end_sample)
