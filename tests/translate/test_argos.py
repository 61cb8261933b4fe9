"""Packages of Argos: ways between languages, forced beginnings, strange texts, broken models."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.errors import PairMissingError, TranslationError
from app.translate.argos import ArgosEngine, Pivot, packages_for
from app.translate.decoding import joined_pieces, loop_start
from app.translate.marian import Marian, TextTranslator
from app.translate.pieces import UNKNOWN, Pieces
from app.translate.protocol import PairTranslator
from app.translate.signs import Parted, calmed, parted
from tests.models import starter_model
from tests.translate.random_models import write_argos

TEXT = "ask not what your country can do"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    first = write_argos(folder / "argos-de-en", "de", "en")
    for name in ("argos-en-pb", "argos-en-fr", "argos-zh-en"):
        source, target = name.split("-")[1:]
        shutil.copytree(first, folder / name)
        described = json.dumps({"from_code": source, "to_code": target})
        (folder / name / "metadata.json").write_text(described)
    (folder / "a-whisper-model").mkdir()
    return folder


@pytest.fixture
def engine(packages: Path) -> Iterator[ArgosEngine]:
    engine = ArgosEngine(sorted(packages.iterdir()))
    yield engine
    engine.close()


def test_a_pair_is_translated_and_begins_as_it_is_told(engine: ArgosEngine) -> None:
    pair = engine.pair("de", "en")
    assert pair.translate(TEXT)
    found = pair.translate(TEXT, "bonjour tout le")
    assert found.startswith("bonjour tout le")
    assert len(found) > len("bonjour tout le")


@pytest.mark.parametrize("prefix", ["the meeting ", "日本 we", "  the", "bonj", "you, ", "a  b"])
def test_whatever_the_beginning_is_the_translation_begins_so(
    engine: ArgosEngine, prefix: str
) -> None:
    found = engine.pair("de", "en").translate(TEXT, prefix)
    assert found.startswith(prefix)
    assert "  " not in found[len(prefix) - 1 :].lstrip(" ")


def test_a_beginning_of_its_own_goes_on_in_the_same_way(engine: ArgosEngine) -> None:
    pair = engine.pair("de", "en")
    whole = pair.translate(TEXT)
    for place, character in enumerate(whole):
        if character == " ":
            assert pair.translate(TEXT, whole[:place]).startswith(whole)
            pair.translate(TEXT)


def test_without_a_direct_package_english_is_between(engine: ArgosEngine) -> None:
    engine.check("de", "pt-BR")
    pair = engine.pair("de", "pt-BR")
    assert isinstance(pair, Pivot)
    assert pair.translate(TEXT, "tout le").startswith("tout le")


def test_regions_and_scripts_fall_back_to_what_is_there(engine: ArgosEngine) -> None:
    for source, target in (("de-AT", "en-GB"), ("zh-Hant", "en"), ("en", "pt"), ("en", "pt-PT")):
        engine.check(source, target)
    with pytest.raises(PairMissingError):
        engine.check("en", "zh-Hant")


@pytest.mark.parametrize(
    ("source", "target", "hint"),
    [
        ("fr", "en", "'captionist models pull argos-fr-en'"),
        ("fr", "pt-BR", "'captionist models pull argos-fr-en'"),
        ("de", "ja", "'captionist models pull argos-en-ja'"),
        (
            "ru",
            "ja",
            "'captionist models pull argos-ru-en' and 'captionist models pull argos-en-ja'",
        ),
        ("haw", "en", ".argosmodel"),
    ],
)
def test_a_missing_pair_is_told_with_what_to_pull(
    engine: ArgosEngine, source: str, target: str, hint: str
) -> None:
    with pytest.raises(PairMissingError, match="translates") as caught:
        engine.check(source, target)
    assert hint in caught.value.hint


def test_nothing_is_translated_into_itself(engine: ArgosEngine) -> None:
    with pytest.raises(PairMissingError, match="itself"):
        engine.check("en", "en-GB")


@pytest.mark.parametrize("text", ["", " ", "...", "?!", "😀", "👩\u200d👩\u200d👧", "42", "3,5 %"])
def test_without_words_nothing_is_made_up(engine: ArgosEngine, text: str) -> None:
    assert engine.pair("de", "en").translate(text) == text


@pytest.mark.parametrize(
    "text",
    ["ask", "ask 😀", "ask 日本 אבג", "\ud800ask", "ask\x00\n\tnot", "a" * 2000, "ask not " * 250],
)
def test_strange_texts_get_some_translation_in_bounded_time(engine: ArgosEngine, text: str) -> None:
    pair = engine.pair("de", "en")
    began = time.process_time()
    found = pair.translate(text)
    assert found.strip()
    assert found.isprintable()
    assert time.process_time() - began < 5
    assert ("😀" in text) == ("😀" in found)


def test_a_package_may_tell_which_language_to_write(tmp_path: Path) -> None:
    folder = write_argos(tmp_path / "argos-en-xx", "en", "fr", target_prefix=">>fra<<")
    model = Marian(folder)
    begun: list[list[str]] = []
    translate = model.decoder.translate

    def watched(pieces: list[str], begin: list[str]) -> list[str]:
        begun.append(begin)
        return translate(pieces, begin)

    model.decoder.translate = watched  # type: ignore[method-assign, assignment]
    found = TextTranslator(model).translate(TEXT, "bonjour")
    assert begun[0][0] == ">>fra<<"
    assert found.startswith("bonjour")
    model.close()


@pytest.mark.parametrize(
    "name", ["model.bin", "config.json", "sentencepiece.model", "shared_vocabulary.json"]
)
@pytest.mark.parametrize("damage", [None, b"", b"{\xff not this"])
def test_a_damaged_package_is_one_sentence(
    packages: Path, tmp_path: Path, name: str, damage: bytes | None
) -> None:
    folder = tmp_path / "argos-de-en"
    shutil.copytree(packages / "argos-de-en", folder)
    (folder / name).unlink()
    if damage is not None:
        (folder / name).write_bytes(damage)
    engine = ArgosEngine([folder])
    engine.check("de", "en")
    if name == "config.json" and damage is None:
        return  # old models have none, and CTranslate2 does without
    with pytest.raises(TranslationError, match="cannot be loaded") as caught:
        engine.pair("de", "en")
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_names_of_the_packages_to_pull() -> None:
    assert packages_for("zh", "en") == ("argos-zh-en",)
    assert packages_for("zh-Hant", "en") == ("argos-zt-en",)
    assert packages_for("es", "pt") == ("argos-es-pt",)
    assert packages_for("de", "pt-BR") == ("argos-de-en", "argos-en-pb")
    assert packages_for("haw", "en") == ()


def test_fewest_pieces() -> None:
    pieces = Pieces(["\u2581", "\u2581the", "\u2581th", "m", "e", "n", "em", "n"])
    assert pieces.of("them  then") == ["\u2581the", "m", "\u2581the", "n"]
    assert pieces.of("the\u65e5m") == ["\u2581the", UNKNOWN, "m"]
    assert pieces.of(" ") == []
    assert joined_pieces(["fra_Latn", "\u2581the", "<unk>", "m", "</s>"]) == " them"


def test_loops_are_seen_and_repetition_is_not() -> None:
    assert loop_start(["a", "b", "c", "d", "e", "f"]) is None
    assert loop_start(["no", "no", "no", "no"]) is None
    assert loop_start(["no"] * 8) == 1
    assert loop_start([*"xy", *(["we", "are", "here"] * 4)]) == 5
    assert loop_start(["we", "are", "here", "we", "are", "here", "we", "are"]) is None


def test_what_is_said_over_and_over_is_said_three_times() -> None:
    assert calmed("no " * 9) == "no no no "
    assert calmed("\u55ef" * 2000) == "\u55ef" * 3
    assert calmed("1000000 and 3.3333333") == "1000000 and 3.3333333"
    assert calmed("ha ha") == "ha ha"


def test_emoji_stay_behind_the_text() -> None:
    assert parted("very good \U0001f600 \U0001f44d\U0001f3fd") == Parted(
        "very good", "\U0001f600 \U0001f44d\U0001f3fd"
    )
    assert parted("\U0001f600 a \U0001f600 b") == Parted("a b", "")
    assert parted("\u2026") == Parted("", "")


@pytest.fixture(scope="module")
def chinese() -> Iterator[PairTranslator]:
    engine = ArgosEngine([starter_model("argos-zh-en")])
    yield engine.pair("zh", "en")
    engine.close()


@pytest.mark.model
class TestChinese:
    """The published package."""

    def test_sentences(self, chinese: PairTranslator) -> None:
        said = chinese.translate("大家好，我们今天开会讨论一下下个季度的销售计划。")
        assert "next quarter" in said
        assert "meeting" in said
        assert chinese.translate("你好。今天天气很好！").startswith("Hello. ")

    def test_a_forced_beginning_is_taken_up(self, chinese: PairTranslator) -> None:
        text = "大家好，我们今天开会讨论一下下个季度的销售计划。"
        found = chinese.translate(text, "Good morning, everybody")
        assert found.startswith("Good morning, everybody")
        assert found.endswith("next quarter.")
        assert "Hello" not in found

    def test_a_run_on(self, chinese: PairTranslator) -> None:
        part = "我们昨天去了北京然后看了很多地方今天又要开会讨论明年的计划所以大家都很累"
        text = "".join(f"{part}第{number}次" for number in range(60))[:500]
        began = time.process_time()
        found = chinese.translate(text)
        assert "Beijing" in found
        assert len(found) > 300
        assert time.process_time() - began < 60

    @pytest.mark.parametrize("word", ["嗯", "我们要讨论预算"])
    def test_a_loop_is_not_followed(self, chinese: PairTranslator, word: str) -> None:
        assert len(chinese.translate((word * 2000)[:2000])) < 300
