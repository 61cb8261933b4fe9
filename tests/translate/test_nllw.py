"""NLLW over a tiny NLLB model with random weights: all of its path, and nothing about quality."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.core.errors import TranslationError
from app.translate import nllw as nllw_module
from app.translate.nllw import NllwEngine, NllwTranslation
from tests.translate.random_models import write_nllb

if TYPE_CHECKING:
    from app.translate.protocol import GrowingTranslation

LIBRARIES = ("nllw", "torch", "transformers")
WITHOUT = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
needs_nllw = [
    pytest.mark.nllw,
    pytest.mark.skipif(bool(WITHOUT), reason=f"not installed: {', '.join(WITHOUT)}"),
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("default"),
]
TEXT = " ask not what your country can do for you the meeting begins now tout le monde"


def test_without_the_extra_one_sentence_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nllw_module, "is_installed", lambda: False)
    with pytest.raises(TranslationError, match="not installed") as caught:
        NllwEngine(tmp_path)
    assert "captionist[translation]" in caught.value.hint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_nllb(tmp_path_factory.mktemp("models") / "nllb")


@pytest.fixture
def engine(folder: Path) -> Iterator[NllwEngine]:
    engine = NllwEngine(folder)
    yield engine
    engine.close()


def growing(engine: NllwEngine, target: str) -> GrowingTranslation:
    found = engine.growing("en", target)
    assert found is not None
    return found


def grown(translation: GrowingTranslation, text: str = TEXT) -> list[str]:
    """What stood after every two words."""
    words = text.split(" ")
    return [translation.grow(" ".join(words[:end])) for end in range(3, len(words) + 1, 2)]


class TestNllw:
    pytestmark = needs_nllw

    @pytest.mark.parametrize("target", ["fr", "de", "pt-BR"])
    def test_what_stood_once_stays(
        self, engine: NllwEngine, target: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        translation = growing(engine, target)
        shown = grown(translation)
        for before, after in itertools.pairwise(shown):
            assert after.startswith(before)
        assert shown[-1]
        assert "_Latn" not in shown[-1]
        assert translation.finish(TEXT).startswith(shown[-1])
        assert capsys.readouterr().out == ""

    def test_the_stable_beginning_is_forced(
        self, engine: NllwEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        decoder = engine.model().decoder
        begun: list[int] = []
        translate = decoder.translate

        def watched(pieces: list[str], begin: list[str]) -> list[str]:
            assert begin[0] == "fra_Latn"
            begun.append(len(begin))
            return translate(pieces, begin)

        monkeypatch.setattr(decoder, "translate", watched)
        grown(growing(engine, "fr"))
        assert begun[0] == 1
        assert max(begun) > 1

    def test_a_mark_flushes_the_sentence(self, engine: NllwEngine) -> None:
        translation = growing(engine, "fr")
        shown = translation.grow(" the meeting begins now .")
        assert shown
        assert translation.finish(" the meeting begins now .") == shown.strip()

    def test_a_short_sentence_is_not_lost(self, engine: NllwEngine) -> None:
        translation = growing(engine, "fr")
        assert translation.grow(" we.") == ""
        both = translation.grow(" we. the meeting begins now.")
        assert both
        assert isinstance(translation, NllwTranslation)
        assert translation._taken == " we. the meeting begins now."
        alone = growing(engine, "fr")
        alone.grow(" we.")
        assert alone.finish(" we.")

    def test_another_final_text_is_translated_as_a_whole(self, engine: NllwEngine) -> None:
        translation = growing(engine, "fr")
        grown(translation)
        final = "the meeting begins now for you"
        assert translation.finish(final) == engine.pair("en", "fr").translate(final)

    def test_after_the_end_it_begins_anew(self, engine: NllwEngine) -> None:
        translation = growing(engine, "de")
        first = grown(translation)
        translation.finish(TEXT)
        assert grown(translation) == first

    def test_utterances_do_not_mix(self, engine: NllwEngine) -> None:
        alone = grown(growing(engine, "fr"))
        one, other = growing(engine, "fr"), growing(engine, "fr")
        other.grow(" hello we are here tout le monde")
        assert grown(one) == alone

    def test_the_marks_are_those_that_nllw_finds(self, engine: NllwEngine, folder: Path) -> None:
        import nllw
        from nllw.core import NllbTokenizer

        tokenizer = NllbTokenizer.from_pretrained(str(folder), src_lang="eng_Latn")
        model = nllw.TranslationModel(
            translator=object(),
            device="cpu",
            tokenizer={"eng_Latn": tokenizer},
            backend_type="ctranslate2",
            model_name=str(folder),
        )
        theirs = nllw.OnlineTranslation(model, ["en"], ["fr"]).backend.sentence_end_token_ids
        ours = growing(engine, "fr")._online.backend.sentence_end_token_ids  # type: ignore[attr-defined]
        assert theirs == ours
        assert ours

    def test_languages_without_spaces_are_left_to_our_policy(self, engine: NllwEngine) -> None:
        assert engine.growing("zh", "en") is None

    def test_a_wrong_folder_is_refused(self, folder: Path, tmp_path: Path) -> None:
        with pytest.raises(TranslationError, match="no folder"):
            NllwEngine(tmp_path / "none").growing("en", "fr")
        copy = tmp_path / "copy"
        shutil.copytree(folder, copy)
        (copy / "tokenizer_config.json").write_text("[")
        with pytest.raises(TranslationError, match="NLLW cannot use") as caught:
            NllwEngine(copy).growing("en", "fr")
        assert "tokenizer_config.json" in caught.value.hint
