"""With a real model: prompts of names, and a task that it cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from app.core.errors import LanguageError
from app.speech.transcribe.guidance import GLOSSARY_TOKENS, Guidance, Guide, glossary
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import DecodingTask, Search, Whisper

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def tiny(tiny_en_store: Path) -> Whisper:
    return Whisper(tiny_en_store / "tiny.en")


def test_a_long_list_of_names_fits_the_room_it_has(tiny: Whisper) -> None:
    names = tuple(f"Ngozi Okafor {number}" for number in range(100))
    tokens = glossary(tiny, names)
    assert 0 < len(tokens) <= GLOSSARY_TOKENS
    assert tiny.text(tokens).startswith(" Ngozi Okafor 0, Ngozi Okafor 1")


def test_names_in_the_prompt_make_no_text_of_silence(tiny: Whisper) -> None:
    silence = MelBuffer(tiny.n_mels, np.zeros(16_000 * 4, np.float32)).window(1500)
    encoded = tiny.encode(silence)
    plain = tiny.continue_text(encoded, [], [], DecodingTask(), Search(20))
    task = Guide(tiny, Guidance(terms=("Okafor", "김민수"))).task("en")
    told = tiny.text(tiny.continue_text(encoded, [], [], task, Search(20)))
    assert "Okafor" not in told
    assert len(told) <= len(tiny.text(plain)) + 20


def test_a_model_for_english_cannot_translate(tiny: Whisper) -> None:
    with pytest.raises(LanguageError, match="cannot translate"):
        Guide(tiny, Guidance(translate=True))
