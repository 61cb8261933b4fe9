"""What is heard wrong is written right, whole words only, in every script."""

from __future__ import annotations

from time import thread_time
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


@pytest.mark.parametrize(
    ("heard", "written", "said", "corrected"),
    [
        ("aydin", "Aydın", "Aydın AYDIN aydin", "Aydın Aydın Aydın"),
        ("kır", "X", "kır KIR kir Kir", "X X kir Kir"),
        ("istanbul", "İstanbul", "İSTANBUL istanbul Istanbul i\u0307stanbul", "İstanbul " * 4),
        ("i", "eye", "I saw i̇, not ı", "eye saw eye, not ı"),
        ("don't", "do not", "Don’t DON'T donʼt", "do not do not do not"),
        ("rock’n’roll", "Rock", "rock'n'roll", "Rock"),
        ("strasse", "Straße", "STRASSE straße strase", "Straße Straße strase"),
        ("s", "X", "ß s", "ß X"),
        ("a b", "AB", "a\n b, a b c", "AB, AB c"),
    ],
)
def test_capitals_and_apostrophes_of_all_kinds(
    heard: str, written: str, said: str, corrected: str
) -> None:
    table = Corrections([Correction(heard, written)])
    assert table.text(said) == corrected.strip()
    caption = table.apply(_caption(*(f" {word}" for word in said.split(" "))))
    assert isinstance(caption, FinalCaption)
    assert "".join(word.text for word in caption.words).strip() == corrected.strip()


def test_words_that_differ_in_a_dot_have_corrections_of_their_own() -> None:
    table = Corrections([Correction("kir", "A"), Correction("kır", "B")])
    assert table.text("kir kır Kir KİR") == "A B A A"


def _many(count: int) -> Corrections:
    return Corrections(Correction(f"heard{i} wrong{i % 7}", f"Right{i}") for i in range(count))


def test_thousands_of_corrections_cost_next_to_nothing() -> None:
    caption = _caption(*(f" heard{i} wrong{i % 7} and" for i in range(0, 4000, 100)))
    before = thread_time()
    table = _many(5000)
    made = thread_time()
    done = table.apply(caption)
    applied = thread_time()
    assert isinstance(done, FinalCaption)
    assert done.text.split() == [w for i in range(0, 4000, 100) for w in (f"Right{i}", "and")]
    assert made - before < 1.0  # a tenth of that usually; it was half a minute
    assert applied - made < 0.05  # 40 corrections in 120 words; it was half a second


def test_a_correction_that_fails_costs_no_caption(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_table: Corrections, _text: str) -> str:
        raise KeyError("aydın")

    monkeypatch.setattr(Corrections, "text", failing)
    caption = _caption(" caption")
    table = Corrections(TABLE.table)
    caplog.clear()
    assert table.apply(caption) is table.apply(caption) is caption
    assert len(caplog.records) == 1
    assert "aydın" in caplog.text


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
