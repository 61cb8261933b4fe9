"""Streaming decoding with the AlignAtt policy, on CTranslate2.

Each step encodes the newest seconds of audio, continues the committed text greedily, places the new
words by aligning text with attention, and commits those that end far enough before the newest
audio. The rest is the unstable tail. Words that the model is in doubt about are decoded once more
before they are committed, by beam search and from more audio: that is where greedy decoding of a
few seconds goes wrong, and it is too slow for every step.

Sources: Papi, Turchi, Negri, "AlignAtt: Using Attention-based Audio-Translation Alignments as a
Guide for Simultaneous Speech Translation" (2023); Macháček and Polák, "SimulStreaming" (2025).
"""

from __future__ import annotations

import math
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from app.core.audio import SPEECH_RATE, AudioChunk
from app.speech.transcribe.commit import CommitPolicy
from app.speech.transcribe.density import density, room_behind
from app.speech.transcribe.graphemes import may_go_on
from app.speech.transcribe.guards import is_echo, is_guesswork, is_loop, is_made_up
from app.speech.transcribe.held import HeldSpeech
from app.speech.transcribe.mel import FRAMES_PER_SECOND, HOP
from app.speech.transcribe.policy import (
    Pause,
    count_before_last_word,
    count_in_pause,
    full_prompt,
    static_tokens,
)
from app.speech.transcribe.quiet import begin_with_sound
from app.speech.transcribe.repeats import Passage, without_loop
from app.speech.transcribe.whisper import FRAME_SECONDS, WINDOW_FRAMES, Search
from app.speech.transcribe.words import ends_word, place, since, split, without_stutter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.core.events import Word
    from app.speech.transcribe.held import Window
    from app.speech.transcribe.options import AlignAttOptions
    from app.speech.transcribe.whisper import DecodingTask, Whisper
    from app.speech.transcribe.words import PlacedPiece

_GRAIN = 125  # mel frames; windows come in multiples of it
_HEARD_BEHIND = 50  # encoder frames of silence behind the audio that the decoder looks at ...
_MORE_IN_PAUSE = 75  # ... and so many more when nobody speaks, to notice that the text has ended
_LONGEST_VIEW = 1.2  # times as long as usual, when no word is committed
_SHORTEST = 0.2  # seconds of audio below which there is nothing to decode
_UNHEARD = 0.6  # seconds of speech behind the text in which there must be more than repetition
_CATCHES_UP = 3.0  # density of a script above which the budget of an ordinary one is too small
_MOST_TEXT = 160  # tokens of a window; the decoder holds little more with prompt and new text
_UNHEARD_FOR_LONG = 2.5  # ... while somebody speaks: what is said again is not heard at once


class AlignAttDecoder:
    """The audio of the last seconds, the text that stands for it, and the tail behind that."""

    def __init__(self, model: Whisper, options: AlignAttOptions, task: DecodingTask) -> None:
        self._model = model
        self._options = options
        self._policy = CommitPolicy(options)
        self._static = static_tokens(model, options.static_prompt)
        self._held = HeldSpeech(model.n_mels)
        self.task = task
        self.careful = True
        self.fresh = 0.0  # seconds of audio since the last step
        self.preview = ""

    def restart(self, first_sample: int) -> None:
        """New audio begins at `first_sample`; what stands helps to understand it."""
        self._held.resume(first_sample)
        self.fresh = 0.0
        self.preview = ""

    def append(self, samples: NDArray[np.float32]) -> None:
        self._held.append(samples)
        self.fresh += len(samples) / SPEECH_RATE

    @property
    def seconds(self) -> float:
        """Seconds of audio held."""
        return self._held.seconds

    def step(self, pause: Pause, silence: float) -> list[Word]:
        """Decode what is held and commit what may be; `silence` is its length at the end (s)."""
        self.fresh = 0.0
        if self.seconds < _SHORTEST:
            return []
        placed = self._decode(silence)
        count = self._count(placed, pause, silence)
        if self._is_doubtful(placed if pause is Pause.LONG else placed[:count]):
            placed = self._decode(silence, closer=True)
            count = self._count(placed, pause, silence)
        committed = [word for word in placed[:count] if not is_made_up(word.as_word(0.0))]
        heard = AudioChunk(self._held.origin, self._held.mel.samples)
        self._held.commit(committed)
        tail = () if pause is Pause.LONG else placed[count:]
        self.preview = "".join(word.piece.text for word in tail)
        if is_loop(self._held.tokens):
            self._held.forget_text()
        else:
            self._drop_old_audio()
        return begin_with_sound([word.as_word(heard.start) for word in committed], heard)

    def _is_doubtful(self, words: Iterable[PlacedPiece]) -> bool:
        doubt = self._options.doubt if self.careful else 0.0
        return any(word.probability < doubt for word in words)

    def _decode(self, silence: float, *, closer: bool = False) -> list[PlacedPiece]:
        """The words behind those that stand.

        A closer look hears all the audio held and searches with several beams: much more than most
        words need, and what helps where the model is in doubt.
        """
        window = self._held.whole() if closer else self._held.view()
        if len(window.text) > _MOST_TEXT:
            window = self._held.view()
        encoded = self._encode(window, paused=silence >= self._options.short_pause)
        search = Search(self._budget(), self._options.closer_beams if closer else 1)
        before = self._prompt(window, search)
        found = self._model.continue_text(encoded, before, window.text, self.task, search)
        new = self._without_loop(window, encoded, found)
        if not new and self._goes_unheard(silence, looped=bool(found)):
            return self._decode_anew(silence)
        if not new:
            return []
        tokens = [*window.text, *new]
        frames = min(window.frames * 2, WINDOW_FRAMES)
        alignment = self._model.align(encoded, tokens, frames, self.task)
        pieces = split(new, self._model.text, self.task.written)
        words = without_stutter(place(pieces, alignment, len(window.text)))
        speech_end = window.frames - silence / FRAME_SECONDS
        kept = _count_before_echo(window.text, words, speech_end)
        return since(self._held.resumed, [word.shifted(window.begin) for word in words[:kept]])

    def _prompt(self, window: Window, search: Search) -> list[int]:
        """Older text, as much as leaves room for what stands and for what is new."""
        taken = len(self._static) + len(self.task.glossary) + len(window.text)
        room = max(0, room_behind(taken) - search.budget)
        return full_prompt(self._static, window.before, min(self._options.prompt_tokens, room))

    def _without_loop(self, window: Window, encoded: Any, found: list[int]) -> list[int]:
        sound = self._held.mel.samples[window.begin * 2 * HOP :]
        return without_loop(self._model, Passage(sound, encoded, window.text, found), self.task)

    def _goes_unheard(self, silence: float, *, looped: bool) -> bool:
        """Whether more was said behind the text than a repetition, or nothing at all."""
        ended = looped and silence >= self._options.short_pause
        return self._open_seconds() - silence >= (_UNHEARD if ended else _UNHEARD_FOR_LONG)

    def _decode_anew(self, silence: float) -> list[PlacedPiece]:
        """Go on behind the text, without it: it would only lead into the loop again."""
        stood = bool(self._held.tokens)
        self._held.forget_text()
        return self._decode(silence) if stood else []

    def _encode(self, window: Window, *, paused: bool) -> Any:
        """In few sizes, for flat memory.

        Without silence behind the audio the decoder begins the phrase again instead of ending it.
        """
        more = _MORE_IN_PAUSE if paused else 0
        needed = (window.frames + more) * 2 + int(self._options.padding * FRAMES_PER_SECOND)
        total = min(WINDOW_FRAMES, math.ceil(needed / _GRAIN) * _GRAIN)
        mel = self._held.mel.window(total, window.begin * 2)
        return self._model.encode(mel, window.frames + _HEARD_BEHIND + more)

    def _open_seconds(self) -> float:
        """Seconds of audio behind the text."""
        return self.seconds - self._held.covered * FRAME_SECONDS

    def _budget(self) -> int:
        """Tokens of new text. What did not fit comes with the next step, and loops fill all of it.

        So only scripts that never would catch up get more.
        """
        dense = max(1.0, density(self.task.written) / _CATCHES_UP)
        rate = self._options.tokens_per_second * dense
        return int(max(6.0, self._open_seconds() * rate + 6))

    def _count(self, placed: Sequence[PlacedPiece], pause: Pause, silence: float) -> int:
        """How many of the new words may be committed."""
        count = self._count_certain(placed, pause, silence)
        if pause is Pause.LONG:
            return count
        if self._options.never_fire:
            count = min(count, count_before_last_word(placed))
        if count == len(placed) > 0:
            count -= may_go_on(placed[-1].piece.text)  # marks of its last character may follow
        return count

    def _count_certain(self, placed: Sequence[PlacedPiece], pause: Pause, silence: float) -> int:
        frames = self._held.frames
        if _guessed(placed):
            placed = list(takewhile(lambda word: ends_word(word.piece.text), placed))
        if pause is Pause.NONE:
            count = self._policy.count_while_speaking(placed, frames, self._held.last_probability)
        else:
            count = count_in_pause(placed, frames, silence, pause, self._options)
        return 0 if _guessed(placed[:count]) else count

    def _drop_old_audio(self) -> None:
        held, options = self._held, self._options
        if held.viewed_seconds > options.longest or len(held.view().text) > _MOST_TEXT:
            held.shorten_view(options.keep)
        if held.viewed_seconds > _LONGEST_VIEW * options.longest:
            held.halve_view()  # nothing was committed for long
        held.drop_beyond(options.reach)


def _guessed(words: Sequence[PlacedPiece]) -> bool:
    return is_guesswork([word.as_word(0.0) for word in words])


def _count_before_echo(text: Sequence[int], words: Sequence[PlacedPiece], speech_end: float) -> int:
    """Words in front of those that only say again, behind `speech_end` (frames), what was said."""
    said = list(text)
    for index, word in enumerate(words):
        again = [token for later in words[index:] for token in later.piece.tokens]
        begin = words[index - 1].end if index else word.start
        if is_echo(said, again, (speech_end - begin) * FRAME_SECONDS):
            return index
        said.extend(word.piece.tokens)
    return len(words)
