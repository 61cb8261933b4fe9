"""The page of the settings for names and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QShortcut

from app.core.paths import Paths
from app.gui.dialogs.settings import SettingsDialog
from app.gui.dialogs.vocabulary import VocabularyPage
from tests.gui.conftest import find

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from app.core.errors import AppError
    from tests.gui.conftest import Program


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "data", tmp_path / "models")


@pytest.fixture
def errors() -> list[AppError]:
    return []


@pytest.fixture
def page(qtbot: QtBot, paths: Paths, errors: list[AppError]) -> VocabularyPage:
    return _page(qtbot, paths, errors)


def _page(qtbot: QtBot, paths: Paths, errors: list[AppError]) -> VocabularyPage:
    found = VocabularyPage(paths, errors.append)
    qtbot.addWidget(found)
    return found


def _write(page: VocabularyPage, row: int, heard: str, written: str) -> None:
    for column, text in enumerate((heard, written)):
        item = page.table.item(row, column)
        assert item is not None
        item.setText(text)


def test_terms_are_saved_as_they_are_written(page: VocabularyPage, paths: Paths) -> None:
    page.terms.setPlainText("# people\nOkafor")
    page.flush()
    assert paths.vocabulary.read_text(encoding="utf-8") == "# people\nOkafor\n"
    assert not paths.corrections.exists()


def test_corrections_are_saved_when_they_are_complete(page: VocabularyPage, paths: Paths) -> None:
    assert page.table.rowCount() == 1
    _write(page, 0, "okay  for", "Okafor")
    assert page.table.rowCount() == 2, "a new empty row to write in"
    _write(page, 1, "half", "")
    page.flush()
    assert paths.corrections.read_text(encoding="utf-8") == "okay for\tOkafor\n"


def test_changes_are_saved_by_themselves(qtbot: QtBot, page: VocabularyPage, paths: Paths) -> None:
    page.terms.setPlainText("Kim")
    qtbot.waitUntil(paths.vocabulary.exists)


def test_what_is_saved_is_shown_again_and_can_be_deleted(
    qtbot: QtBot, paths: Paths, errors: list[AppError]
) -> None:
    paths.data.mkdir()
    paths.vocabulary.write_text("Kim\n", encoding="utf-8")
    paths.corrections.write_text("# names\na\tA\nb\tB\n", encoding="utf-8")
    page = _page(qtbot, paths, errors)
    assert page.terms.toPlainText() == "Kim\n"
    page.table.setCurrentCell(0, 0)
    find(page.table, QShortcut).activated.emit()
    page.flush()
    assert paths.corrections.read_text(encoding="utf-8") == "# names\nb\tB\n"


def test_a_list_that_cannot_be_read_is_told_and_left_alone(
    qtbot: QtBot, paths: Paths, errors: list[AppError]
) -> None:
    paths.data.mkdir()
    paths.vocabulary.write_bytes(b"\xff\xfe\x00")
    paths.corrections.write_text("no pair\n", encoding="utf-8")
    page = _page(qtbot, paths, errors)
    page.flush()
    assert len(errors) == 2
    assert not page.terms.isEnabled()
    assert not page.table.isEnabled()
    assert paths.vocabulary.read_bytes() == b"\xff\xfe\x00"


def test_a_list_that_cannot_be_saved_is_told(
    page: VocabularyPage, paths: Paths, errors: list[AppError]
) -> None:
    paths.data.write_text("a file where the folder should be", encoding="utf-8")
    page.terms.setPlainText("Kim")
    page.flush()
    assert "cannot be written" in str(errors[0])


def test_it_is_a_page_of_the_settings_and_saved_when_they_are_closed(program: Program) -> None:
    program.desktop.show_settings()
    dialog = find(program.window, SettingsDialog)
    find(dialog, VocabularyPage).terms.setPlainText("Okafor")
    dialog.accept()
    path = program.services.paths.vocabulary
    assert path.read_text(encoding="utf-8") == "Okafor\n"
