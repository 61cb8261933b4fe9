"""Streaming decoding with the AlignAtt policy, on CTranslate2.

Each step encodes the newest seconds of audio, continues the committed text greedily, places the new
words by aligning text with attention, and commits those that end far enough before the newest
audio. The rest is the unstable tail.

Sources: Papi, Turchi, Negri, "AlignAtt: Using Attention-based Audio-Translation Alignments as a
Guide for Simultaneous Speech Translation" (2023); Macháček and Polák, "SimulStreaming" (2025).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.core.audio import SPEECH_RATE
from app.speech.transcribe.graphemes import may_go_on
from app.speech.transcribe.guards import cut_repeats, is_guesswork, is_loop
from app.speech.transcribe.mel import FRAMES_PER_SECOND, HOP, MelBuffer
from app.speech.transcribe.policy import (
    Pause,
    count_before_last_word,
    full_prompt,
    static_tokens,
)
from app.speech.transcribe.whisper import FRAME_SECONDS
from app.speech.transcribe.words import PlacedPiece, place, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.core.events import Word
    from app.speech.transcribe.options import AlignAttOptions
    from app.speech.transcribe.whisper import DecodingTask, Whisper

_PROMPT_KEPT = 200  # tokens of older text remembered
_GRAIN = 250  # mel frames; windows come in multiples of it
_SHORTEST = 0.2  # seconds of audio below which there is nothing to decode
_UNHEARD = 0.6  # seconds of speech behind the text in which there must be more than repetition


@dataclass(frozen=True, slots=True)
class CommitPolicy:
    """Decides how many of the new words may be committed."""

    options: AlignAttOptions

    def count_while_speaking(
        self, placed: Sequence[PlacedPiece], frames: int, old_tail: Sequence[tuple[int, ...]]
    ) -> int:
        """Words in front that end early enough before `frames`, the encoder frames of audio."""
        for index, word in enumerate(placed):
            stable = index < len(old_tail) and old_tail[index] == word.piece.tokens
            is_last = index == len(placed) - 1
            if frames - word.end <= self._threshold(word, stable=stable, is_last=is_last):
                return index
        return len(placed)

    def count_in_pause(
        self, placed: Sequence[PlacedPiece], frames: int, speech_end: float, floor: float
    ) -> int:
        """Words in front that are probable enough and begin before `speech_end` (frames)."""
        latest = speech_end + self.options.pause_slack / FRAME_SECONDS
        for index, word in enumerate(placed):
            beyond = word.start >= frames - 2 or word.start > latest
            if beyond or word.probability < floor:
                return index
        return len(placed)

    def _threshold(self, word: PlacedPiece, *, stable: bool, is_last: bool) -> int:
        options = self.options
        if word.probability < options.weak:
            return options.frame_threshold_weak
        limit = options.frame_threshold
        if not is_last and word.probability > options.sure:
            limit = options.frame_threshold_sure
        if not is_last and stable:
            limit = min(limit, options.frame_threshold_stable)
        return limit


class AlignAttDecoder:
    """The audio of the last seconds, the text that stands for it, and the tail behind that."""

    def __init__(self, model: Whisper, options: AlignAttOptions, task: DecodingTask) -> None:
        self._model = model
        self._options = options
        self._policy = CommitPolicy(options)
        self._static = static_tokens(model, options.static_prompt)
        self.task = task
        self._tail: list[PlacedPiece] = []
        self._older: list[int] = []  # tokens of text whose audio has been dropped
        self._begin(0)

    def restart(self, first_sample: int) -> None:
        """Forget the audio; the text stays as prompt. New audio begins at `first_sample`."""
        self._remember(self._standing)
        self._begin(first_sample)

    def append(self, samples: NDArray[np.float32]) -> None:
        self._mel.append(samples)
        self.fresh += len(samples) / SPEECH_RATE

    @property
    def preview(self) -> str:
        return "".join(word.piece.text for word in self._tail)

    @property
    def seconds(self) -> float:
        """Seconds of audio held."""
        return len(self._mel.samples) / SPEECH_RATE

    def step(self, pause: Pause, silence: float) -> list[Word]:
        """Decode what is held and commit what may be; `silence` is its length at the end (s)."""
        self.fresh = 0.0
        if self.seconds < _SHORTEST:
            return []
        placed = self._decode(silence)
        count = self._count(placed, pause, silence)
        if self._options.never_fire and pause is not Pause.LONG:
            count = min(count, count_before_last_word(placed))
        if pause is not Pause.LONG and count == len(placed) > 0:
            count -= may_go_on(placed[-1].piece.text)  # marks of its last character may follow
        committed = placed[:count]
        origin = self._origin / SPEECH_RATE
        self._standing.extend(committed)
        self._tail = [] if pause is Pause.LONG else placed[count:]
        if is_loop(self._standing_tokens()):
            self._leave_loop()
        else:
            self._drop_old_audio()
        return [word.as_word(origin) for word in committed]

    def _begin(self, first_sample: int) -> None:
        self._mel = MelBuffer(self._model.n_mels)
        self._origin = first_sample
        self._standing: list[PlacedPiece] = []
        self._tail = []
        self.fresh = 0.0  # seconds of audio since the last step

    def encode(self) -> Any:
        """The encoder's output for the audio held."""
        return self._model.encode(self._mel.window(self._window_frames()))

    def _window_frames(self) -> int:
        """Mel frames to encode: the audio and silence behind it, in few sizes for flat memory.

        Without enough silence the decoder begins the phrase again instead of ending it.
        """
        needed = self._mel.frames + int(self._options.padding * FRAMES_PER_SECOND)
        return min(self._options.context, math.ceil(needed / _GRAIN) * _GRAIN)

    def _decode(self, silence: float) -> list[PlacedPiece]:
        frames = min(self._mel.frames, self._options.context)
        encoded = self.encode()
        standing = self._standing_tokens()
        before = full_prompt(self._static, self._older, self._options.prompt_tokens)
        found = self._model.continue_text(encoded, before, standing, self.task, self._budget())
        new = cut_repeats(standing, found)
        if found and not new and self._open_seconds() - silence >= _UNHEARD:
            self._leave_loop()
            return self._decode(silence) if standing else []
        if not new:
            return []
        alignment = self._model.align(encoded, [*standing, *new], frames, self.task)
        pieces = split(new, self._model.text, self.task.written)
        return place(pieces, alignment, len(standing))

    def _leave_loop(self) -> None:
        """Go on behind the text, without it: it would only lead into the loop again."""
        if self._standing:
            self._drop(self._standing[-1].end, len(self._standing))
        self._older.clear()

    def _open_seconds(self) -> float:
        """Seconds of audio behind the text."""
        covered = self._standing[-1].end * FRAME_SECONDS if self._standing else 0.0
        return self._mel.frames / FRAMES_PER_SECOND - covered

    def _budget(self) -> int:
        open_seconds = self._open_seconds()
        return int(max(6.0, open_seconds * self._options.tokens_per_second + 6))

    def _count(self, placed: Sequence[PlacedPiece], pause: Pause, silence: float) -> int:
        frames = min(self._mel.frames, self._options.context) // 2
        if is_guesswork(word.probability for word in placed):
            return 0
        if pause is Pause.NONE:
            old_tail = [word.piece.tokens for word in self._tail]
            return self._policy.count_while_speaking(placed, frames, old_tail)
        options = self._options
        floor = options.short_pause_floor if pause is Pause.SHORT else options.long_pause_floor
        speech_end = frames - silence / FRAME_SECONDS
        return self._policy.count_in_pause(placed, frames, speech_end, floor)

    def _standing_tokens(self) -> list[int]:
        return [token for word in self._standing for token in word.piece.tokens]

    def _remember(self, words: Sequence[PlacedPiece]) -> None:
        tokens = [token for word in words for token in word.piece.tokens]
        self._older = [*self._older, *tokens][-_PROMPT_KEPT:]

    def _drop_old_audio(self) -> None:
        if self.seconds <= self._options.longest:
            return
        limit = (self.seconds - self._options.keep) / FRAME_SECONDS
        count = sum(1 for word in self._standing if word.end <= limit)
        if count:
            self._drop(self._standing[count - 1].end, count)
        elif self._mel.frames > self._options.context - FRAMES_PER_SECOND // 2:
            self._drop(self._mel.frames // 4, 0)  # nothing committed for long: the older half

    def _drop(self, frames: int, words: int) -> None:
        """Drop audio of `frames` encoder frames and the `words` that stood for it."""
        self._remember(self._standing[:words])
        self._mel.drop(frames * 2)
        self._origin += frames * 2 * HOP
        moved = [*self._standing[words:], *self._tail]
        shifted = [
            PlacedPiece(w.piece, max(0, w.start - frames), max(0, w.end - frames), w.probability)
            for w in moved
        ]
        kept = len(self._standing) - words
        self._standing = shifted[:kept]
        self._tail = shifted[kept:]
