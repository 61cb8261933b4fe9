"""The audio that a streaming decoder holds, and the text that stands for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.audio import SPEECH_RATE
from app.speech.transcribe.mel import HOP, MelBuffer
from app.speech.transcribe.whisper import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from app.speech.transcribe.words import PlacedPiece

_ORDINARY = 0.7  # probability of a word
_PROMPT_KEPT = 200  # tokens of older text remembered
_REST = 25  # encoder frames of a pause that stay in front of what is said next
_SLACK = 2.0  # seconds that the audio may be longer than asked for: dropping copies the rest


@dataclass(frozen=True, slots=True)
class Window:
    """A part of the audio held, up to its end; frames are encoder frames (20 ms).

    `text` stands for its beginning, `before` are the tokens in front of that.
    """

    begin: int
    frames: int
    text: tuple[int, ...]
    before: tuple[int, ...]


class HeldSpeech:
    """The newest seconds of audio with their words.

    Most steps look at the newest part alone, which begins at the *view*; what lies before it is
    there for a closer look. Frames are encoder frames (20 ms) from the start of the audio held.
    `origin` is the number of its first sample, as counted from what came after the last pause.
    """

    def __init__(self, n_mels: int) -> None:
        self.origin = 0
        self.mel = MelBuffer(n_mels)
        self._older: list[int] = []  # tokens of text whose audio is gone
        self._words: list[PlacedPiece] = []
        self._hidden = 0  # words before the view
        self._view = 0
        self.resumed = 0  # frames before the last pause

    def resume(self, first_sample: int) -> None:
        """The next audio begins at `first_sample`, and the view with it.

        What stands remains for closer looks, as if it had ended right before that; sound behind it
        in which no word was found does not.
        """
        self.mel.cut(2 * (self._words[-1].end + _REST) if self._words else 0)
        self.origin = first_sample - len(self.mel.samples)
        self._hidden, self._view = len(self._words), self.frames
        self.resumed = self.frames

    def append(self, samples: NDArray[np.float32]) -> None:
        self.mel.append(samples)

    @property
    def seconds(self) -> float:
        return len(self.mel.samples) / SPEECH_RATE

    @property
    def frames(self) -> int:
        return self.mel.frames // 2

    @property
    def covered(self) -> int:
        """Frames up to the end of the last word that stands, or of the last pause."""
        return max(self.resumed, self._words[-1].end if self._words else 0)

    @property
    def last_probability(self) -> float:
        """Of the last word that stands; of an ordinary one, if none does."""
        return self._words[-1].probability if self._words else _ORDINARY

    @property
    def tokens(self) -> list[int]:
        return _tokens(self._words)

    @property
    def viewed_seconds(self) -> float:
        return self.seconds - self._view * FRAME_SECONDS

    def view(self) -> Window:
        """The newest part."""
        hidden, seen = self._words[: self._hidden], self._words[self._hidden :]
        before = (*self._older, *_tokens(hidden))
        return Window(self._view, self.frames - self._view, tuple(_tokens(seen)), before)

    def whole(self) -> Window:
        return Window(0, self.frames, tuple(self.tokens), tuple(self._older))

    def commit(self, words: Iterable[PlacedPiece]) -> None:
        self._words.extend(words)

    def forget_text(self) -> None:
        """Drop the words with their audio, and older text too."""
        self._drop(self.covered, len(self._words))
        self._older.clear()

    def shorten_view(self, keep: float) -> None:
        """Let the view begin behind the last word that ends `keep` seconds before the end."""
        limit = self.frames - keep / FRAME_SECONDS
        count = sum(1 for word in self._words if word.end <= limit)
        if count > self._hidden:
            self._hidden, self._view = count, self._words[count - 1].end

    def halve_view(self) -> None:
        self._view += (self.frames - self._view) // 2
        self._hidden = sum(1 for word in self._words if word.end <= self._view)

    def drop_beyond(self, seconds: float) -> None:
        """Forget audio before the view that is older than `seconds`."""
        if self.seconds <= seconds + _SLACK:
            return
        limit = min(self._view, int(self.frames - seconds / FRAME_SECONDS))
        count = sum(1 for word in self._words if word.end <= limit)
        self._drop(self._words[count - 1].end if count else limit, count)

    def _drop(self, frames: int, words: int) -> None:
        """Drop audio of `frames` and the first `words`, which stood for it."""
        self._remember(self._words[:words])
        self.mel.drop(frames * 2)
        self.origin += frames * 2 * HOP
        self._words = [word.shifted(-frames) for word in self._words[words:]]
        self._view = max(0, self._view - frames)
        self.resumed = max(0, self.resumed - frames)
        self._hidden = max(0, self._hidden - words)

    def _remember(self, words: Sequence[PlacedPiece]) -> None:
        self._older = [*self._older, *_tokens(words)][-_PROMPT_KEPT:]


def _tokens(words: Iterable[PlacedPiece]) -> list[int]:
    return [token for word in words for token in word.piece.tokens]
