"""Whisper on CTranslate2: encode, generate, align, name the language. No torch.

`generate` of CTranslate2 forwards a prompt in one batch only up to the last special token; the
text that must come first (the committed words) is then fed token by token, which costs more than
all the rest of a streaming step. CTranslate2 finds the start of transcript by its *name*. So the
vocabulary is loaded with the names of token 0 and `<|startoftranscript|>` exchanged, and token 0
stands before the prompt's text: everything after it counts as special and is forwarded at once.
It must follow `<|startofprev|>`, where it reads as older text ("!"): as the very first token it
quadruples the errors of the multilingual models.
Only the first row of a batch is asked whether timestamps are wanted, so a dummy row that ends in
`<|notimestamps|>` goes first; it hears silence and ends at once.

All this leans on how CTranslate2 happens to work. So it is checked once after loading, and where
it does not hold the model is loaded as it is and the text fed token by token.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.errors import LanguageError, ModelCorruptError
from app.core.resources import resource
from app.speech.transcribe.ct2 import ctranslate2
from app.speech.transcribe.ctmodel import (
    HELPER,
    REINSTALL,
    START,
    Loading,
    load_model,
    load_tokenizer,
)
from app.speech.transcribe.device import find_device, load_on
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.trial import TrialPrompt, try_out

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

CONTEXT_LENGTH = 448
"""Tokens that the decoder can hold."""
WINDOW_FRAMES = 3000
"""Mel frames (10 ms) of the longest window that the encoder takes: 30 s."""
FRAME_SECONDS = 0.02
"""Seconds of an encoder frame."""
WORKERS = 2
"""How many may use a model at once: live recognition and revision."""
_CHECKED_SAMPLES = 4 * 16_000  # of the self-test clip
_CHECKED_FRAMES = 800  # mel frames

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where text lies: `starts` has one encoder frame per token and one for the end (n + 1,);

    `probabilities` is how likely the model finds each token there (n,).
    """

    starts: NDArray[np.int64]
    probabilities: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Tokens of new text and their mean log probability."""

    tokens: list[int]
    score: float


@dataclass(frozen=True, slots=True)
class Search:
    """How to look for text: at most `budget` new tokens; one beam is greedy."""

    budget: int
    beams: int = 1


@dataclass(frozen=True, slots=True)
class DecodingTask:
    """What to decode: the language's code, and whether to write English instead of it.

    `glossary` are tokens of names and terms, given as if they had been said before.
    """

    language: str = "en"
    translate: bool = False
    glossary: tuple[int, ...] = ()

    @property
    def written(self) -> str:
        """The language of the text."""
        return "en" if self.translate else self.language


class Whisper:
    """One model in memory; safe to use from `workers` threads at once."""

    def __init__(
        self, folder: Path, *, threads: int = 1, workers: int = WORKERS, batched: bool = True
    ) -> None:
        """`batched`: exchange the names, if that works with this CTranslate2."""
        loading = Loading(threads, workers, find_device(ctranslate2), exchanged=batched)
        self._batched = batched
        self._folder = folder
        self._model, self.device = load_on(
            loading.device,
            lambda device: load_model(folder, replace(loading, device=device)),
            lambda model: try_out(model, self._trial_prompt(model), _checked_sound()),
        )
        self.multilingual: bool = self._model.is_multilingual
        self.n_mels: int = self._model.n_mels
        self.end = self._must("<|endoftext|>")
        self._start = self._must(START)
        self._previous = self._must("<|startofprev|>")
        self._plain = self._must("<|notimestamps|>")
        self.languages = self._language_tokens() if self.multilingual else {}
        if batched and not self._batch_is_sound():
            logger.warning("The text is fed token by token: this CTranslate2 works otherwise")
            self._batched = False
            plain = replace(loading, device=self.device, exchanged=False)
            self._model = load_model(folder, plain)

    @cached_property
    def _tokenizer(self) -> Any:
        """Read after the weights where they need no trial: beside them it would raise the peak."""
        return load_tokenizer(self._folder)

    @property
    def batched(self) -> bool:
        """Whether the standing text is fed as one batch."""
        return self._batched

    def encode(self, mel: NDArray[np.float32], kept: int | None = None) -> Any:
        """Mel frames (1, n_mels, frames ≤ 3000) -> encoder output (1, frames // 2, width).

        Of the output only the first `kept` frames (20 ms), if that is given: the encoder needs some
        silence behind the audio, but whatever the decoder looks at costs time in every call.
        """
        features = ctranslate2.StorageView.from_array(np.ascontiguousarray(mel))
        encoded = self._model.encode(features, to_cpu=self.device.kind != "cpu")
        if kept is None or kept >= encoded.shape[1]:
            return encoded
        heard = np.ascontiguousarray(np.array(encoded, copy=False)[:, :kept])
        return ctranslate2.StorageView.from_array(heard)

    def continue_text(
        self,
        encoded: Any,
        before: Sequence[int],
        prefix: Sequence[int],
        task: DecodingTask,
        search: Search,
    ) -> list[int]:
        """Tokens after `prefix`, the text that stands already; `before` is older text."""
        prompt = [*self._before(before, task), *self._task_tokens(task), self._plain, *prefix]
        if not self._batched:
            return self._continue_plainly(encoded, prompt, prefix, search)
        blanks = [self.end] * (len(prompt) - 3)
        dummy = [self._previous, HELPER, *blanks, self._plain]
        sound = np.array(encoded, copy=False)
        both = ctranslate2.StorageView.from_array(np.concatenate([np.zeros_like(sound), sound]))
        limit = min(CONTEXT_LENGTH, max(2 * search.budget, len(prompt) - 1 + search.budget))
        results = self._model.generate(
            both,
            [dummy, prompt],
            beam_size=search.beams,
            suppress_blank=not prefix,
            max_length=limit,
        )
        return self._text_tokens(results[1].sequences_ids[0])

    def _continue_plainly(
        self, encoded: Any, prompt: Sequence[int], prefix: Sequence[int], search: Search
    ) -> list[int]:
        budget = search.budget
        limit = min(CONTEXT_LENGTH, max(2 * (len(prefix) + budget), len(prompt) + budget))
        result = self._model.generate(
            encoded,
            [prompt],
            beam_size=search.beams,
            suppress_blank=not prefix,
            max_length=limit,
        )[0]
        found = list(result.sequences_ids[0])
        if found[: len(prefix)] == list(prefix):  # it comes back with what follows it
            found = found[len(prefix) :]
        return self._text_tokens(found)[:budget]

    def transcribe(
        self, encoded: Any, before: Sequence[int], task: DecodingTask, search: Search
    ) -> Hypothesis:
        """The best text of a whole window; `before` is the text that precedes it."""
        prompt = [*self._before(before, task), *self._task_tokens(task), self._plain]
        limit = min(CONTEXT_LENGTH, max(2 * search.budget, len(prompt) - 1 + search.budget))
        result = self._model.generate(
            encoded, [prompt], beam_size=search.beams, max_length=limit, return_scores=True
        )[0]
        return Hypothesis(self._text_tokens(result.sequences_ids[0]), float(result.scores[0]))

    def align(
        self, encoded: Any, tokens: Sequence[int], frames: int, task: DecodingTask
    ) -> Alignment:
        """Place `tokens` on the first `frames` mel frames by dynamic time warping of attention."""
        found = self._model.align(encoded, self._task_tokens(task), [list(tokens)], frames)[0]
        path = np.array(found.alignments, np.int64).reshape(-1, 2)
        if not len(path):
            path = np.array([[row, 0] for row in range(len(tokens) + 1)], np.int64)
        first = np.concatenate([[True], np.diff(path[:, 0]) > 0])
        return Alignment(path[first, 1], np.array(found.text_token_probs, np.float32))

    def name_language(self, encoded: Any, allowed: Sequence[str] = ()) -> list[tuple[str, float]]:
        """The likeliest languages and their shares of probability; multilingual models only.

        Only those `allowed`, if any are named. The five likeliest tokens after the start token, by
        a beam search of one step: the shares are among the languages found, not among all.
        """
        barred = [
            token for name, token in self.languages.items() if allowed and name not in allowed
        ]
        if not self._batched:
            return self._name_plainly(encoded, barred)
        sound = np.array(encoded, copy=False)
        both = ctranslate2.StorageView.from_array(np.concatenate([np.zeros_like(sound), sound]))
        prompts = [[self._previous, HELPER, last] for last in (self._plain, self._start)]
        result = self._model.generate(
            both,
            prompts,
            beam_size=5,
            num_hypotheses=5,
            max_length=3,  # one token: with more, a language's share is split among what follows it
            suppress_blank=False,
            suppress_tokens=barred,
            return_scores=True,
        )[1]
        names = {token: name for name, token in self.languages.items()}
        found = [
            (names[ids[0]], float(np.exp(score)))
            for ids, score in zip(result.sequences_ids, result.scores, strict=True)
            if ids and ids[0] in names
        ]
        total = sum(share for _, share in found) or 1.0
        return [(name, share / total) for name, share in found]

    def _name_plainly(self, encoded: Any, barred: Sequence[int]) -> list[tuple[str, float]]:
        named = [
            (name.strip("<|>"), float(share))
            for name, share in self._model.detect_language(encoded)[0]
        ]
        spoken = {name for name, token in self.languages.items() if token not in barred}
        found = [(name, share) for name, share in named if name in spoken][:5]
        total = sum(share for _, share in found) or 1.0
        return [(name, share / total) for name, share in found]

    def text(self, tokens: Sequence[int]) -> str:
        decoded: str = self._tokenizer.decode(list(tokens), skip_special_tokens=False)
        return decoded

    def tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def check_language(self, language: str) -> None:
        """Raises LanguageError unless this model can be told to expect `language`."""
        if language in ("auto", "en") or language in self.languages:
            return
        if not self.multilingual:
            raise LanguageError(
                f"This model understands English only, not {language!r}",
                hint="Choose a multilingual model such as 'base', or --language en.",
            )
        raise LanguageError(
            f"The language {language!r} is unknown",
            hint=f"Use auto or one of: {', '.join(sorted(self.languages))}.",
        )

    def check_task(self, *, translate: bool) -> None:
        """Raises LanguageError if this model cannot translate and is asked to."""
        if translate and not self.multilingual:
            raise LanguageError(
                "This model understands English only and cannot translate",
                hint="Choose a multilingual model such as 'base', or --task transcribe.",
            )

    def _before(self, text: Sequence[int], task: DecodingTask) -> list[int]:
        if self._batched:
            return [self._previous, HELPER, *task.glossary, *text]
        older = [*task.glossary, *text]
        return [self._previous, *older] if older else []

    def _trial_prompt(self, model: Any) -> TrialPrompt:
        spoken = ("<|en|>", "<|transcribe|>") if model.is_multilingual else ()
        task = [self._must(name) for name in (START, *spoken)]
        before = [self._must("<|startofprev|>"), HELPER] if self._batched else []
        text = [*before, *task, self._must("<|notimestamps|>")]
        return TrialPrompt(text, task, self._must("<|endoftext|>"))

    def _batch_is_sound(self) -> bool:
        """Whether a text that is cut and continued comes out as it does in one go."""
        encoded = self.encode(MelBuffer(self.n_mels, _checked_sound()).window(_CHECKED_FRAMES))
        task = DecodingTask("en")
        try:
            whole = self.continue_text(encoded, [], [], task, Search(12))
            rest = self.continue_text(encoded, [], whole[:4], task, Search(8))
        except (RuntimeError, ValueError, IndexError) as exc:
            logger.info("the batch was refused: %s", exc)
            return False
        return len(whole) >= 6 and rest[:2] == whole[4:6]

    def _task_tokens(self, task: DecodingTask) -> list[int]:
        if not self.multilingual:
            return [self._start]
        kind = self._must("<|translate|>" if task.translate else "<|transcribe|>")
        return [self._start, self.languages[task.language], kind]

    def _text_tokens(self, ids: Sequence[int]) -> list[int]:
        ends = [index for index, token in enumerate(ids) if token >= self.end]
        return list(ids[: ends[0]] if ends else ids)

    def _language_tokens(self) -> dict[str, int]:
        names = {self._must("<|en|>"): "en"}
        token = self._must("<|en|>") + 1
        while len(name := self._tokenizer.id_to_token(token).strip("<|>")) <= 3:
            names[token] = name
            token += 1
        return {name: token for token, name in names.items()}

    def _must(self, name: str) -> int:
        token: int | None = self._tokenizer.token_to_id(name)
        if token is None:
            raise ModelCorruptError(f"The model's tokenizer has no {name}", hint=REINSTALL)
        return token


def _checked_sound() -> NDArray[np.float32]:
    """The beginning of the clip that comes with the program: mono float32 at 16 kHz."""
    import soundfile

    samples, _rate = soundfile.read(resource("selftest.flac"), _CHECKED_SAMPLES, dtype="float32")
    checked: NDArray[np.float32] = samples
    return checked
