"""Streaming decoding with the LocalAgreement-2 policy, on CTranslate2.

Each step decodes all the audio held, without forcing the committed text. Words stand as soon as
two hypotheses in a row begin with them. Committed audio is dropped at the end of a segment or
sentence, and its text becomes the prompt.

Source: Macháček, Dabre, Bojar, "Turning Whisper into Real-Time Transcription System" (2023).
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.density import density, room_behind
from app.speech.transcribe.mel import FRAMES_PER_SECOND, HOP, MelBuffer
from app.speech.transcribe.policy import (
    Pause,
    count_before_last_word,
    count_in_pause,
    full_prompt,
    static_tokens,
)
from app.speech.transcribe.quiet import begin_with_sound, rest_between, rests
from app.speech.transcribe.repeats import Passage, without_loop
from app.speech.transcribe.whisper import FRAME_SECONDS, WINDOW_FRAMES, Search
from app.speech.transcribe.words import (
    PlacedPiece,
    ends_sentence,
    ends_word,
    join_marks,
    place,
    split,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.core.events import Word
    from app.speech.transcribe.options import LocalAgreementOptions
    from app.speech.transcribe.quiet import Rest
    from app.speech.transcribe.whisper import DecodingTask, Whisper

_CONTEXTS = (1500, 2000, WINDOW_FRAMES)  # few shapes, so that the engine's memory stays flat
_SILENCE_BEHIND = 250  # mel frames behind the audio without which the model repeats itself
_PATIENCE = 5.0  # seconds over the limit after which any committed word may end the dropped audio
_PROMPT_KEPT = 200  # tokens
_KEPT_IN_PAUSE = 0.5  # seconds of silence that stay in front of what is said next
_SEGMENT_REST = 0.2  # seconds without sound behind a mark that end a segment
_NEAR = 50  # encoder frames by which a word may move from one hypothesis to the next
_SHORTEST = 0.2  # seconds of audio below which there is nothing to decode
_MOST_PARTS = 8  # in which audio is decoded whose text does not fit the decoder


class LocalAgreementDecoder:
    """The audio held, the committed words in it, and the tail of the last hypothesis."""

    def __init__(self, model: Whisper, options: LocalAgreementOptions, task: DecodingTask) -> None:
        self._model = model
        self._options = options
        self._static = static_tokens(model, options.static_prompt)
        self._tail: list[PlacedPiece] = []
        self.task = task
        self.careful = True  # it makes no difference: every step costs the same
        self._older: list[int] = []  # tokens of committed text whose audio has been dropped
        self._begin(0)

    @property
    def preview(self) -> str:
        return "".join(word.piece.text for word in self._tail)

    @property
    def seconds(self) -> float:
        """Seconds of audio held."""
        return len(self._mel.samples) / SPEECH_RATE

    def restart(self, first_sample: int) -> None:
        """Forget the audio; the text stays as prompt. New audio begins at `first_sample`."""
        self._remember(self._standing)
        self._begin(first_sample)

    def append(self, samples: NDArray[np.float32]) -> None:
        self._mel.append(samples)
        self.fresh += len(samples) / SPEECH_RATE

    def step(self, pause: Pause, silence: float) -> list[Word]:
        """Decode what is held and commit what may be; `silence` is its length at the end (s)."""
        self.fresh = 0.0
        words: list[Word] = []
        for _ in range(_MOST_PARTS):
            words.extend(self._step(pause, silence))
            if pause is not Pause.LONG or not self._full:
                break
        return words

    def _step(self, pause: Pause, silence: float) -> list[Word]:
        self._full = False
        if self.seconds < _SHORTEST:
            return []
        new = after(self._standing, self._decode())
        count = self._count(new, pause, silence)
        committed = new[:count]
        self._standing.extend(committed)
        self._tail = [] if pause is Pause.LONG else new[count:]
        heard = AudioChunk(self._origin, self._mel.samples)
        self._drop_old_audio(pause)
        return begin_with_sound([word.as_word(heard.start) for word in committed], heard)

    def _begin(self, first_sample: int) -> None:
        self._mel = MelBuffer(self._model.n_mels)
        self._origin = first_sample
        self._standing: list[PlacedPiece] = []
        self._tail = []
        self._full = False  # the last text ended for want of room
        self.fresh = 0.0  # seconds of audio since the last step

    def _context(self) -> int:
        wanted = self._mel.frames + _SILENCE_BEHIND
        return next((size for size in _CONTEXTS if size >= wanted), WINDOW_FRAMES)

    def _decode(self) -> list[PlacedPiece]:
        encoded = self._model.encode(self._mel.window(self._context()))
        before = full_prompt(self._static, self._older, self._options.prompt_tokens)
        room = room_behind(len(before) + len(self.task.glossary))
        search = Search(min(self._budget(), room), self._options.beams)
        found = self._model.transcribe(encoded, before, self.task, search)
        passage = Passage(self._mel.samples, encoded, (), found.tokens)
        tokens = without_loop(self._model, passage, self.task)
        if not tokens:
            return []
        frames = min(self._mel.frames, WINDOW_FRAMES)
        alignment = self._model.align(encoded, tokens, frames, self.task)
        placed = place(split(tokens, self._model.text, self.task.written), alignment, 0)
        self._full = len(tokens) >= room and len(placed) > 1
        return placed[:-1] if self._full else placed  # the last word may be cut

    def _budget(self) -> int:
        rate = self._options.tokens_per_second * density(self.task.written)
        return int(self.seconds * rate) + 10

    def _count(self, new: Sequence[PlacedPiece], pause: Pause, silence: float) -> int:
        """How many of the `new` pieces stand now."""
        count = _common(new, self._tail)
        if self._options.validation is not None:
            count = max(count, _likely(new, self._options.validation))
        if pause is not Pause.NONE:
            frames = self._mel.frames // 2
            count = max(count, count_in_pause(new, frames, silence, pause, self._options))
        if self._options.never_fire and pause is not Pause.LONG:
            count = min(count, count_before_last_word(new))
        return count

    def _drop_old_audio(self, pause: Pause) -> None:
        held = self._mel.frames // 2
        if self._full and self._standing:
            self._drop(self._standing[-1].end, len(self._standing))
        elif pause is Pause.LONG:
            self._drop(held - int(_KEPT_IN_PAUSE / FRAME_SECONDS), len(self._standing))
        elif self.seconds > self._options.longest:
            count = self._trimmed()
            if count:
                self._drop(self._standing[count - 1].end, count)
            elif self._is_late():
                self._drop(held // 2, 0)  # nothing committed for long: the older half

    def _trimmed(self) -> int:
        """How many committed pieces go: up to an end of segment or sentence, or, late, all."""
        heard = AudioChunk(self._origin, self._mel.samples)
        words = [piece.as_word(heard.start) for piece in (*self._standing, *self._tail)]
        found = rests(heard)
        for count in range(min(len(self._standing), len(words) - 1), 0, -1):
            if self._may_end(words, count, found):
                return count
        return len(self._standing) if self._is_late() else 0

    def _may_end(self, words: Sequence[Word], count: int, found: Sequence[Rest]) -> bool:
        """Whether somebody rests behind `count` words, at a mark or the end of a sentence."""
        before, after = join_marks(words[:count])[-1], words[count]
        if ends_word(after.text):
            return False
        if self._options.trimming == "sentence":
            return ends_sentence(before, after, found)
        rest = rest_between(before, after, found)
        marked = ends_word(words[count - 1].text)
        return marked and rest is not None and rest.length >= _SEGMENT_REST

    def _is_late(self) -> bool:
        """Whether sound must go, wherever it ends: soon there is more than the encoder takes."""
        longest = (WINDOW_FRAMES - _SILENCE_BEHIND) / FRAMES_PER_SECOND
        most = max(longest / 2, longest - self._options.step)
        return self.seconds > min(self._options.longest + _PATIENCE, most)

    def _remember(self, words: Sequence[PlacedPiece]) -> None:
        tokens = [token for word in words for token in word.piece.tokens]
        self._older = [*self._older, *tokens][-_PROMPT_KEPT:]

    def _drop(self, frames: int, words: int) -> None:
        """Drop audio of `frames` encoder frames and the `words` that stood for it."""
        frames = max(0, frames)
        self._remember(self._standing[:words])
        self._mel.drop(frames * 2)
        self._origin += frames * 2 * HOP
        self._standing = [word.shifted(-frames) for word in self._standing[words:]]
        self._tail = [word.shifted(-frames) for word in self._tail]


def after(standing: Sequence[PlacedPiece], found: Sequence[PlacedPiece]) -> list[PlacedPiece]:
    """The pieces of the hypothesis `found` that come behind the committed ones, `standing`.

    Where the last committed word is not found in the hypothesis, time decides: what lies where
    committed words lie has been said already, in other words. Marks tell nothing: a full stop that
    was committed too early is not the one at the end of the sentence.
    """
    mine, theirs = _words(standing), _words(found)
    if not mine:
        return list(found)
    keys = _keys([standing[i] for i in mine]), _keys([found[i] for i in theirs])
    blocks = SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks()
    pairs = [
        (mine[block.a + k], theirs[block.b + k]) for block in blocks for k in range(block.size)
    ]
    near = [(a, b) for a, b in pairs if abs(standing[a].end - found[b].end) <= _NEAR]
    last, first = (near[-1][0], near[-1][1] + 1) if near else (-1, 0)
    if last == mine[-1] == len(standing) - 1:
        return list(found[first:])
    while last != mine[-1] and first < len(found) and _middle(found[first]) < standing[-1].end:
        first += 1
    while first < len(found) and ends_word(found[first].piece.text):
        first += 1  # the last committed word has its marks, or was said in other words
    return list(found[first:])


def _words(pieces: Sequence[PlacedPiece]) -> list[int]:
    """Where there are words, not marks."""
    return [index for index, item in enumerate(pieces) if not ends_word(item.piece.text)]


def _middle(word: PlacedPiece) -> float:
    return (word.start + word.end) / 2


def _common(new: Sequence[PlacedPiece], old: Sequence[PlacedPiece]) -> int:
    """The length of the longest common prefix."""
    pairs = zip(_keys(new), _keys(old), strict=False)
    return next((index for index, (a, b) in enumerate(pairs) if a != b), min(len(new), len(old)))


def _likely(new: Sequence[PlacedPiece], floor: float) -> int:
    """Pieces in front that are likelier than `floor`; the last word may be cut and never counts."""
    whole = new[: count_before_last_word(new)]
    return next((i for i, word in enumerate(whole) if word.probability <= floor), len(whole))


def _keys(words: Sequence[PlacedPiece]) -> list[str]:
    return [word.piece.text.strip().casefold() for word in words]
