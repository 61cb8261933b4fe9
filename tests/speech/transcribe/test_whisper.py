"""A real model: the batch that saves most of a step, and what is done where it does not work."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.errors import ModelError
from app.speech.transcribe.ctmodel import Loading, load_model
from app.speech.transcribe.mel import MelBuffer
from app.speech.transcribe.whisper import DecodingTask, Search, Whisper

TASK = DecodingTask("en")
CONTEXT = 1500


@pytest.fixture(scope="module")
def folder(tiny_en_store: Path) -> Path:
    return tiny_en_store / "tiny.en"


def words(model: Whisper, sound: NDArray[np.float32]) -> list[str]:
    """The clip in one go, continued after eight tokens, with older text, and by beam search."""
    encoded = model.encode(MelBuffer(model.n_mels, sound).window(CONTEXT))
    whole = model.continue_text(encoded, [], [], TASK, Search(60))
    older = model.tokens(" Hello there.")
    return [
        model.text(whole),
        model.text(model.continue_text(encoded, [], whole[:8], TASK, Search(60))),
        model.text(model.continue_text(encoded, older, whole[:8], TASK, Search(60))),
        model.text(model.transcribe(encoded, older, TASK, Search(60, beams=5)).tokens),
    ]


@pytest.mark.model
def test_both_ways_give_the_same_words(folder: Path, spoken: NDArray[np.float32]) -> None:
    batched = Whisper(folder)
    assert batched.batched
    plain = Whisper(folder, batched=False)
    assert not plain.batched
    assert words(batched, spoken) == words(plain, spoken)
    assert words(plain, spoken)[0].startswith(" Thank you for coming")


@pytest.mark.model
def test_a_plain_step_keeps_to_its_budget(folder: Path, spoken: NDArray[np.float32]) -> None:
    plain = Whisper(folder, batched=False)
    encoded = plain.encode(MelBuffer(plain.n_mels, spoken).window(CONTEXT))
    whole = plain.continue_text(encoded, [], [], TASK, Search(60))
    assert plain.continue_text(encoded, [], whole[:5], TASK, Search(3)) == whole[5:8]


@pytest.mark.model
@pytest.mark.parametrize("failure", ["raises", "starts again", "says nothing"])
def test_where_the_batch_does_not_work_text_is_fed_token_by_token(
    folder: Path,
    spoken: NDArray[np.float32],
    failure: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """As another version of CTranslate2 might take the batch with its dummy row."""
    continued = Whisper.continue_text

    def differently(
        model: Whisper, encoded: Any, before: Any, prefix: Any, task: DecodingTask, search: Search
    ) -> list[int]:
        if not model.batched:
            return continued(model, encoded, before, prefix, task, search)
        if failure == "raises":
            raise ValueError("all prompts must have the same start")
        return [] if failure == "says nothing" else continued(model, encoded, [], [], task, search)

    monkeypatch.setattr(Whisper, "continue_text", differently)
    with caplog.at_level(logging.WARNING):
        model = Whisper(folder)
    assert not model.batched
    assert "token by token" in caplog.text
    assert words(model, spoken)[1].endswith("the garden and the weather.")


@pytest.mark.model
def test_the_language_is_named_either_way(spoken: NDArray[np.float32]) -> None:
    from tests.models import starter_model

    folder = starter_model("base")
    for batched in (True, False):
        model = Whisper(folder, batched=batched)
        encoded = model.encode(MelBuffer(model.n_mels, spoken).window(CONTEXT))
        assert model.name_language(encoded)[0][0] == "en"
        assert {name for name, _ in model.name_language(encoded, ["ko", "de"])} <= {"ko", "de"}
        assert sum(share for _, share in model.name_language(encoded)) == pytest.approx(1)


@pytest.mark.model
def test_a_model_that_cannot_place_words_is_refused_with_what_to_do(
    folder: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    shutil.copytree(folder, mine, symlinks=True)
    config = json.loads((mine / "config.json").read_text(encoding="utf-8"))
    del config["alignment_heads"]
    (mine / "config.json").unlink()
    (mine / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelError, match="alignment_heads") as caught:
        load_model(mine, Loading())
    assert "generation_config.json" in caught.value.hint
