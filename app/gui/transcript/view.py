"""The transcript on the screen: one block of a text document for each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QKeySequence,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QTextEdit, QToolButton

from app.core.events import SpeakerNamed
from app.gui import icons
from app.gui.guard import guarded
from app.gui.theme import scaled
from app.gui.transcript.blocks import GUTTER, LineBlocks
from app.gui.transcript.line_editor import LineEditor
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.margin import Margin
from app.gui.transcript.speaker_menu import NameDialog, SpeakerMenu
from app.gui.transcript.voices import name_of

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QContextMenuEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

    from app.gui.theme import Theme
    from app.gui.transcript.line import Change

TEXT_SCALE = 1.12
NOWHERE = (-1, "")
NEAR_END = 6
"""Pixels from the end within which the view counts as being at the end."""


class TranscriptView(QTextEdit):
    """Shows `TranscriptLines`. Only the block of a changed line is touched.

    It follows new text unless the user has scrolled up. `line_edited` gives the utterance and
    the text that a person wrote for it, `translation_edited` the language between them;
    `speaker_said` what was said about a speaker, as an event, `naming` the dialog in which a
    speaker is about to be named. `forget_asked` gives a stretch (s) of a saved meeting and how
    many lines it has.
    """

    line_edited = Signal(int, str)
    translation_edited = Signal(int, str, str)
    speaker_said = Signal(object)
    naming = Signal(object, int)
    forget_asked = Signal(float, float, int)
    following_changed = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("transcriptView")
        self.setAccessibleName(self.tr("Transcript"))
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._theme = theme
        self._lines = TranscriptLines()
        self._blocks = LineBlocks(self.document())
        self._margin = Margin(self, self._blocks, theme)
        self._following = False
        self._may_follow = False
        self._editable = True
        self._hovered = NOWHERE
        self._edited_part = 0
        self._edited_language = ""
        self._editor = LineEditor(self.viewport(), scaled(self.font(), TEXT_SCALE))
        self._pencil = self._make_pencil()
        self._set_fonts()
        self._connect()

    def _connect(self) -> None:
        self._theme.changed.connect(self._on_theme_changed)
        self._editor.saved.connect(self._on_line_saved)
        self._pencil.clicked.connect(lambda: self.edit_row(*self._hovered))
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._on_scrolled)
        bar.rangeChanged.connect(self._on_range_changed)
        self.viewport().setMouseTracking(True)

    def _make_pencil(self) -> QToolButton:
        pencil = QToolButton(self.viewport())
        pencil.setObjectName("editLineButton")
        pencil.setIcon(icons.icon("pencil"))
        pencil.setToolTip(self.tr("Correct this line (F2)"))
        pencil.setAccessibleName(self.tr("Correct this line"))
        pencil.setCursor(Qt.CursorShape.PointingHandCursor)
        pencil.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        pencil.setFixedSize(28, 28)
        pencil.hide()
        return pencil

    def _set_fonts(self) -> None:
        font = scaled(self.font(), TEXT_SCALE)
        self.document().setDefaultFont(font)
        self.document().setDocumentMargin(0)

    # Content

    @property
    def lines(self) -> TranscriptLines:
        return self._lines

    def set_editable(self, *, editable: bool) -> None:
        self._editable = editable
        self._pencil.hide()

    def show_lines(
        self, lines: TranscriptLines, *, follow: bool = False, keep_place: bool = False
    ) -> None:
        """Show other lines: at the end if new ones are to be followed, else at the top.

        `keep_place` stays where the view is, for lines that are nearly the same.
        """
        bar = self.verticalScrollBar()
        place = bar.maximum() if self._following else bar.value()
        self._may_follow = False
        self._set_following(following=False)
        self._fill(lines)
        bar.setValue(place if keep_place else 0)
        self._may_follow = follow
        if follow:
            self.jump_to_end()

    def _fill(self, lines: TranscriptLines) -> None:
        self._editor.cancel()
        self._lines = lines
        self._hovered = NOWHERE
        self._pencil.hide()
        self.setUpdatesEnabled(False)
        self._blocks.fill(lines, self._theme.colours)
        self.moveCursor(QTextCursor.MoveOperation.Start)
        self.setUpdatesEnabled(True)

    def follow_change(self, change: Change) -> None:
        """Draw what `lines.apply` has just changed."""
        self._blocks.apply(change)
        self.viewport().update()  # names are painted beside the text

    def _on_theme_changed(self) -> None:
        following, may_follow = self._following, self._may_follow
        self.show_lines(self._lines, keep_place=True)
        self._may_follow = may_follow
        if following:
            self.jump_to_end()

    # Following

    @property
    def following(self) -> bool:
        return self._following

    def jump_to_end(self) -> None:
        self._set_following(following=self._may_follow)
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def _on_scrolled(self, value: int) -> None:
        at_end = value >= self.verticalScrollBar().maximum() - NEAR_END
        self._set_following(following=self._may_follow and at_end)
        self._move_editor()
        self._pencil.hide()

    def _on_range_changed(self, _low: int, high: int) -> None:
        if self._following:
            self.verticalScrollBar().setValue(high)
        self._move_editor()

    def _set_following(self, *, following: bool) -> None:
        if following != self._following:
            self._following = following
            self.following_changed.emit(following)

    # Editing

    def edit_row(self, row: int, language: str = "") -> None:
        """Let the user correct line `row`, or its translation into `language`, in its place."""
        if not self._can_edit(row):
            return
        line = self._lines[row]
        told = (t.text for t in self._lines.translations(row) if t.language == language)
        text = next(told, "") if language else line.text
        self._pencil.hide()
        self._edited_part, self._edited_language = line.part, language
        self._editor.open(line.utterance, text.strip(), self._place_of(row, language))

    def _can_edit(self, row: int) -> bool:
        is_line = 0 <= row < len(self._lines)
        return self._editable and is_line and self._lines[row].note is None

    def _on_line_saved(self, utterance: int, text: str) -> None:
        if self._edited_language:
            self.translation_edited.emit(utterance, self._edited_language, text)
        else:
            whole = self._lines.whole_text(utterance, self._edited_part, text)
            self.line_edited.emit(utterance, whole)
        self.setFocus()

    def _move_editor(self) -> None:
        if not self._editor.isVisible():
            return
        for row in range(len(self._lines) - 1, -1, -1):
            line = self._lines[row]
            if (line.utterance, line.part) == (self._editor.utterance, self._edited_part):
                self._editor.place(self._place_of(row, self._edited_language))
                return

    def _place_of(self, row: int, language: str) -> QRect:
        """Where a line, or its translation into `language`, is in the viewport."""
        found = (s for s in self._blocks.stretches(row) if s.language == language)
        stretch = next(found, None)
        if stretch is None or not self._lines.translations(row):
            return self._margin.row_rect(row)
        return self._margin.stretch_rect(row, stretch)

    def _spot_at(self, y: float) -> tuple[int, str]:
        """The row at a height of the viewport, and which of its languages; `NOWHERE` if none."""
        row = self._row_at(y)
        if row < 0:
            return NOWHERE
        position = self.cursorForPosition(QPointF(GUTTER + 1.0, y).toPoint()).positionInBlock()
        return row, self._language_at(row, position)

    def _language_at(self, row: int, position: int) -> str:
        stretches = self._blocks.stretches(row)
        return next((s.language for s in stretches if position <= s.end), "")

    def _row_at(self, y: float) -> int:
        cursor = self.cursorForPosition(QPointF(GUTTER + 1.0, y).toPoint())
        row = cursor.blockNumber()
        if not len(self._lines) or not 0 <= row < len(self._lines):
            return -1
        rect = self._margin.row_rect(row)
        return row if rect.top() <= y <= rect.bottom() else -1

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edit_row(*self._spot_at(event.position().y()))

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._hover_spot(self._spot_at(event.position().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover_spot(NOWHERE)
        return super().viewportEvent(event)

    def _hover_spot(self, spot: tuple[int, str]) -> None:
        editable = self._can_edit(spot[0])
        self._hovered = spot if editable else NOWHERE
        if not editable or self._editor.isVisible():
            self._pencil.hide()
            return
        rect = self._place_of(*spot)
        self._pencil.move(rect.right() - 4, rect.top() - 2)
        self._pencil.show()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            cursor = self.textCursor()
            row = cursor.blockNumber()
            if row < len(self._lines):
                self.edit_row(row, self._language_at(row, cursor.positionInBlock()))
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self.jump_to_end()
        else:
            super().keyPressEvent(event)

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = self.menu_at(float(event.pos().y()))
        menu.exec(event.globalPos())
        menu.deleteLater()

    def menu_at(self, y: float) -> QMenu:
        """What can be done at a height of the viewport."""
        menu = QMenu(self)
        copy = menu.addAction(icons.icon("copy"), self.tr("Copy"), self.copy)
        copy.setEnabled(self.textCursor().hasSelection())
        row, language = self._spot_at(y)
        edit = menu.addAction(
            icons.icon("pencil"),
            self.tr("Correct this line…"),
            lambda: self.edit_row(row, language),
        )
        edit.setEnabled(self._can_edit(row))
        if self._can_edit(row):
            speaker = menu.addMenu(self.speaker_menu(row))
            speaker.setText(self.tr("Speaker"))
        self._offer_to_forget(menu)
        menu.addSeparator()
        menu.addAction(self.tr("Select all"), self.selectAll)
        return menu

    def _offer_to_forget(self, menu: QMenu) -> None:
        """What is selected, if it is of a saved meeting."""
        cursor = self.textCursor()
        stretch = None
        if cursor.hasSelection() and self._editable and not self._may_follow:
            document = self.document()
            first = document.findBlock(cursor.selectionStart()).blockNumber()
            last = document.findBlock(cursor.selectionEnd()).blockNumber()
            stretch = self._lines.stretch(first, last)
        if stretch is not None:
            start, end, lines = stretch
            menu.addAction(
                icons.icon("forget"),
                self.tr("Forget what is selected…"),
                lambda: self.forget_asked.emit(start, end, lines),
            )

    # Speakers

    def speaker_menu(self, row: int) -> SpeakerMenu:
        """What can be said about who spoke line `row`."""
        menu = SpeakerMenu(self, self._lines, row)
        menu.said.connect(self.speaker_said)
        menu.name_asked.connect(self.ask_name)
        return menu

    def ask_name(self, speaker: int) -> None:
        """Ask for a name. Not done by the menu, which is gone before there is an answer."""
        names = self._lines.names
        dialog = NameDialog(self.window(), name_of(speaker, names), names.get(speaker, ""))
        dialog.chosen.connect(lambda name: self.speaker_said.emit(SpeakerNamed(speaker, name)))
        self.naming.emit(dialog, speaker)
        dialog.open()

    def _labelled_row_at(self, point: QPoint) -> int:
        """The row whose name is at `point`; -1 if there is none."""
        row = self.cursorForPosition(point).blockNumber()
        for near in (row, row + 1):
            if 0 <= near < len(self._lines) and self._margin.label_rect(near).contains(point):
                return near
        return -1

    @guarded
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        row = self._labelled_row_at(event.position().toPoint())
        if row < 0 or not self._editable or self.textCursor().hasSelection():
            return
        menu = self.speaker_menu(row)
        menu.exec(event.globalPosition().toPoint())
        menu.deleteLater()

    # Painting

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if len(self._lines):
            first = self.cursorForPosition(QPointF(GUTTER + 1.0, 0.0).toPoint()).blockNumber()
            self._margin.paint(first, event.rect().bottom())

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._following:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._move_editor()
