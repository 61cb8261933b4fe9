"""Languages as people write them."""

from __future__ import annotations

import pytest

from app.core.languages import languages_of, spoken_choice, spoken_code


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("zh-TW", "zh"),
        ("zh-Hant-HK", "zh"),
        ("en-US", "en"),
        ("pt_BR", "pt"),
        (" KO ", "ko"),
        ("yue-HK", "yue"),
        ("nb-NO", "no"),
        ("fil", "tl"),
        ("iw", "he"),
        ("haw", "haw"),
        ("auto", "auto"),
        ("klingon", "klingon"),
        ("english-us", "english-us"),
        ("", ""),
    ],
)
def test_regions_and_scripts_are_no_matter(tag: str, code: str) -> None:
    assert spoken_code(tag) == code


@pytest.mark.parametrize(
    ("choice", "codes", "kept"),
    [
        ("ko, en-US,en_GB", ("ko", "en"), "ko,en"),
        ("auto", (), "auto"),
        ("ko,auto", (), "auto"),
        ("", (), "auto"),
        ("zh_TW,", ("zh",), "zh"),
    ],
)
def test_several_languages_may_be_spoken(choice: str, codes: tuple[str, ...], kept: str) -> None:
    assert languages_of(choice) == codes
    assert spoken_choice(choice) == kept
