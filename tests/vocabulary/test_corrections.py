"""What is heard wrong is written right, whole words only, in every script."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.core.errors import StorageError
from app.core.events import FinalCaption, PreviewChanged, Word
from app.vocabulary.corrections import (
    Correction,
    Corrections,
    added,
    load_corrections,
    parse,
    removed,
)

if TYPE_CHECKING:
    from pathlib import Path

TABLE = Corrections(
    [
        Correction("caption east", "Captionist"),
        Correction("caption", "subtitle"),
        Correction("okay for", "Okafor"),
        Correction("민수", "민서"),
        Correction("東京", "东京"),
        Correction("हिन", "X"),
        Correction("กิน", "ทาน"),
        Correction("straße", "Strasse"),
        Correction("c++", "C plus plus"),
    ]
)


@pytest.mark.parametrize(
    ("heard", "written"),
    [
        ("Caption East is here.", "Captionist is here."),
        ("the caption, the captions", "the subtitle, the captions"),
        ("Ngozi okay  for said", "Ngozi Okafor said"),
        ("민수가 왔고 민수는 민수. 민수기, 김민수", "민서가 왔고 민서는 민서. 민수기, 김민수"),
        ("我在東京都。", "我在东京都。"),
        ("हिन्दी हिन", "हिन्दी X"),
        ("เขากินข้าว กินี", "เขาทานข้าว กินี"),
        ("STRAßE", "Strasse"),
        ("c++ and c", "C plus plus and c"),
        ("nothing to do", "nothing to do"),
        ("", ""),
    ],
)
def test_corrections(heard: str, written: str) -> None:
    assert TABLE.text(heard) == written


def _caption(*texts: str) -> FinalCaption:
    words = tuple(Word(text, i, i + 0.5, 0.9 - i / 10) for i, text in enumerate(texts))
    text = "".join(texts).strip()
    return FinalCaption(3, 1, 0.0, float(len(texts)), text, "en", words)


def test_a_corrected_caption_keeps_what_was_heard_and_its_times() -> None:
    done = TABLE.apply(_caption(" The", " caption", " east,", " please", " caption", "."))
    assert isinstance(done, FinalCaption)
    assert done.text == "The Captionist, please subtitle."
    assert done.original == "The caption east, please caption."
    assert [word.text for word in done.words] == [
        " The",
        " Captionist,",
        " please",
        " subtitle",
        ".",
    ]
    assert done.words[1] == Word(" Captionist,", 1.0, 2.5, 0.7)
    assert "".join(word.text for word in done.words).strip() == done.text


def test_two_corrections_within_one_word() -> None:
    done = TABLE.apply(_caption("東京", "と東京"))
    assert isinstance(done, FinalCaption)
    assert [word.text for word in done.words] == ["东京", "と东京"]


def test_everything_else_stays_as_it_is() -> None:
    caption = _caption(" The", " end.")
    assert TABLE.apply(caption) is caption
    preview = PreviewChanged(0, "caption")
    assert TABLE.apply(preview) is preview
    assert Corrections().apply(_caption(" caption")) == _caption(" caption")


def test_the_file_has_two_columns_and_comments(tmp_path: Path) -> None:
    path = tmp_path / "corrections.tsv"
    path.write_text("# names\nokay for\tOkafor\n\nOKAY FOR\tOkafor!\n", encoding="utf-8")
    assert load_corrections(path) == (Correction("OKAY FOR", "Okafor!"),)
    assert load_corrections(tmp_path / "none.tsv") == ()


@pytest.mark.parametrize("line", ["no tab", "\twritten", "heard\t ", "a b"])
def test_a_line_that_is_no_pair_is_named(line: str) -> None:
    with pytest.raises(StorageError, match="Line 2 ") as caught:
        parse(f"# comment\n{line}\n")
    assert "tab" in caught.value.hint


def test_adding_replaces_and_removing_leaves_comments() -> None:
    text = added("# names\nokay for\tX\n", Correction("Okay  for", "Okafor"))
    assert text == "# names\nOkay for\tOkafor\n"
    assert removed(text, "OKAY FOR") == "# names\n"
