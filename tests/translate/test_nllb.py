"""NLLB without NLLW: any two of its languages, whole texts and forced beginnings."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import PairMissingError, TranslationError
from app.translate.nllb import NllbEngine
from tests.translate.random_models import write_nllb


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_nllb(tmp_path_factory.mktemp("models") / "nllb")


@pytest.fixture
def engine(folder: Path) -> Iterator[NllbEngine]:
    engine = NllbEngine(folder)
    yield engine
    engine.close()


@pytest.mark.parametrize("target", ["fr", "de", "pt-BR"])
def test_three_languages_with_a_forced_beginning(engine: NllbEngine, target: str) -> None:
    pair = engine.pair("en", target)
    free = pair.translate("ask not what your country can do for you")
    assert free
    assert "_Latn" not in free
    found = pair.translate("ask not what your country can do for you", "bonjour tout le")
    assert found.startswith("bonjour tout le")
    assert len(found) > len("bonjour tout le")


def test_languages_differ(engine: NllbEngine) -> None:
    text = "ask not what your country can do for you"
    made = {engine.pair("en", target).translate(text) for target in ("fr", "de", "pt")}
    assert len(made) == 3


def test_a_beginning_of_its_own_goes_on_in_the_same_way(engine: NllbEngine) -> None:
    pair = engine.pair("en", "fr")
    whole = pair.translate("the meeting begins now")
    start = whole[: whole.index(" ", 5)]
    assert pair.translate("the meeting begins now", start).startswith(whole)


@pytest.mark.parametrize("target", ["ja", "la", "xx"])
def test_a_language_that_the_model_lacks(engine: NllbEngine, target: str) -> None:
    with pytest.raises(PairMissingError):
        engine.pair("en", target)


def test_nothing_is_translated_into_itself(engine: NllbEngine) -> None:
    with pytest.raises(PairMissingError, match="itself"):
        engine.check("en", "en-GB")


@pytest.mark.parametrize("missing", ["model.bin", "tokenizer.json", "shared_vocabulary.json"])
def test_a_wrong_folder_is_refused(folder: Path, tmp_path: Path, missing: str) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / missing).unlink()
    with pytest.raises(TranslationError, match=missing.replace(".", r"\.")) as caught:
        NllbEngine(copy).pair("en", "fr")
    assert caught.value.hint


def test_no_folder_at_all_and_another_model(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TranslationError) as caught:
        NllbEngine(tmp_path / "none").check("en", "fr")
    assert "captionist models pull nllb-600M" in caught.value.hint
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / "model.bin").write_bytes(b"WhisperSpec")
    with pytest.raises(TranslationError, match="does not translate"):
        NllbEngine(copy).check("en", "fr")
    (copy / "model.bin").write_bytes(b"TransformerSpec, and then nothing")
    with pytest.raises(TranslationError, match="cannot be loaded"):
        NllbEngine(copy).pair("en", "fr")
    shutil.copy(folder / "model.bin", copy)
    (copy / "tokenizer.json").write_text("{")
    with pytest.raises(TranslationError, match="damaged"):
        NllbEngine(copy).pair("en", "fr")
