"""Languages and what others call them."""

from __future__ import annotations

import pytest
from faster_whisper.tokenizer import _LANGUAGE_CODES

from app.core.errors import LanguageError
from app.core.languages import ALIASES, spoken_code
from app.translate.languages import (
    argos_codes,
    english_name,
    flores_of,
    from_argos,
    from_whisper,
    is_unspaced,
    languages,
    normalise,
    parse_target,
    same_language,
)

NLLB_LACKS = {"br", "haw", "la"}


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("en", "en"),
        (" EN ", "en"),
        ("English", "en"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("zh-hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-Hans-CN", "zh"),
        ("zh-CN", "zh"),
        ("Chinese", "zh"),
        ("chinese (Traditional)", "zh-Hant"),
        ("iw", "he"),
        ("jw", "jv"),
        ("no", "nb"),
        ("sr-Latn", "sr-Latn"),
        ("kr-arab", "kr-Arab"),
        ("brazilian  portuguese", "pt-BR"),
    ],
)
def test_what_a_person_types_is_understood(typed: str, code: str) -> None:
    assert parse_target(typed) == code


@pytest.mark.parametrize(
    "typed", ["", " ", "xx", "klingon", "en,pt", "../en", "e", "英语", "tlh-US"]
)
def test_an_unknown_language_is_told_with_a_hint(typed: str) -> None:
    with pytest.raises(LanguageError, match="is not known") as caught:
        parse_target(typed)
    assert "zh-Hant" in caught.value.hint


def test_codes_and_names_are_unique() -> None:
    every = languages()
    assert len(every) >= 204
    assert len({language.code for language in every}) == len(every)
    assert len({language.name for language in every}) == len(every)
    known = [language.flores for language in every if language.flores]
    assert len(set(known)) == len(known) == 204


def test_every_code_is_read_as_itself() -> None:
    for language in languages():
        assert normalise(language.code) == language.code
        assert parse_target(language.name) == language.code
        assert english_name(language.code) == language.name


def test_all_that_whisper_hears_has_a_name_and_a_code_of_nllb() -> None:
    for heard in _LANGUAGE_CODES:
        code = from_whisper(heard)
        assert english_name(code) != code
        if code in NLLB_LACKS:
            with pytest.raises(LanguageError, match="NLLB does not know"):
                flores_of(code)
        else:
            assert flores_of(code)


def test_all_that_nllw_knows_is_known() -> None:
    nllw = pytest.importorskip("nllw.languages", reason="nllw is not installed")
    theirs = {row["nllb"] for row in nllw.LANGUAGES}
    assert theirs == {language.flores for language in languages() if language.flores}


def test_what_is_spoken_and_what_is_written_have_the_same_other_codes() -> None:
    for other, code in ALIASES.items():
        assert spoken_code(other) == normalise(other) == from_whisper(code) == code


def test_regions_and_scripts_fall_back_to_the_language() -> None:
    assert flores_of("pt-BR") == "por_Latn"
    assert flores_of("zh-Hant") == "zho_Hant"
    assert flores_of("en-GB") == "eng_Latn"
    assert argos_codes("pt-BR") == ("pb", "pt")
    assert argos_codes("zh-Hant") == ("zt", "zh")
    assert argos_codes("en-GB") == ("en",)
    assert english_name("pt-BR") == "Portuguese (BR)"


def test_what_argos_calls_otherwise() -> None:
    assert [from_argos(code) for code in ("zt", "pb", "en")] == ["zh-Hant", "pt-BR", "en"]


def test_between_regions_nothing_is_translated() -> None:
    assert same_language("en-GB", "en")
    assert same_language("no", "nb")
    assert not same_language("zh", "zh-Hant")


def test_scripts_without_spaces() -> None:
    assert is_unspaced("zh-Hant")
    assert is_unspaced("ja")
    assert not is_unspaced("ko")
