"""What a meeting is told about words, and how a corrected caption is written down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.encoding import decode, encode
from app.core.events import FinalCaption
from app.core.paths import Paths
from app.vocabulary.corrections import Corrections
from app.vocabulary.wording import load_wording

if TYPE_CHECKING:
    from pathlib import Path


def test_the_meeting_s_own_terms_come_before_the_general_ones(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path / "models")
    paths.vocabulary.write_text("Kim\nOkafor\n", encoding="utf-8")
    paths.corrections.write_text("okay for\tOkafor\n", encoding="utf-8")
    wording = load_wording(paths, ("Okafor", "Helios"))
    assert wording.terms == ("Okafor", "Helios", "Kim")
    assert wording.corrections.text("okay for you") == "Okafor you"


def test_without_lists_nothing_changes(tmp_path: Path) -> None:
    wording = load_wording(Paths(tmp_path / "none", tmp_path))
    assert wording.terms == ()
    assert wording.corrections.text("okay for you") == "okay for you"


def test_a_list_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    paths = Paths(tmp_path, tmp_path / "models")
    paths.vocabulary.write_text("Kim\n", encoding="utf-8")
    paths.corrections.write_text("no pair\n", encoding="utf-8")
    wording = load_wording(paths)
    assert wording.terms == ("Kim",)
    assert wording.corrections.table == Corrections().table


def test_only_a_corrected_caption_tells_its_original() -> None:
    plain = FinalCaption(0, 0, 0.0, 1.0, "Okafor", "en", ())
    corrected = FinalCaption(0, 0, 0.0, 1.0, "Okafor", "en", (), "okay for")
    assert "original" not in encode(plain)
    assert encode(corrected)["original"] == "okay for"
    assert decode(encode(plain)) == plain
    assert decode(encode(corrected)) == corrected
