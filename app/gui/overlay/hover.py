"""The small buttons that appear on the caption panel under the mouse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, SignalInstance
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from app.gui import fonts, icons

if TYPE_CHECKING:
    from collections.abc import Sequence

STYLE = """
#overlayBar { background: rgba(32, 36, 44, 235); border: 1px solid rgba(255, 255, 255, 40);
    border-radius: 9px; }
QToolButton { background: transparent; border: none; border-radius: 6px; padding: 4px;
    color: #ffffff; font-weight: 600; }
QToolButton:hover { background: rgba(255, 255, 255, 45); }
"""


class HoverBar(QWidget):
    """Both languages or one, the next language, smaller, larger, hide.

    `mode_asked` gives "both", "source" or "target"; `language_chosen` a code.
    """

    hide_asked = Signal()
    font_change_asked = Signal(int)
    next_mode_asked = Signal()
    next_language_asked = Signal()
    mode_asked = Signal(str)
    language_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("overlayBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(STYLE)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 3, 4, 3)
        row.setSpacing(2)
        self.mode = self._button("translate", "", "overlayMode")
        self.mode.clicked.connect(self.next_mode_asked)
        self.language = self._button("globe", "", "overlayLanguage")
        self.language.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.language.clicked.connect(self.next_language_asked)
        smaller = self._button("text-smaller", self.tr("Smaller text"), "overlaySmaller")
        smaller.clicked.connect(lambda: self.font_change_asked.emit(-1))
        larger = self._button("text-larger", self.tr("Larger text"), "overlayLarger")
        larger.clicked.connect(lambda: self.font_change_asked.emit(1))
        hide = self._button("close", self.tr("Hide captions"), "overlayHide")
        hide.clicked.connect(self.hide_asked)
        for button in (self.mode, self.language, smaller, larger, hide):
            row.addWidget(button)
        self.show_choices((), "", "both")
        self.hide()

    def _button(self, icon: str, name: str, object_name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(object_name)
        button.setIcon(icons.icon(icon, "#ffffff"))
        button.setIconSize(QSize(18, 18))
        button.setToolTip(name)
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def show_choices(self, languages: Sequence[str], shown: str, mode: str) -> None:
        """What is translated into which languages, and what of it is shown."""
        self.mode.setVisible(bool(languages))
        self.language.setVisible(len(languages) > 1 and mode != "source")
        self.language.setText(shown.upper())
        named = {
            self.mode: self.tr("Showing: {what}").format(what=self._mode_names()[mode]),
            self.language: self.tr("Next language (now {language})").format(
                language=fonts.native_name(shown)
            ),
        }
        for button, name in named.items():
            button.setToolTip(name)
            button.setAccessibleName(name)
        self.adjustSize()

    def _mode_names(self) -> dict[str, str]:
        return {
            "both": self.tr("Both languages"),
            "source": self.tr("Only what is spoken"),
            "target": self.tr("Only the translation"),
        }

    def menu(self, languages: Sequence[str], shown: str, mode: str) -> QMenu:
        """The same choices as a menu."""
        menu = QMenu(self)
        if languages:
            modes = {name: (text, mode == name) for name, text in self._mode_names().items()}
            self._add(menu, modes, self.mode_asked)
        if len(languages) > 1:
            codes = {code: (fonts.search_name(code), code == shown) for code in languages}
            self._add(menu, codes, self.language_chosen)
        menu.addAction(
            icons.icon("text-smaller"),
            self.tr("Smaller text"),
            lambda: self.font_change_asked.emit(-1),
        )
        menu.addAction(
            icons.icon("text-larger"),
            self.tr("Larger text"),
            lambda: self.font_change_asked.emit(1),
        )
        menu.addAction(icons.icon("close"), self.tr("Hide captions"), self.hide_asked.emit)
        return menu

    def _add(
        self, menu: QMenu, choices: dict[str, tuple[str, bool]], chosen: SignalInstance
    ) -> None:
        """One of several; `choices` has for each its name and whether it is chosen now."""
        group = QActionGroup(menu)
        for value, (text, is_chosen) in choices.items():
            action = menu.addAction(text, partial(chosen.emit, value))
            action.setCheckable(True)
            action.setChecked(is_chosen)
            group.addAction(action)
        menu.addSeparator()
