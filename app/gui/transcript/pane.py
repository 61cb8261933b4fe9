"""The middle of the window: a meeting's title and what was said in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import icons
from app.gui.guard import guarded
from app.gui.theme import scaled
from app.gui.transcript.view import TranscriptView

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

    from app.gui.actions import Actions
    from app.gui.theme import Theme

HEADER = 66
TITLE_INSET = 7
"""Pixels between the edge of the title's field and its text."""


@dataclass(frozen=True, slots=True)
class Blank:
    """What stands where there is no transcript; `button` may be empty."""

    icon: str
    title: str
    hint: str
    button: str = ""


class EmptyState(QWidget):
    """A picture, a sentence, and perhaps a button that helps."""

    pressed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._blank = Blank("captions", "", "")
        self._picture = QLabel()
        self._title = QLabel()
        self._title.setObjectName("emptyTitle")
        self._title.setFont(scaled(self.font(), 1.3, QFont.Weight.DemiBold))
        self._hint = QLabel()
        self._hint.setObjectName("emptyHint")
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._hint.setMinimumWidth(330)
        self._hint.setMaximumWidth(420)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton()
        self._button.setObjectName("emptyButton")
        self._button.setProperty("role", "primary")
        self._button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(4)
        for item in (self._picture, self._title, self._hint_row(), self._button):
            if isinstance(item, QHBoxLayout):
                column.addLayout(item)
            else:
                column.addWidget(item, 0, Qt.AlignmentFlag.AlignHCenter)
            column.addSpacing(4)
        column.addStretch(5)
        theme.changed.connect(self._paint_picture)

    def _hint_row(self) -> QHBoxLayout:
        """A row of its own: a label that is only aligned gets the height for the column's width."""
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(self._hint, 100)
        row.addStretch(1)
        return row

    def show_blank(self, blank: Blank) -> None:
        self._blank = blank
        self._title.setText(blank.title)
        self._hint.setText(blank.hint)
        self._button.setText(blank.button)
        self._button.setVisible(bool(blank.button))
        self._paint_picture()

    def _paint_picture(self) -> None:
        colour = self._theme.colours.border_strong
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(icons.pixmap(self._blank.icon, 56, colour, ratio))


class CentrePane(QFrame):
    """Header, transcript, and the empty states in its place."""

    title_edited = Signal(str)
    blank_pressed = Signal()

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("centrePane")
        self.view = TranscriptView(theme)
        self.blank = EmptyState(theme)
        self._title = QLineEdit()
        self._detail = QLabel()
        self._jump = self._make_jump()
        self._live = False
        self._title_before = ""
        self._arrange(actions)
        self.blank.pressed.connect(self.blank_pressed)
        self.view.following_changed.connect(lambda _on: self._place_jump())
        self.show_title("", "")

    def _make_jump(self) -> QPushButton:
        jump = QPushButton(self.tr("Newest line"), self.view)
        jump.setObjectName("jumpButton")
        jump.setIcon(icons.icon("arrow-down"))
        jump.setToolTip(self.tr("Follow what is being said (Ctrl+End)"))
        jump.setCursor(Qt.CursorShape.PointingHandCursor)
        jump.clicked.connect(self.view.jump_to_end)
        jump.hide()
        return jump

    def _arrange(self, actions: Actions) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._header = self._make_header(actions)
        column.addWidget(self._header)
        holder = QWidget()
        self._pages = QStackedLayout(holder)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self.blank)
        column.addWidget(holder, 1)

    def _make_header(self, actions: Actions) -> QFrame:
        header = QFrame()
        header.setObjectName("paneHeader")
        header.setFixedHeight(HEADER)
        row = QHBoxLayout(header)
        row.setContentsMargins(20 - TITLE_INSET, 0, 14, 0)
        row.setSpacing(10)
        self._title.setObjectName("titleEdit")
        self._title.setAccessibleName(self.tr("Title of the meeting"))
        self._title.setToolTip(self.tr("Click to rename this meeting"))
        self._title.setFont(scaled(self.font(), 1.2, QFont.Weight.DemiBold))
        self._title.editingFinished.connect(self._on_title_edited)
        self._detail.setObjectName("meetingDetail")
        self._detail.setProperty("role", "muted")
        self._detail.setFont(scaled(self.font(), 0.88))
        self._detail.setContentsMargins(TITLE_INSET, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        words.addStretch(1)
        row.addLayout(words, 1)
        export = QToolButton()
        export.setObjectName("exportButton")
        export.setDefaultAction(actions.export)
        export.setIconSize(QSize(20, 20))
        export.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        export.setAccessibleName(self.tr("Export this meeting"))
        row.addWidget(export)
        return header

    def show_title(self, title: str, detail: str) -> None:
        """An empty title hides the header."""
        self._header.setVisible(bool(title))
        self._title_before = title
        if not self._title.hasFocus() or self._title.text() != title:
            self._title.setText(title)
            self._title.setCursorPosition(0)
        self._detail.setText(detail)

    def show_transcript(self, *, live: bool) -> None:
        self._live = live
        self._pages.setCurrentWidget(self.view)
        self._place_jump()

    def show_blank(self, blank: Blank) -> None:
        self.blank.show_blank(blank)
        self._pages.setCurrentWidget(self.blank)
        self._jump.hide()

    @property
    def is_blank(self) -> bool:
        return self._pages.currentWidget() is self.blank

    def _on_title_edited(self) -> None:
        title = " ".join(self._title.text().split())
        if not title:
            self._title.setText(self._title_before)
        elif title != self._title_before:
            self._title_before = title
            self.title_edited.emit(title)
        if self._title.hasFocus():
            self.view.setFocus()

    def _place_jump(self) -> None:
        self._jump.setVisible(self._live and not self.view.following and not self.is_blank)
        self._jump.adjustSize()
        x = (self.view.width() - self._jump.width()) // 2
        self._jump.move(x, self.view.height() - self._jump.height() - 16)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_jump()
