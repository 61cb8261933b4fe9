"""`captionist vocabulary` and `captionist corrections` as a person or a script sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Run


def test_terms_are_added_listed_and_removed(run: Run) -> None:
    assert run("vocabulary", "list") == (0, "", "")
    assert run("vocabulary", "add", "Okafor", "김민수", "okafor")[0] == 0
    assert run("vocabulary", "list")[1] == "Okafor\n김민수\n"
    run("vocabulary", "remove", "OKAFOR")
    assert run("vocabulary", "list")[1] == "김민수\n"


def test_terms_are_imported_and_exported_with_their_comments(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "names.txt"
    file.write_text("# people\nOkafor\nKim\n", encoding="utf-8")
    run("vocabulary", "add", "Kim")
    assert run("vocabulary", "import", str(file))[0] == 0
    assert run("vocabulary", "export", str(tmp_path / "out.txt"))[0] == 0
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "Kim\nOkafor\n"


def test_corrections_are_added_listed_replaced_and_removed(run: Run) -> None:
    assert run("corrections", "list") == (0, "", "")
    run("corrections", "add", "okay for", "X")
    run("corrections", "add", "Okay for", "Okafor")
    run("corrections", "add", "caption east", "Captionist")
    assert run("corrections", "list")[1] == "Okay for\tOkafor\ncaption east\tCaptionist\n"
    run("corrections", "remove", "OKAY FOR")
    assert run("corrections", "list")[1] == "caption east\tCaptionist\n"


def test_corrections_are_imported_and_exported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "table.tsv"
    file.write_text("# names\nokay for\tOkafor\n", encoding="utf-8")
    assert run("corrections", "import", str(file))[0] == 0
    assert run("corrections", "export", str(tmp_path / "out.tsv"))[0] == 0
    assert (tmp_path / "out.tsv").read_text(encoding="utf-8") == "okay for\tOkafor\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("vocabulary", "import", "nowhere.txt"),
        ("corrections", "import", "nowhere.tsv"),
        ("live", "nowhere.wav", "--vocabulary", "nowhere.txt"),
    ],
)
def test_a_missing_file_is_told_in_a_sentence(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert "does not exist" in err


def test_a_table_without_tabs_is_refused_and_nothing_is_changed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "table.tsv"
    file.write_text("okay for Okafor\n", encoding="utf-8")
    code, _, err = run("corrections", "import", str(file))
    assert code == 1
    assert "Line 1" in err
    assert run("corrections", "list")[1] == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ("vocabulary", "add"),
        ("vocabulary", "add", "#Kim"),
        ("corrections", "add", " ", "Kim"),
        ("live", "x.wav", "--task", "sing"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments)[0] == 2
