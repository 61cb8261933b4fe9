"""What is different in the large models: 128 mel bands, and one language more."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import Whisper

_NAMES = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|zh|>", "<|haw|>", "<|su|>"]


class Tokenizer:
    """The special tokens of a vocabulary with `languages` after Sundanese."""

    def __init__(self, *languages: str) -> None:
        more = [f"<|{language}|>" for language in languages]
        self.names = [*_NAMES, *more, "<|translate|>", "<|transcribe|>"]

    def token_to_id(self, name: str) -> int | None:
        return 50_257 + self.names.index(name) if name in self.names else None

    def id_to_token(self, token: int) -> str:
        return self.names[token - 50_257]


@pytest.mark.parametrize("more", [(), ("yue",)])
def test_the_languages_are_those_of_the_vocabulary(more: tuple[str, ...]) -> None:
    model = Whisper.__new__(Whisper)
    model._tokenizer = Tokenizer(*more)
    languages = model._language_tokens()
    assert list(languages) == ["en", "zh", "haw", "su", *more]
    assert languages["en"] == 50_259


def test_128_bands_are_those_of_the_reference(spoken: NDArray[np.float32]) -> None:
    """As faster-whisper computes them for large-v3."""
    extractor = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor
    reference = extractor(feature_size=128)(spoken)
    ours = MelBuffer(128, spoken).window(reference.shape[-1])[0]
    frames = len(spoken) // 160 - 3
    assert ours.shape[0] == reference.shape[0] == 128
    assert np.abs(ours[:, :frames] - reference[:, :frames]).mean() < 0.01
