"""With which model, and in which language: two boxes of the top bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QCompleter, QLineEdit

from app.gui import fonts, icons, languages
from app.gui.recording.box import WideBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.rows import ModelRow

DATA = Qt.ItemDataRole.UserRole
SEVERAL = "several"
"""Stands for the entry that opens a dialog, where others have a language's code."""


class ModelBox(WideBox):
    """Installed models, recording without one, and models that can be downloaded."""

    chosen = Signal(str)
    download_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("modelBox")
        self.setAccessibleName(self.tr("Recognition model"))
        self.setToolTip(self.tr("Which model turns speech into text"))
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(9)
        self.setMaxVisibleItems(16)
        self._rows: list[ModelRow] = []
        self._model = ""
        self.activated.connect(self._on_activated)

    @property
    def chosen_model(self) -> str:
        """Name of the chosen model; "" to record only."""
        return self._model

    @property
    def row(self) -> ModelRow | None:
        return next((row for row in self._rows if row.name == self._model), None)

    def show_models(self, rows: Sequence[ModelRow], wanted: str) -> None:
        """List `rows`; choose `wanted` if it is installed, else the first that is.

        No `rows`: it is not known yet what is installed, and `wanted` is taken to be.
        """
        self._rows = list(rows)
        installed = [row.name for row in rows if row.installed] if rows else [wanted]
        default = installed[0] if installed and wanted else ""
        self._model = wanted if wanted in installed else default
        self.clear()
        for name in filter(None, installed):
            self.addItem(icons.icon("model"), name, ("use", name))
        self.addItem(icons.icon("record"), self.tr("Record only"), ("use", ""))
        absent = [row for row in rows if not row.installed]
        if absent:
            self.insertSeparator(self.count())
        for row in absent:
            text = self.tr("Download {name} ({size:.0f} MB)…").format(
                name=row.name, size=row.size_mb
            )
            self.addItem(icons.icon("download"), text, ("get", row.name))
        self._select(self._model)

    def _select(self, name: str) -> None:
        for i in range(self.count()):
            if self.itemData(i) and tuple(self.itemData(i)) == ("use", name):
                self.setCurrentIndex(i)

    def _on_activated(self, index: int) -> None:
        found = self.itemData(index)
        if not found:
            return
        verb, name = found
        if verb == "get":
            self._select(self._model)
            self.download_asked.emit(name)
        else:
            self._model = name
            self.chosen.emit(name)


def _native_names(codes: str) -> str:
    return ", ".join(fonts.native_name(code.strip()) for code in codes.split(","))


class _SelectAllOnFocus(QObject):
    """A click into a searchable box selects what is there, so that typing replaces it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonRelease and isinstance(watched, QLineEdit):
            watched.selectAll()
        return False


class LanguageBox(WideBox):
    """Automatic, several, the common languages, then all the others; typing searches.

    `several_asked`: the user wants to choose which languages may be spoken.
    """

    chosen = Signal(str)
    several_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("languageBox")
        self.setAccessibleName(self.tr("Spoken language"))
        self.setToolTip(self.tr("The language that is spoken; type to search"))
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(13)
        self.setMaxVisibleItems(17)
        self._codes: tuple[str, ...] = ()
        self._language = self._wanted = "auto"
        self._fill(())
        self._make_searchable()
        self.activated.connect(self._on_activated)

    @property
    def language(self) -> str:
        """Whisper's code, several of them ("ko,en") to choose from, or "auto"."""
        return self._language

    def choose(self, code: str) -> None:
        """Choose `code`, or something that is offered as long as it is not."""
        self._wanted = code
        if "," in code and not self._codes:
            self._offer_several(code)
        if not self._select(code):
            self._select("auto" if self.findData("auto", DATA) >= 0 else self._codes[0])

    def show_detected(self, code: str) -> None:
        """Say which language is being heard, until the next choice or meeting."""
        if self._language == "auto" or "," in self._language:
            name = fonts.native_name(code)
            self.setEditText(self.tr("{language} (detected)").format(language=name))
            self._line().setCursorPosition(0)

    def forget_detected(self) -> None:
        self._show_chosen()

    def limit(self, codes: tuple[str, ...]) -> None:
        """Offer only what a model understands; an empty tuple means everything."""
        if codes != self._codes:
            self._fill(codes)
            self.choose(self._wanted)

    def _fill(self, codes: tuple[str, ...]) -> None:
        self._codes = codes
        model = QStandardItemModel(self)
        if len(codes) != 1:
            model.appendRow(self._item(self.tr("Detect language"), "auto"))
        if not codes:
            model.appendRow(self._item(self.tr("Several languages…"), SEVERAL))
        for code in languages.ordered():
            if not codes or code in codes:
                model.appendRow(self._item(fonts.search_name(code), code))
        self.setModel(model)
        if len(codes) != 1 and not codes:
            self.insertSeparator(2)
            self.insertSeparator(len(languages.COMMON) + 3)
        completer = self.completer()
        if completer is not None:
            completer.setModel(self.model())
        self._select(self._language)

    def _offer_several(self, codes: str) -> None:
        """A set of languages is one more choice, in the place of another set."""
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        if "," in str(self.itemData(1, DATA)):
            model.removeRow(1)
        model.insertRow(1, self._item(_native_names(codes), codes))

    def _line(self) -> QLineEdit:
        line = self.lineEdit()
        assert line is not None, "the box is editable"
        return line

    def _item(self, text: str, code: str) -> QStandardItem:
        item = QStandardItem(text)
        item.setData(code, DATA)
        item.setEditable(False)
        return item

    def _make_searchable(self) -> None:
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        popup = completer.popup()
        if popup is not None:
            popup.setObjectName("completerPopup")
        self.setCompleter(completer)
        completer.activated.connect(self._on_completed)
        line = self._line()
        line.installEventFilter(_SelectAllOnFocus(self))
        line.editingFinished.connect(self._show_chosen)
        line.setAccessibleName(self.accessibleName())

    def _select(self, code: str) -> bool:
        index = self.findData(code, DATA)
        if index < 0:
            return False
        self._language = code
        self.setCurrentIndex(index)
        self._show_chosen()
        return True

    def _show_chosen(self) -> None:
        """Put the short name of what is chosen back over what was typed."""
        index = self.findData(self._language, DATA)
        self.setCurrentIndex(index)
        name = _native_names(self._language)
        self.setEditText(self.tr("Detect language") if self._language == "auto" else name)
        self._line().setCursorPosition(0)

    def _on_activated(self, index: int) -> None:
        code = self.itemData(index, DATA)
        if code == SEVERAL:
            self._show_chosen()
            self.several_asked.emit()
        elif code:
            self._take(str(code))

    def _on_completed(self, text: str) -> None:
        index = self.findText(text)
        if index >= 0:
            self._on_activated(index)
            QTimer.singleShot(0, self, self._show_chosen)  # after Qt has put in its text

    def _take(self, code: str) -> None:
        changed = code != self._language
        self._wanted = code
        self._select(code)
        if changed:
            self.chosen.emit(code)
