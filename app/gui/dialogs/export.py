"""Export of a meeting: format, file, and a question before anything is overwritten."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QWidget,
)

from app.gui import fonts
from app.gui.dialogs.sheet import Sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.gui.rows import ExportFormat

RESERVED = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
LONGEST_NAME = 80
ONE_TEXT = ("srt", "vtt", "txt")
"""Formats that do not have room for everything."""


def suggested_name(title: str) -> str:
    """A file name from a meeting's title that every file system takes."""
    name = " ".join(RESERVED.sub(" ", title).split()).strip(". ")
    return name[:LONGEST_NAME].strip(". ") or "meeting"


class ExportDialog(Sheet):
    """`export_asked` gives the format's name, the file, and which text to write.

    The user has agreed to overwrite. `translated` are the languages of the translations; the text
    is "source", "both", one of these languages, or "" where there is nothing to choose.
    """

    export_asked = Signal(str, str, str)

    def __init__(
        self,
        parent: QWidget,
        title: str,
        formats: Sequence[ExportFormat],
        folder: Path,
        translated: Sequence[str] = (),
    ) -> None:
        super().__init__(parent, self.tr("Export"), self.tr("Export “{title}”").format(title=title))
        self.setObjectName("exportDialog")
        self.setMinimumWidth(520)
        self._formats = list(formats)
        self._folder = folder
        self._asked_about: Path | None = None
        self._choice = QButtonGroup(self)
        self._text = self._make_text(translated)
        self._name = QLineEdit(suggested_name(title))
        self._warning = QLabel()
        self._arrange()
        self._choice.button(0).setChecked(True)
        self._choice.idToggled.connect(lambda _i, _on: self._on_changed())
        self._name.textChanged.connect(self._on_changed)
        self._on_changed()

    def _arrange(self) -> None:
        column = self.column
        column.setSpacing(8)
        column.addSpacing(6)
        self.add_caption(self.tr("Format"))
        for i, found in enumerate(self._formats):
            column.addWidget(self._format_button(i, found))
        column.addSpacing(8)
        self._text_caption = self.add_caption(self.tr("Text"))
        column.addWidget(self._text)
        column.addSpacing(8)
        self.add_caption(self.tr("File"))
        column.addLayout(self._file_row())
        self._where = self.add_caption("")
        self._where.setWordWrap(True)
        self._warning.setObjectName("exportWarning")
        self._warning.setWordWrap(True)
        column.addWidget(self._warning)
        column.addSpacing(10)
        self.add_buttons(self.tr("Export"), "exportAgree")
        self.agree.clicked.connect(self._on_agreed)

    def _make_text(self, translated: Sequence[str]) -> QComboBox:
        box = QComboBox()
        box.setObjectName("exportText")
        box.setAccessibleName(self.tr("Text"))
        box.addItem(self.tr("As spoken, with translations below"), "both")
        box.addItem(self.tr("As spoken"), "source")
        for code in translated:
            box.addItem(self.tr("{language} only").format(language=fonts.search_name(code)), code)
        self._translated = bool(translated)
        return box

    @property
    def text(self) -> str:
        """Which text to write; "" where there is nothing to choose."""
        choosable = self._translated and self.format.name in ONE_TEXT
        return str(self._text.currentData()) if choosable else ""

    def _format_button(self, i: int, found: ExportFormat) -> QRadioButton:
        button = QRadioButton(f"{found.name.upper()}:  {self._about(found)}")
        button.setObjectName(f"format_{found.name}")
        self._choice.addButton(button, i)
        return button

    def _about(self, found: ExportFormat) -> str:
        return {
            "json": self.tr("everything, for other programs"),
            "srt": self.tr("subtitles, for video players"),
            "vtt": self.tr("subtitles, for web pages"),
            "txt": self.tr("plain text"),
        }.get(found.name, "")

    def _file_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self._name.setObjectName("exportName")
        self._name.setAccessibleName(self.tr("File name"))
        browse = QPushButton(self.tr("Browse…"))
        browse.setObjectName("browseButton")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._on_browse)
        row.addWidget(self._name, 1)
        row.addWidget(browse)
        return row

    @property
    def format(self) -> ExportFormat:
        return self._formats[max(0, self._choice.checkedId())]

    @property
    def path(self) -> Path:
        """The file that would be written, with the format's suffix."""
        name = self._name.text().strip()
        suffix = self.format.suffix
        typed = Path(name).expanduser()
        path = typed if typed.is_absolute() else self._folder / name
        return path if path.suffix.lower() == suffix else path.with_name(f"{path.name}{suffix}")

    def _on_changed(self) -> None:
        self._asked_about = None
        for widget in (self._text, self._text_caption):
            widget.setVisible(bool(self.text))
        self._warning.clear()
        self._warning.hide()
        self.agree.setText(self.tr("Export"))
        named = bool(self._name.text().strip())
        self.agree.setEnabled(named)
        self._where.setText(str(self.path.parent / self.path.name) if named else "")

    def _on_browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, self.tr("Folder for the export"), str(self._folder)
        )
        if folder:
            self._folder = Path(folder)
            self._name.setText(Path(self._name.text()).name)
            self._on_changed()

    def _on_agreed(self) -> None:
        path = self.path
        if path.exists() and self._asked_about != path:
            self._asked_about = path
            self._warning.setText(
                self.tr("{name} exists already. Press Replace to overwrite it.").format(
                    name=path.name
                )
            )
            self._warning.show()
            self.agree.setText(self.tr("Replace"))
            return
        name, text = self.format.name, self.text
        self.accept()
        self.export_asked.emit(name, str(path), text)
