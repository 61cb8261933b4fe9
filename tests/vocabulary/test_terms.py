"""The list of names and terms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.core.errors import StorageError
from app.vocabulary.files import write_list
from app.vocabulary.terms import Vocabulary, added, load_vocabulary, parse, removed

if TYPE_CHECKING:
    from pathlib import Path


def test_one_term_a_line_without_comments_and_doubles() -> None:
    text = "# people\n  Ngozi  Okafor \n\n김민수\nngozi okafor\n#Kim\nC#\n"
    assert parse(text).terms == ("Ngozi Okafor", "김민수", "C#")


def test_new_terms_go_behind_and_known_ones_are_not_repeated() -> None:
    text = "# people\nOkafor"
    assert added(text, ["okafor", "Kim", "Kim", " "]) == "# people\nOkafor\nKim\n"
    assert added(text, ["OKAFOR"]) == text


def test_removing_keeps_comments_and_other_terms() -> None:
    assert removed("# Kim\nKim\nOkafor\n", ["KIM", "nobody"]) == "# Kim\nOkafor\n"


def test_a_meeting_s_own_terms_come_first() -> None:
    assert Vocabulary(("a", "b")).then(Vocabulary(("B", "c"))).terms == ("a", "b", "c")


def test_a_file_is_read_whatever_editor_wrote_it(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\ufeffe\u0301tude\r\nKim\r\n".encode())
    assert load_vocabulary(path).terms == ("étude", "Kim")


def test_no_file_is_an_empty_list_unless_it_was_asked_for(tmp_path: Path) -> None:
    assert load_vocabulary(tmp_path / "none.txt").terms == ()
    with pytest.raises(StorageError, match=r"none\.txt does not exist"):
        load_vocabulary(tmp_path / "none.txt", must_exist=True)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"\xff\xfe\x00K")
    with pytest.raises(StorageError, match="not text"):
        load_vocabulary(path)
    with pytest.raises(StorageError, match="cannot be read"):
        load_vocabulary(tmp_path)


def test_written_lists_end_with_a_line_end_and_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "list.txt"
    write_list(path, "Kim")
    assert path.read_text(encoding="utf-8") == "Kim\n"
    with pytest.raises(StorageError, match="cannot be written"):
        write_list(path / "below", "Kim")
