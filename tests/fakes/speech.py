"""A recogniser without a model: every word is a tone of its own, heard by its place in the mel.

`Speaker` writes sound, `FakeWhisper` reads it back through the real mel frames, and
`LoudnessDetector` takes whatever is not silent for speech.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.device import CPU
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import Alignment, Hypothesis, Whisper
from app.speech.vad.silero import FRAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from app.speech.transcribe.whisper import DecodingTask, Search

VOCABULARY = (" one", " two", " three", " four", " five", " six", " seven", " end.")
"""What can be said; the last one is two tokens, the word and its full stop."""
MARKS = {100: ".", 101: '"'}
_FULL_STOP = 100
N_MELS = 80
_LOWEST_BIN, _BIN_STEP = 20, 7
_LOUD = 0.9  # scaled log power below the loudest that still counts as the tone


class LoudnessDetector:
    """Speech is what is not silent: one probability for each frame of 32 ms."""

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        loudest = np.abs(samples.reshape(-1, FRAME)).max(axis=1)
        return np.where(loudest > 0.01, 0.9, 0.1).astype(np.float32)


def ramble(count: int) -> list[str]:
    """Words in no order, so that no phrase comes twice in a row; always the same ones."""
    random = np.random.default_rng(7)
    numbers: list[int] = []
    while len(numbers) < count:
        number = int(random.integers(0, len(VOCABULARY) - 1))
        if number not in numbers[-2:]:
            numbers.append(number)
    return [VOCABULARY[number].strip() for number in numbers]


@cache
def _frequencies() -> tuple[float, ...]:
    """A tone for each word, far enough from the others in the mel."""
    wanted = [_LOWEST_BIN + _BIN_STEP * index for index in range(len(VOCABULARY))]
    candidates = np.arange(200.0, 7800.0, 10.0)
    bins = [_loudest_bin(tone(float(hertz), 0.2)) for hertz in candidates]
    return tuple(float(candidates[bins.index(number)]) for number in wanted)


def _loudest_bin(samples: NDArray[np.float32]) -> int:
    window = MelBuffer(N_MELS, samples).window(20)[0]
    return int(window[:, 10].argmax())


def tone(hertz: float, seconds: float) -> NDArray[np.float32]:
    """A tone with soft edges, so that it does not click."""
    t = np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    edges = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.01)
    wave: NDArray[np.float32] = (0.5 * edges * np.sin(2 * np.pi * hertz * t)).astype(np.float32)
    return wave


@dataclass(frozen=True, slots=True)
class Said:
    """A word as it was spoken; seconds."""

    text: str
    start: float
    end: float


@dataclass
class Speaker:
    """Speaks words of `VOCABULARY`; `said` tells when each of them was."""

    parts: list[NDArray[np.float32]] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    seconds: float = 0.0

    def say(self, *words: str, length: float = 0.3, gap: float = 0.1) -> Speaker:
        for word in words:
            hertz = _frequencies()[[w.strip(" .") for w in VOCABULARY].index(word)]
            start = self.seconds
            self._add(tone(hertz, length))
            self.said.append(Said(word, start, self.seconds))
            self.rest(gap)
        return self

    def rest(self, seconds: float) -> Speaker:
        self._add(np.zeros(round(seconds * SPEECH_RATE), np.float32))
        return self

    def hum(self, seconds: float) -> Speaker:
        """Sound that is no word; the detector takes it for speech."""
        wave = np.sin(np.arange(round(seconds * SPEECH_RATE)) * 0.02)
        self._add((0.02 * wave).astype(np.float32))
        return self

    @property
    def samples(self) -> NDArray[np.float32]:
        return np.concatenate(self.parts)

    def chunks(self, size: int = 640) -> Iterator[AudioChunk]:
        return chunked(self.samples, size)

    def _add(self, samples: NDArray[np.float32]) -> None:
        self.parts.append(samples)
        self.seconds = sum(map(len, self.parts)) / SPEECH_RATE


def chunked(samples: NDArray[np.float32], size: int = 640, first: int = 0) -> Iterator[AudioChunk]:
    for at in range(0, len(samples), size):
        yield AudioChunk(first + at, samples[at : at + size])


@dataclass(frozen=True, slots=True)
class HeardToken:
    """A token and the encoder frames (20 ms) in which it sounds."""

    token: int
    start: int
    end: int


class FakeWhisper(Whisper):
    """Hears the tones of `Speaker`. What it is asked is counted; what it answers can be set.

    `named` is what it takes the language for; `sure` is the probability of every token; `dressed`
    replaces what a beam search hears, `score` is its mean log probability. `unsure` are tokens with
    a probability of their own; `mistaken` what a greedy search takes a token for.
    """

    def __init__(self, *, multilingual: bool = False) -> None:
        self.multilingual = multilingual
        self.device = CPU
        self.n_mels = N_MELS
        self.end = 50_000
        self.languages = {"en": 50_001, "ko": 50_002, "de": 50_003} if multilingual else {}
        self.encoded = self.continued = self.searched = 0
        self.named: list[list[tuple[str, float]]] = [[("en", 0.99)]]
        self.sure = 0.95
        self.dressed: list[list[int]] = []
        self.score = -0.2
        self.tasks: list[DecodingTask] = []
        self.prompts: list[list[int]] = []
        self.longest_window = 0.0
        self.searches: list[Search] = []
        self.unsure: dict[int, float] = {}
        self.mistaken: dict[int, int] = {}

    def encode(self, mel: NDArray[np.float32], kept: int | None = None) -> list[HeardToken]:
        self.encoded += 1
        heard = list(_heard(mel[0]))
        self.longest_window = max(self.longest_window, heard[-1].end * 0.02 if heard else 0.0)
        return heard

    def continue_text(
        self,
        encoded: Any,
        before: Sequence[int],
        prefix: Sequence[int],
        task: DecodingTask,
        search: Search,
    ) -> list[int]:
        self.continued += 1
        self.searches.append(search)
        self.tasks.append(task)
        self.prompts.append(list(before))
        heard = [item.token for item in encoded][len(prefix) :][: search.budget]
        return [self.mistaken.get(token, token) for token in heard] if search.beams == 1 else heard

    def transcribe(
        self, encoded: Any, before: Sequence[int], task: DecodingTask, search: Search
    ) -> Hypothesis:
        self.searched += 1
        self.tasks.append(task)
        self.prompts.append(list(before))
        heard = [item.token for item in encoded][: search.budget]
        return Hypothesis(self.dressed.pop(0) if self.dressed else heard, self.score)

    def align(
        self, encoded: Any, tokens: Sequence[int], frames: int, task: DecodingTask
    ) -> Alignment:
        """Tokens lie where they were heard; what was not heard lies at the end."""
        places: dict[int, HeardToken] = dict(enumerate(encoded))
        last = encoded[-1].end if encoded else 0
        starts = [places[i].start if i in places else last for i in range(len(tokens))]
        end = places[len(tokens) - 1].end if len(tokens) - 1 in places else last
        probabilities = [self.unsure.get(token, self.sure) for token in tokens]
        return Alignment(np.array([*starts, end], np.int64), np.array(probabilities, np.float32))

    def name_language(self, encoded: Any, allowed: Sequence[str] = ()) -> list[tuple[str, float]]:
        return self.named.pop(0) if len(self.named) > 1 else self.named[0]

    def text(self, tokens: Sequence[int]) -> str:
        return "".join(MARKS.get(token) or VOCABULARY[token].rstrip(".") for token in tokens)

    def tokens(self, text: str) -> list[int]:
        names = [word.strip(" .") for word in VOCABULARY]
        return [names.index(word) for word in text.split()]


def _heard(mel: NDArray[np.float32]) -> Iterator[HeardToken]:
    """The tones in mel frames (n_mels, frames)."""
    if mel.max() - mel.min() < 1.0:
        return
    loud = mel.max(axis=0) > mel.max() - _LOUD
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(np.int8), [0]])))
    for begin, end in edges.reshape(-1, 2):
        if end - begin >= 6:
            yield from _tokens(int(np.median(mel[:, begin:end].argmax(axis=0))), begin, end)


def _tokens(loudest: int, begin: int, end: int) -> Iterator[HeardToken]:
    number = round((loudest - _LOWEST_BIN) / _BIN_STEP)
    if not 0 <= number < len(VOCABULARY):
        return
    yield HeardToken(number, begin // 2, end // 2)
    if VOCABULARY[number].endswith("."):
        yield HeardToken(_FULL_STOP, end // 2, end // 2)
