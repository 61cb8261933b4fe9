"""The page of the settings for names to expect and for what is heard wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.errors import AppError
from app.vocabulary.corrections import parse
from app.vocabulary.files import is_entry, read_list, write_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.paths import Paths

SAVE_DELAY_MS = 500


class VocabularyPage(QWidget):
    """Edits the two lists in `paths`; saved a moment after the last change, and on `flush`.

    `report` is told what cannot be read or saved. A list that cannot be read is not edited, so
    that nothing in it is lost.
    """

    def __init__(self, paths: Paths, report: Callable[[AppError], object]) -> None:
        super().__init__()
        self.setObjectName("vocabularyPage")
        self._paths = paths
        self._report = report
        self._comments = ""
        self._changed: set[str] = set()
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self.flush)
        self.terms = self._make_terms()
        self.table = self._make_table()
        self._lay_out()
        self._load_terms()
        self._load_table()
        self.terms.textChanged.connect(lambda: self._note("terms"))
        self.table.itemChanged.connect(lambda _item: self._on_cell())

    def flush(self) -> None:
        """Save what has changed, now."""
        self._timer.stop()
        changed, self._changed = self._changed, set()
        try:
            if "terms" in changed:
                write_list(self._paths.vocabulary, self.terms.toPlainText())
            if "corrections" in changed:
                write_list(self._paths.corrections, self._comments + self._rows())
        except AppError as exc:
            self._report(exc)

    def _make_terms(self) -> QPlainTextEdit:
        box = QPlainTextEdit()
        box.setObjectName("vocabularyTerms")
        box.setAccessibleName(self.tr("Names and terms"))
        box.setPlaceholderText(self.tr("One name or term a line"))
        box.setTabChangesFocus(True)
        return box

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(0, 2)
        table.setObjectName("correctionsTable")
        table.setAccessibleName(self.tr("Corrections"))
        table.setHorizontalHeaderLabels([self.tr("Heard"), self.tr("Written")])
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.verticalHeader().setVisible(False)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), table)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._delete_row)
        return table

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        for text, widget in (
            (self.tr("Names and terms that are likely to be said, one a line"), self.terms),
            (self.tr("What is heard wrong, and how it is written"), self.table),
        ):
            label = QLabel(text)
            label.setWordWrap(True)
            label.setBuddy(widget)
            column.addWidget(label)
            column.addWidget(widget, 1)
        hint = QLabel(self.tr("Both take effect with the next meeting."))
        hint.setProperty("role", "muted")
        column.addWidget(hint)

    def _load_terms(self) -> None:
        try:
            self.terms.setPlainText(read_list(self._paths.vocabulary))
        except AppError as exc:
            self.terms.setEnabled(False)
            self._report(exc)

    def _load_table(self) -> None:
        try:
            text = read_list(self._paths.corrections)
            pairs = [(found.heard, found.written) for found in parse(text)]
        except AppError as exc:
            self.table.setEnabled(False)
            self._report(exc)
            return
        lines = [line for line in text.splitlines() if line.strip() and not is_entry(line)]
        self._comments = "".join(line + "\n" for line in lines)
        for pair in pairs:
            self._append(*pair)
        self._append("", "")

    def _append(self, heard: str, written: str) -> None:
        row = self.table.rowCount()
        with QSignalBlocker(self.table):
            self.table.insertRow(row)
            self.table.setItem(row, 0, QTableWidgetItem(heard))
            self.table.setItem(row, 1, QTableWidgetItem(written))

    def _on_cell(self) -> None:
        """There is always an empty row to write in."""
        if any(self._cell(self.table.rowCount() - 1, column) for column in (0, 1)):
            self._append("", "")
        self._note("corrections")

    def _delete_row(self) -> None:
        row = self.table.currentRow()
        if 0 <= row < self.table.rowCount() - 1:
            self.table.removeRow(row)
            self._note("corrections")

    def _rows(self) -> str:
        """The complete rows as the file has them."""
        pairs = [(self._cell(row, 0), self._cell(row, 1)) for row in range(self.table.rowCount())]
        return "".join(f"{heard}\t{written}\n" for heard, written in pairs if heard and written)

    def _cell(self, row: int, column: int) -> str:
        item = self.table.item(row, column)
        text = " ".join(item.text().split()) if item is not None else ""
        return text.lstrip("#") if column == 0 else text

    def _note(self, what: str) -> None:
        self._changed.add(what)
        self._timer.start()
