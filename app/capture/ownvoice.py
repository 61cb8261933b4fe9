"""Decides, hop by hop, whether a microphone hears its user or only the loudspeaker."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.capture.echo import HOP, EchoFilter
from app.core.audio import SPEECH_RATE
from app.core.events import SpeakerTurn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from app.capture.echo import Heard

HOP_S = HOP / SPEECH_RATE
_SILENCE = 10**-7.0  # power of a system that plays nothing: -70 dB below full scale
_FAINT = 10**-6.3  # power below which nobody speaks
_MEMORY = 0.985  # of the proof of an echo, each hop in which the system plays: about 2 s
_PROVED, _REFUTED = 0.2, 0.06  # correlation of the microphone with what the filter expected
_RING_HOPS = 24  # for which what the system played may still be heard: the filter's length
_TAIL_DECAY = 0.75  # of an echo's power in each hop
_EDGES_HZ = (100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320,
             2700, 3150, 3700, 4400, 5300, 6400)  # fmt: skip
_BANDS = np.array([round(edge * HOP / SPEECH_RATE) for edge in _EDGES_HZ])
_WINDOW = np.hanning(HOP).astype(np.float32)
_NEEDED_BANDS = 4  # in which a voice is heard over noise and leak
_OVER_NOISE = 6.0  # as power, in a band
_OVER_LEAK = 12.0
_LEAK_FALL, _LEAK_RISE, _LEAK_CREEP = 0.95, 1.05, 1.002  # half of an echo's hops are below
_LEAK_LIMITS = (0.002, 2.0)
_NOISE_RISE = 1.007  # each hop: 1 dB a second
_LONGEST_RUN_S = 5.0  # after which a voice that goes on is told
_SHORTEST_RUN_S = 0.4  # a click with what is kept around it is no voice
_SAME_TURN_S = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the microphone hears in one hop.

    `own`: its user (or someone in the room). `echoing`: there is an echo to be taken away.
    """

    own: bool
    echoing: bool


class EchoJudge:
    """Weighs what the filter could not explain against the noise and against what it may miss."""

    def __init__(self) -> None:
        self._system_power = deque([0.0] * _RING_HOPS, _RING_HOPS)
        self._common = self._guessed = self._heard = 1e-9
        self._proved = False
        self._tail = np.zeros(len(_BANDS) - 1)
        self._leak = np.full(len(_BANDS) - 1, 0.5)
        self._noise = np.full(len(_BANDS) - 1, 1e-5)
        self._smooth = np.zeros(len(_BANDS) - 1)

    def judge(self, system: NDArray[np.float32], mic: NDArray[np.float32], heard: Heard) -> Verdict:
        """`system` is the hop that the filter was given with `mic`."""
        self._system_power.append(_power(system))
        plays = max(self._system_power) > _SILENCE
        if plays:
            self._weigh(mic, heard.echo)
        echoing = plays and self._proved
        self._tail = np.maximum(_TAIL_DECAY * self._tail, _bands(heard.echo))
        rest = heard.rest if echoing else mic
        bands = _bands(rest)
        self._follow_noise(bands)
        voiced = bands > _OVER_NOISE * self._noise
        if echoing:
            voiced &= ~self._leaks(bands)
        own = int(np.count_nonzero(voiced)) >= _NEEDED_BANDS and _power(rest) > _FAINT
        return Verdict(own, echoing)

    def _weigh(self, mic: NDArray[np.float32], echo: NDArray[np.float32]) -> None:
        """The filter has not heard this hop before: chance does not make it right."""
        self._common = _MEMORY * self._common + float(np.vdot(mic, echo))
        self._guessed = _MEMORY * self._guessed + float(np.vdot(echo, echo))
        self._heard = _MEMORY * self._heard + float(np.vdot(mic, mic))
        alike = self._common / (self._guessed * self._heard + 1e-20) ** 0.5
        self._proved = alike > (_REFUTED if self._proved else _PROVED)

    def _leaks(self, rest: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Bands in which `rest` is no more than what the filter usually leaves of an echo."""
        share = rest / (self._tail + 1e-12)
        limit = _OVER_LEAK * self._leak
        rise = np.where(share < limit, _LEAK_RISE, _LEAK_CREEP)
        self._leak *= np.where(share < self._leak, _LEAK_FALL, rise)
        np.clip(self._leak, *_LEAK_LIMITS, out=self._leak)
        found: NDArray[np.bool_] = share < limit
        return found

    def _follow_noise(self, bands: NDArray[np.float64]) -> None:
        self._smooth += 0.3 * (bands - self._smooth)
        self._noise = np.maximum(np.minimum(self._smooth, self._noise * _NOISE_RISE), 1e-12)


def _power(samples: NDArray[np.float32]) -> float:
    return float(np.vdot(samples, samples)) / len(samples)


def _bands(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power in each band, as a share of full scale."""
    power = np.square(np.abs(np.fft.rfft(samples * _WINDOW))) * (16 / 3 / HOP**2)
    found: NDArray[np.float64] = np.add.reduceat(power[: _BANDS[-1]], _BANDS[:-1])
    return found.astype(np.float64)


class EchoGate:
    """Filter and judge together: what of the microphone is to be heard."""

    def __init__(self) -> None:
        self._filter = EchoFilter()
        self._judge = EchoJudge()

    @property
    def delay(self) -> float:
        """Seconds from the system's hop to its echo, once there is one."""
        return self._filter.delay

    def feed(
        self, system: NDArray[np.float32], mic: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], Verdict]:
        """The microphone without the echo, if there is one, and the verdict on this hop."""
        heard = self._filter.feed(system, mic)
        verdict = self._judge.judge(system, mic, heard)
        return (heard.rest if verdict.echoing else mic), verdict


@dataclass(frozen=True, slots=True)
class OwnVoice:
    """The user's own voice was heard from `start` to `end`; a long one is told in pieces."""

    start: float
    end: float


class VoiceRuns:
    """Joins hops with a voice to stretches."""

    def __init__(self) -> None:
        self._start: float | None = None
        self._end = 0.0

    def note(self, start: float, *, own: bool) -> Iterator[OwnVoice]:
        """`start` is that of the hop, in seconds."""
        if own and self._start is None:
            self._start = start
        if own:
            self._end = start + HOP_S
        longest = self._start is not None and start - self._start >= _LONGEST_RUN_S
        if longest or not own:
            yield from self.finish()

    def finish(self) -> Iterator[OwnVoice]:
        start, self._start = self._start, None
        if start is not None and self._end - start >= _SHORTEST_RUN_S:
            yield OwnVoice(round(start, 3), round(self._end, 3))


class OwnTurns:
    """From stretches of the own voice to turns of a speaker, to be shown beside the diarizer's.

    Stretches with short pauses between them are one turn.
    """

    def __init__(self, speaker: int = 0) -> None:
        self._speaker = speaker
        self._turn: SpeakerTurn | None = None

    def note(self, voice: OwnVoice) -> SpeakerTurn:
        """The turn as it is now; one with the same start replaces what was said before."""
        turn = self._turn
        goes_on = turn is not None and voice.start - turn.end <= _SAME_TURN_S
        start = turn.start if turn is not None and goes_on else voice.start
        self._turn = SpeakerTurn(start, voice.end, self._speaker)
        return self._turn
