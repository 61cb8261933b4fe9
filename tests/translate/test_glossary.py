"""Terms are translated as the user wants, whatever the engine makes of them."""

from __future__ import annotations

import re

import pytest

from app.core.errors import StorageError
from app.translate.glossary import Entry, Glossary, Keeper, added, parse, removed
from tests.fakes.translators import FakePair


def keeper(pair: FakePair, **terms: str) -> Keeper:
    entries = Glossary(tuple(Entry(term, wanted) for term, wanted in terms.items()))
    return Keeper(pair, entries.into("en"))


def test_a_table_is_read_and_written() -> None:
    text = "# mine\n清华大学\tTsinghua University\ten\nBär\tBear\n\n"
    table = parse(text)
    assert table.entries == (
        Entry("清华大学", "Tsinghua University", "en"),
        Entry("Bär", "Bear"),
    )
    changed = added(text, [Entry("bär", "Teddy"), Entry("neu", "new", "en")])
    assert changed == ("# mine\n清华大学\tTsinghua University\ten\n\nbär\tTeddy\nneu\tnew\ten\n")
    assert "清华大学" in removed(changed, "清华大学")
    assert "清华大学" not in removed(changed, "清华大学", "en")
    assert removed(changed, "清华大学", "en").startswith("# mine\n")


@pytest.mark.parametrize("text", ["alone", "a\t", "\tb", "a\tb\tc\td"])
def test_what_is_no_table_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(StorageError, match="Line 2 of the glossary"):
        parse(f"# comment\n{text}\n")


def test_entries_for_a_language_go_before_those_for_all() -> None:
    table = parse("a\tall\na\tpt\tpt\na\tbr\tpt-BR\nb\tde\tde\n")
    assert [entry.translation for entry in table.into("pt-BR")] == ["br"]
    assert [entry.translation for entry in table.into("pt")] == ["pt"]
    assert [entry.translation for entry in table.into("en")] == ["all"]


def test_a_translation_that_has_the_term_stays() -> None:
    pair = FakePair()
    assert keeper(pair, bank="RIVERBANK").refine("the bank", "THE RIVERBANK") == "THE RIVERBANK"
    assert keeper(pair, bank="shore").refine("the banker", "THE BANKER") == "THE BANKER"
    assert pair.asked == []


def test_an_engine_that_copies_names_is_told_them() -> None:
    pair = FakePair({"bank": "?"})
    assert keeper(pair, bank="Shore").refine("the bank", "THE BANK") == "THE Shore"


class Numbers(FakePair):
    """Copies numbers, and writes them in groups; drops all other words that it does not know."""

    def translate(self, text: str, prefix: str = "") -> str:
        known = [w.upper() for w in text.split() if w in ("the", "is", "big")]
        numbers = [f"{int(number):,}" for number in re.findall(r"\d+", text)]
        return " ".join([*known, *numbers])


def test_numbers_stand_for_terms_that_an_engine_does_not_copy() -> None:
    assert keeper(Numbers(), bank="shore").refine("the bank", "THE BANK") == "THE shore"


class Stubborn(FakePair):
    """Says the same whatever it is told."""

    def translate(self, text: str, prefix: str = "") -> str:
        return "BANK." if text == "bank" else "THE BANK IS BIG"


def test_what_the_engine_makes_of_a_term_is_replaced() -> None:
    found = keeper(Stubborn(), bank="shore").refine("the bank is big", "THE BANK IS BIG")
    assert found == "THE shore IS BIG"


def test_a_term_that_is_found_nowhere_is_added() -> None:
    pair = FakePair({"the bank": "THE", "the shore": "THE", "bank": "BANK", "the 81910": "THE"})
    assert keeper(pair, bank="shore").refine("the bank", "THE") == "THE (shore)"


def test_of_terms_within_terms_the_longest_is_meant() -> None:
    pair = FakePair()
    found = keeper(pair, bank="shore", **{"bank account": "Konto"})
    assert found.refine("a bank account", "A BANK ACCOUNT") == "A Konto"


def test_terms_in_scripts_without_spaces_are_found_within_text() -> None:
    entries = (Entry("清华", "Tsinghua"),)
    found = Keeper(FakePair({"他在 Tsinghua 学习": "He is at tsinghua."}), entries)
    assert found.refine("他在清华学习", "He is there.") == "He is at Tsinghua."


def test_korean_particles_may_follow_a_term() -> None:
    found = Keeper(FakePair({"Seoul 에": "to seoul"}), (Entry("서울", "Seoul"),))
    assert found.refine("서울에", "there") == "to Seoul"
