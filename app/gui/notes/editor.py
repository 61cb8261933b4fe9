"""The notes of a meeting: rich text on the screen, Markdown on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFont,
    QKeySequence,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextListFormat,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout

from app.gui import icons
from app.gui.notes.text_edit import NotesTextEdit
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Callable

AUTOSAVE_MS = 1_000
HEADER = 66
HEADING_LEVEL = 2


class NotesEditor(QFrame):
    """Edits one meeting's notes at a time.

    `save_asked` gives the meeting's ID and Markdown: a second after the last key, and whenever
    `flush` is called.
    """

    save_asked = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notesPane")
        self._meeting = ""
        self._loading = False
        self._dirty = False
        self._editor = NotesTextEdit()
        self._state = QLabel()
        self._state.setProperty("role", "muted")
        self._state.setFont(scaled(self.font(), 0.88))
        self._timer = QTimer(self, singleShot=True, interval=AUTOSAVE_MS)
        self._timer.timeout.connect(self.flush)
        self._tools: list[QToolButton] = []
        self._arrange()
        self._editor.textChanged.connect(self._on_changed)
        self._editor.cursorPositionChanged.connect(self._update_tools)
        self.show_notes("", "")

    @property
    def meeting(self) -> str:
        return self._meeting

    @property
    def unsaved(self) -> bool:
        return self._dirty

    def show_notes(self, meeting: str, markdown: str) -> None:
        """Edit the notes of `meeting`; "" when there is none to take notes of."""
        self.flush()
        self._meeting = meeting
        self._loading = True
        self._editor.load_markdown(markdown)
        self._loading = False
        self._state.clear()
        self.setEnabled(bool(meeting))
        self._editor.setPlaceholderText(
            self.tr("Write your notes here…") if meeting else self.tr("No meeting is open.")
        )

    def flush(self) -> None:
        """Save what was typed, if anything was."""
        self._timer.stop()
        if self._dirty:
            self._dirty = False
            self.save_asked.emit(self._meeting, self.markdown())

    def discard(self) -> None:
        """Forget what was typed since the last save."""
        self._timer.stop()
        self._dirty = False

    def markdown(self) -> str:
        return self._editor.to_markdown()

    def confirm_saved(self, meeting: str) -> None:
        """The notes of `meeting` are on disk."""
        if meeting == self._meeting and not self.unsaved:
            self._state.setText(self.tr("Saved"))

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        header = QFrame()
        header.setObjectName("paneHeader")
        header.setFixedHeight(HEADER)
        row = QHBoxLayout(header)
        row.setContentsMargins(20, 0, 14, 0)
        row.setSpacing(2)
        title = QLabel(self.tr("Notes"))
        title.setFont(scaled(self.font(), 1.12, QFont.Weight.DemiBold))
        row.addWidget(title)
        row.addSpacing(8)
        row.addWidget(self._state)
        row.addStretch(1)
        for button in self._make_tools():
            row.addWidget(button)
        column.addWidget(header)
        column.addWidget(self._editor, 1)

    def _make_tools(self) -> list[QToolButton]:
        self._bold = self._tool("bold", self.tr("Bold"), "Ctrl+B", self._toggle_bold)
        self._italic = self._tool("italic", self.tr("Italic"), "Ctrl+I", self._toggle_italic)
        self._heading = self._tool("heading", self.tr("Heading"), "Ctrl+H", self._toggle_heading)
        self._list = self._tool("list", self.tr("List"), "Ctrl+L", self._toggle_list)
        self._check = self._tool(
            "checklist", self.tr("Checklist"), "Ctrl+Shift+L", self._toggle_checklist
        )
        self._tools = [self._bold, self._italic, self._heading, self._list, self._check]
        return self._tools

    def _tool(self, icon: str, name: str, keys: str, run: Callable[[], object]) -> QToolButton:
        action = QAction(icons.icon(icon), name, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setCheckable(True)
        action.setToolTip(f"{name} ({keys})")
        action.triggered.connect(run)
        self.addAction(action)
        button = QToolButton()
        button.setObjectName(f"{icon}Button")
        button.setDefaultAction(action)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(name)
        return button

    def _on_changed(self) -> None:
        if not self._loading and self._meeting:
            self._state.clear()
            self._dirty = True
            self._timer.start()

    def _update_tools(self) -> None:
        cursor = self._editor.textCursor()
        style = cursor.charFormat()
        block = cursor.blockFormat()
        listed = cursor.currentList() is not None
        checked = block.marker() != QTextBlockFormat.MarkerType.NoMarker
        heading = block.headingLevel() > 0
        self._bold.defaultAction().setChecked(
            style.fontWeight() >= QFont.Weight.Bold and not heading
        )
        self._italic.defaultAction().setChecked(style.fontItalic())
        self._heading.defaultAction().setChecked(heading)
        self._list.defaultAction().setChecked(listed and not checked)
        self._check.defaultAction().setChecked(listed and checked)

    def _toggle_bold(self) -> None:
        style = QTextCharFormat()
        bold = self._editor.textCursor().charFormat().fontWeight() >= QFont.Weight.Bold
        style.setFontWeight(QFont.Weight.Normal if bold else QFont.Weight.Bold)
        self._merge(style)

    def _toggle_italic(self) -> None:
        style = QTextCharFormat()
        style.setFontItalic(not self._editor.textCursor().charFormat().fontItalic())
        self._merge(style)

    def _merge(self, style: QTextCharFormat) -> None:
        self._editor.textCursor().mergeCharFormat(style)
        self._editor.mergeCurrentCharFormat(style)
        self._after_tool()

    def _toggle_heading(self) -> None:
        cursor = self._editor.textCursor()
        level = 0 if cursor.blockFormat().headingLevel() else HEADING_LEVEL
        cursor.beginEditBlock()
        block = cursor.blockFormat()
        block.setHeadingLevel(level)
        cursor.setBlockFormat(block)
        style = QTextCharFormat()
        style.setFontWeight(QFont.Weight.Bold if level else QFont.Weight.Normal)
        style.setProperty(QTextCharFormat.Property.FontSizeAdjustment, 1 if level else 0)
        whole = QTextCursor(cursor)
        whole.select(QTextCursor.SelectionType.BlockUnderCursor)
        whole.mergeCharFormat(style)
        cursor.mergeBlockCharFormat(style)
        cursor.endEditBlock()
        self._after_tool()

    def _toggle_list(self) -> None:
        self._set_list(QTextBlockFormat.MarkerType.NoMarker)

    def _toggle_checklist(self) -> None:
        self._set_list(QTextBlockFormat.MarkerType.Unchecked)

    def _set_list(self, marker: QTextBlockFormat.MarkerType) -> None:
        """Make the paragraphs a list with `marker`, or plain if they are one already."""
        cursor = self._editor.textCursor()
        existing = cursor.currentList()
        same = (cursor.blockFormat().marker() == QTextBlockFormat.MarkerType.NoMarker) == (
            marker == QTextBlockFormat.MarkerType.NoMarker
        )
        cursor.beginEditBlock()
        if existing is not None and same:
            existing.remove(cursor.block())
        block = cursor.blockFormat()
        if existing is not None and same:
            block.setIndent(0)
            block.setMarker(QTextBlockFormat.MarkerType.NoMarker)
            cursor.setBlockFormat(block)
        else:
            block.setMarker(marker)
            cursor.setBlockFormat(block)
            if existing is None:
                cursor.createList(QTextListFormat.Style.ListDisc)
        cursor.endEditBlock()
        self._after_tool()

    def _after_tool(self) -> None:
        self._update_tools()
        self._editor.setFocus()
