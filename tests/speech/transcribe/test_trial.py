"""A graphics card that computes nonsense without an error is found out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from app.core.errors import ModelError
from app.speech.transcribe.ct2 import ctranslate2
from app.speech.transcribe.device import CPU, Device, load_on
from app.speech.transcribe.trial import TrialPrompt, try_out

PROMPT = TrialPrompt([90, 0, 91, 92], [91], end=80)
SOUND = np.zeros(4 * 16_000, np.float32)
WORDS = [3, 1, 4, 1]
GOOD = [(0, 0), (0, 9), (1, 20), (2, 60), (3, 120), (4, 150)]


@dataclass
class Card:
    """A model as a card computes it."""

    tokens: list[int] = field(default_factory=lambda: [*WORDS, 80])
    probabilities: list[float] = field(default_factory=lambda: [0.9, 0.5, 0.8, 0.6])
    path: list[tuple[int, int]] = field(default_factory=lambda: list(GOOD))
    heard: float = 0.5
    n_mels: int = 80

    def encode(self, features: Any, *, to_cpu: bool) -> Any:
        assert features.shape[1:] == [self.n_mels, 800]
        assert to_cpu
        return ctranslate2.StorageView.from_array(np.full((1, 400, 8), self.heard, np.float32))

    def generate(self, _encoded: Any, prompts: list[list[int]], **_how: Any) -> list[Any]:
        assert prompts == [PROMPT.text]
        return [SimpleNamespace(sequences_ids=[self.tokens])]

    def align(
        self, _encoded: Any, start: list[int], tokens: list[list[int]], frames: int
    ) -> list[Any]:
        assert (start, frames) == (PROMPT.task, 400)
        assert tokens == [[token for token in self.tokens if token < 80]]
        return [SimpleNamespace(text_token_probs=self.probabilities, alignments=self.path)]


def test_a_card_that_works_passes() -> None:
    try_out(Card(), PROMPT, SOUND)


@pytest.mark.parametrize(
    ("card", "complaint"),
    [
        (Card(heard=float("nan")), "not made of numbers"),
        (Card(heard=float("inf")), "not made of numbers"),
        (Card(tokens=[80]), "hears nothing"),
        (Card(tokens=[]), "hears nothing"),
        (Card(probabilities=[0.01, 0.02, 0.01, 0.0]), "not sure"),
        (Card(probabilities=[0.9, float("nan"), 0.9, 0.9]), "not sure"),
        (Card(probabilities=[0.9]), "not sure"),
        (Card(path=[]), "place words"),
        (Card(path=[(0, 0), (1, 0), (2, 0), (3, 0), (4, 0)]), "place words"),
        (Card(path=[(0, 50), (1, 20), (2, 60), (3, 70), (4, 90)]), "place words"),
        (Card(path=[(0, 0), (1, 20), (2, 60), (3, 120), (4, 390)]), "place words"),
    ],
)
def test_nonsense_sends_recognition_to_the_cpu_with_a_reason(
    card: Card, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(ModelError, match=complaint):
        try_out(card, PROMPT, SOUND)
    with caplog.at_level(logging.WARNING):
        loaded, device = load_on(
            Device("cuda", "float16"),
            lambda device: card if device.kind == "cuda" else Card(),
            lambda model: try_out(model, PROMPT, SOUND),
        )
    assert device.kind == CPU.kind
    assert loaded is not card
    assert complaint in device.reason


@pytest.mark.model
@pytest.mark.parametrize("name", ["tiny.en", "base"])
@pytest.mark.parametrize("batched", [True, False])
def test_real_models_pass(name: str, *, batched: bool) -> None:
    from app.speech.transcribe.whisper import Whisper, _checked_sound
    from tests.models import starter_model

    model = Whisper(starter_model(name), batched=batched)
    try_out(model._model, model._trial_prompt(model._model), _checked_sound())
