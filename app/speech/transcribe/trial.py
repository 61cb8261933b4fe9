"""Whether a graphics card computes what it should, tried out on the clip that we bring along.

Libraries that do not fit the card may compute nonsense without an error. The clip is clear English,
so a model that works is sure of its words; there is no text to compare, as models differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from app.core.errors import ModelError
from app.speech.transcribe.ct2 import ctranslate2
from app.speech.transcribe.mel import MelBuffer

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAMES = 800
"""Mel frames (10 ms) of the window."""
_TOKENS = 12
_SURE = 0.2  # mean probability of the tokens; tiny.en and base give 0.85 and more


@dataclass(frozen=True, slots=True)
class TrialPrompt:
    """Token IDs: `text` asks for text, `task` is what `align` begins with; text ends at `end`."""

    text: list[int]
    task: list[int]
    end: int


def try_out(model: Any, prompt: TrialPrompt, sound: NDArray[np.float32]) -> None:
    """Encode, write and align with `model`, and look at what comes out.

    `sound` is mono at 16 kHz. Raises ModelError if it is nonsense, what CTranslate2 raises besides.
    """
    mel = np.ascontiguousarray(MelBuffer(model.n_mels, sound).window(FRAMES))
    encoded = model.encode(ctranslate2.StorageView.from_array(mel), to_cpu=True)
    if not np.isfinite(np.array(encoded, copy=False)).all():
        raise ModelError("what it hears is not made of numbers")
    limit = len(prompt.text) + _TOKENS
    written = model.generate(encoded, [prompt.text], beam_size=1, max_length=limit)[0]
    tokens = [token for token in written.sequences_ids[0] if token < prompt.end]
    if not tokens:
        raise ModelError("it hears nothing in a clip of speech")
    frames = len(sound) // 160
    found = model.align(encoded, prompt.task, [tokens], frames)[0]
    sure = np.array(found.text_token_probs, np.float32)
    if len(sure) != len(tokens) or not sure.mean() >= _SURE:  # also if one is NaN
        raise ModelError("it is not sure of anything in a clip of clear speech")
    if not _is_in_order(np.array(found.alignments, np.int64).reshape(-1, 2), frames // 2):
        raise ModelError("it cannot place words")


def _is_in_order(path: NDArray[np.int64], frames: int) -> bool:
    """Whether an alignment of tokens (first column) to encoder frames makes any sense."""
    if not len(path):
        return False
    inside = path[:, 1].min() >= 0 and path[:, 1].max() <= frames
    return bool(inside and (np.diff(path, axis=0) >= 0).all() and len(set(path[:, 1])) > 1)
