"""The small buttons that appear on the caption panel under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from app.gui import icons

STYLE = """
#overlayBar { background: rgba(32, 36, 44, 235); border: 1px solid rgba(255, 255, 255, 40);
    border-radius: 9px; }
QToolButton { background: transparent; border: none; border-radius: 6px; padding: 4px; }
QToolButton:hover { background: rgba(255, 255, 255, 45); }
"""


class HoverBar(QWidget):
    """Smaller, larger, hide."""

    hide_asked = Signal()
    font_change_asked = Signal(int)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("overlayBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setStyleSheet(STYLE)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 3, 4, 3)
        row.setSpacing(2)
        smaller = self._button("text-smaller", self.tr("Smaller text"), "overlaySmaller")
        smaller.clicked.connect(lambda: self.font_change_asked.emit(-1))
        larger = self._button("text-larger", self.tr("Larger text"), "overlayLarger")
        larger.clicked.connect(lambda: self.font_change_asked.emit(1))
        hide = self._button("close", self.tr("Hide captions"), "overlayHide")
        hide.clicked.connect(self.hide_asked)
        for button in (smaller, larger, hide):
            row.addWidget(button)
        self.adjustSize()
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
