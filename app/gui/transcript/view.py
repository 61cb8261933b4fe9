"""The transcript on the screen: one block of a text document for each line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QKeySequence,
    QPainter,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QTextEdit, QToolButton

from app.core.events import SpeakerNamed
from app.gui import icons
from app.gui.guard import guarded
from app.gui.recording.state import stamp_text
from app.gui.theme import scaled
from app.gui.transcript.blocks import GUTTER, LABEL_HEIGHT, RIGHT, LineBlocks
from app.gui.transcript.line_editor import LineEditor
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.speaker_menu import NameDialog, SpeakerMenu
from app.gui.transcript.voices import colour_of, label_of, name_of

if TYPE_CHECKING:
    from PySide6.QtGui import (
        QContextMenuEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
    )

    from app.gui.theme import Theme
    from app.gui.transcript.lines import Change

TEXT_SCALE = 1.12
NEAR_END = 6
"""Pixels from the end within which the view counts as being at the end."""


class TranscriptView(QTextEdit):
    """Shows `TranscriptLines`. Only the block of a changed line is touched.

    It follows new text unless the user has scrolled up. `line_edited` gives the utterance and
    the text that a person wrote for it, `speaker_said` what was said about a speaker, as an event,
    `naming` the dialog in which a speaker is about to be named.
    """

    line_edited = Signal(int, str)
    speaker_said = Signal(object)
    naming = Signal(object, int)
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
        self._following = False
        self._may_follow = False
        self._editable = True
        self._hovered = -1
        self._edited_part = 0
        self._editor = LineEditor(self.viewport(), scaled(self.font(), TEXT_SCALE))
        self._pencil = self._make_pencil()
        self._set_fonts()
        self._connect()

    def _connect(self) -> None:
        self._theme.changed.connect(self._on_theme_changed)
        self._editor.saved.connect(self._on_line_saved)
        self._pencil.clicked.connect(lambda: self.edit_row(self._hovered))
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
        self._stamp_font = scaled(self.font(), 0.88)
        self._label_font = scaled(self.font(), 0.96, QFont.Weight.DemiBold)

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
        self._hovered = -1
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

    def edit_row(self, row: int) -> None:
        """Let the user correct line `row`, in its place."""
        if not self._editable or not 0 <= row < len(self._lines):
            return
        line = self._lines[row]
        if line.note is not None:
            return
        self._pencil.hide()
        self._edited_part = line.part
        self._editor.open(line.utterance, line.text.strip(), self._row_rect(row))

    def _on_line_saved(self, utterance: int, text: str) -> None:
        whole = self._lines.whole_text(utterance, self._edited_part, text)
        self.line_edited.emit(utterance, whole)
        self.setFocus()

    def _move_editor(self) -> None:
        if not self._editor.isVisible():
            return
        for row in range(len(self._lines) - 1, -1, -1):
            line = self._lines[row]
            if (line.utterance, line.part) == (self._editor.utterance, self._edited_part):
                self._editor.place(self._row_rect(row))
                return

    def _row_rect(self, row: int) -> QRect:
        """Where line `row` is in the viewport."""
        box = self.document().documentLayout().blockBoundingRect(self._blocks.block(row))
        top = round(box.top()) - self.verticalScrollBar().value()
        return QRect(GUTTER, top, self.viewport().width() - GUTTER - RIGHT, round(box.height()))

    def _row_at(self, y: float) -> int:
        cursor = self.cursorForPosition(QPointF(GUTTER + 1.0, y).toPoint())
        row = cursor.blockNumber()
        if not len(self._lines) or not 0 <= row < len(self._lines):
            return -1
        rect = self._row_rect(row)
        return row if rect.top() <= y <= rect.bottom() else -1

    @guarded
    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edit_row(self._row_at(event.position().y()))

    @guarded
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if not event.buttons():
            self._hover_row(self._row_at(event.position().y()))

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover_row(-1)
        return super().viewportEvent(event)

    def _hover_row(self, row: int) -> None:
        editable = self._editable and row >= 0 and self._lines[row].note is None
        self._hovered = row if editable else -1
        if not editable or self._editor.isVisible():
            self._pencil.hide()
            return
        rect = self._row_rect(row)
        self._pencil.move(rect.right() - 4, rect.top() - 2)
        self._pencil.show()

    @guarded
    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_F2:
            self.edit_row(self.textCursor().blockNumber())
        elif event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self.jump_to_end()
        else:
            super().keyPressEvent(event)

    @guarded
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        copy = menu.addAction(icons.icon("copy"), self.tr("Copy"), self.copy)
        copy.setEnabled(self.textCursor().hasSelection())
        row = self._row_at(float(event.pos().y()))
        edit = menu.addAction(
            icons.icon("pencil"), self.tr("Correct this line…"), lambda: self.edit_row(row)
        )
        edit.setEnabled(self._editable and row >= 0)
        if self._editable and row >= 0 and self._lines[row].note is None:
            speaker = menu.addMenu(self.speaker_menu(row))
            speaker.setText(self.tr("Speaker"))
        menu.addSeparator()
        menu.addAction(self.tr("Select all"), self.selectAll)
        menu.exec(event.globalPos())
        menu.deleteLater()

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

    def _label_rect(self, row: int) -> QRect:
        """Where the name above line `row` is in the viewport; empty if there is none."""
        who = self._lines.label(row)
        layout = self._blocks.block(row).layout()
        if not who or layout is None or not layout.lineCount():
            return QRect()
        text = label_of(who, self._lines.names)
        width = round(QFontMetricsF(self._label_font).horizontalAdvance(text)) + 2
        top = layout.position().y() + layout.lineAt(0).y() - self.verticalScrollBar().value()
        return QRect(GUTTER, round(top) - LABEL_HEIGHT, width, LABEL_HEIGHT)

    def _labelled_row_at(self, point: QPoint) -> int:
        """The row whose name is at `point`; -1 if there is none."""
        row = self.cursorForPosition(point).blockNumber()
        for near in (row, row + 1):
            if 0 <= near < len(self._lines) and self._label_rect(near).contains(point):
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
        if not len(self._lines):
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._stamp_font)
        bottom = event.rect().bottom()
        row = max(0, self._first_visible_row())
        while row < len(self._lines):
            rect = self._row_rect(row)
            if rect.top() > bottom:
                break
            self._paint_stamp(painter, row, rect)
            self._paint_label(painter, row)
            row += 1
        painter.end()

    def _first_visible_row(self) -> int:
        return self.cursorForPosition(QPointF(GUTTER + 1.0, 0.0).toPoint()).blockNumber()

    def _paint_label(self, painter: QPainter, row: int) -> None:
        """The name of whoever speaks from here on, in the speaker's colour."""
        rect = self._label_rect(row)
        if rect.isEmpty():
            return
        who = self._lines.label(row)
        painter.save()
        painter.setFont(self._label_font)
        painter.setPen(QColor(colour_of(who[0], dark=self._theme.dark)))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(0, 0, 4, 0), flags, label_of(who, self._lines.names))
        painter.restore()

    def _paint_stamp(self, painter: QPainter, row: int, rect: QRect) -> None:
        line = self._lines[row]
        if line.start is None:
            return
        layout = self._blocks.block(row).layout()
        if layout is None or not layout.lineCount():
            return
        first = layout.lineAt(0)
        baseline = layout.position().y() + first.y() + first.ascent()
        y = baseline - self.verticalScrollBar().value()
        colours = self._theme.colours
        painter.setPen(QColor(colours.accent if line.edited else colours.faint))
        text = stamp_text(line.start)
        width = QFontMetricsF(self._stamp_font).horizontalAdvance(text)
        painter.drawText(QPointF(GUTTER - 18 - width, y), text)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._following:
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())
        self._move_editor()
