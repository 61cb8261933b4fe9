"""The models on this computer and those that can be fetched: a page of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import fonts, icons
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.rows import ModelRow

NAME = Qt.ItemDataRole.UserRole
HEIGHT = 260


class ModelsPage(QWidget):
    """`pull_asked` and `remove_asked` give a ModelRow; whoever made the page does the work."""

    pull_asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("modelsPage")
        self._rows: dict[str, ModelRow] = {}
        self._arriving = ""
        self.search = self._make_search()
        self.list = self._make_list()
        self._about = QLabel()
        self._about.setObjectName("modelAbout")
        self._about.setProperty("role", "muted")
        self._about.setWordWrap(True)
        self._about.setTextFormat(Qt.TextFormat.PlainText)
        self._about.setMinimumHeight(2 * self.fontMetrics().lineSpacing() + 4)
        self._about.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self._progress = QProgressBar()
        self._progress.setObjectName("modelProgress")
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self.pull = self._button(self.tr("Download…"), "modelPull")
        self.pull.clicked.connect(lambda: self._ask(self.pull_asked))
        self.remove = self._button(self.tr("Remove…"), "modelRemove")
        self.remove.clicked.connect(lambda: self._ask(self.remove_asked))
        self._arrange()
        self.show_progress("", 0.0)

    def _make_search(self) -> QLineEdit:
        search = QLineEdit()
        search.setObjectName("modelsSearch")
        search.setPlaceholderText(self.tr("Search models and languages"))
        search.setAccessibleName(search.placeholderText())
        search.setClearButtonEnabled(True)
        search.textChanged.connect(self._filter)
        return search

    def _make_list(self) -> QListWidget:
        found = QListWidget()
        found.setObjectName("modelsList")
        found.setAccessibleName(self.tr("Models"))
        found.setMinimumHeight(HEIGHT)
        found.setSpacing(1)
        found.currentItemChanged.connect(lambda _new, _old: self._show_chosen())
        found.itemActivated.connect(lambda _item: self.pull.click())
        return found

    def _button(self, text: str, name: str) -> QPushButton:
        button = QPushButton(text)
        button.setObjectName(name)
        button.setAutoDefault(False)
        return button

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(self._about)
        column.addWidget(self._progress)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.pull)
        buttons.addWidget(self.remove)
        column.addLayout(buttons)

    # Content

    def show_models(self, groups: Sequence[tuple[str, Sequence[ModelRow]]]) -> None:
        """List models under their titles; the chosen one stays chosen."""
        chosen = self.chosen
        self._rows = {row.name: row for _title, rows in groups for row in rows}
        self.list.clear()
        for title, rows in groups:
            if rows:
                self._add_title(title)
            for row in rows:
                self._add(row)
                if chosen is not None and row.name == chosen.name:
                    self.list.setCurrentRow(self.list.count() - 1)
        self._filter(self.search.text())
        self._show_chosen()

    def _add_title(self, title: str) -> None:
        item = QListWidgetItem(title, self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(scaled(self.font(), 0.92, QFont.Weight.DemiBold))

    def _add(self, row: ModelRow) -> None:
        item = QListWidgetItem(self._text(row), self.list)
        item.setData(NAME, row.name)
        item.setIcon(icons.icon("check" if row.installed else "download"))

    def _text(self, row: ModelRow) -> str:
        size = self.tr("{size:,.0f} MB").format(size=row.size_mb)
        state = self.tr("installed") if row.installed else ""
        return "  ·  ".join(part for part in (title_of(row), size, state) if part)

    @property
    def chosen(self) -> ModelRow | None:
        item = self.list.currentItem()
        return self._rows.get(str(item.data(NAME))) if item is not None else None

    def choose(self, name: str) -> None:
        for row in range(self.list.count()):
            if self.list.item(row).data(NAME) == name:
                self.list.setCurrentRow(row)

    def show_progress(self, name: str, share: float) -> None:
        """The model `name` is arriving; "" if none is."""
        self._arriving = name
        self._progress.setValue(round(1000 * share))
        policy = self._progress.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._progress.setSizePolicy(policy)
        self._progress.setVisible(bool(name))
        self._show_chosen()

    def _show_chosen(self) -> None:
        row = self.chosen
        self.pull.setEnabled(row is not None and not row.installed and not self._arriving)
        self.remove.setEnabled(row is not None and row.installed)
        if self._arriving:
            share = self._progress.value() / 10
            text = self.tr("Downloading {name}: {share:.0f} %")
            self._about.setText(text.format(name=self._arriving, share=share))
        else:
            self._about.setText(self._facts(row) if row is not None else "")

    def _facts(self, row: ModelRow) -> str:
        facts = [row.description, row.name if row.name != title_of(row) else ""]
        if row.licence:
            facts.append(self.tr("Licence: {licence}").format(licence=row.licence))
        return "  ·  ".join(fact for fact in facts if fact)

    def _filter(self, text: str) -> None:
        """A title is hidden with the last of its models."""
        wanted = text.strip().casefold()
        title: QListWidgetItem | None = None
        for n in range(self.list.count()):
            item = self.list.item(n)
            row = self._rows.get(str(item.data(NAME)))
            if row is None:
                title = item
                item.setHidden(True)
                continue
            words = f"{item.text()} {row.name} {row.description}".casefold()
            item.setHidden(wanted not in words)
            if title is not None and not item.isHidden():
                title.setHidden(False)

    def _ask(self, signal: SignalInstance) -> None:
        row = self.chosen
        if row is not None:
            signal.emit(row)


def title_of(row: ModelRow) -> str:
    """The two languages of a package, else the model's name."""
    if row.pair is None:
        return row.name
    source, target = (fonts.search_name(code) for code in row.pair)
    return f"{source} → {target}"
