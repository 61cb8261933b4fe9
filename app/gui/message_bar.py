"""Messages in the window: not modal, each with a button that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout

from app.gui import icons
from app.gui.messages import Kind

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.gui.messages import Button, Message, MessageCentre
    from app.gui.theme import Theme


class MessageBar(QFrame):
    """Shows what the centre has, newest first; takes no room while there is nothing."""

    def __init__(self, centre: MessageCentre, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("messageBar")
        self._centre = centre
        self._theme = theme
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 10, 12, 10)
        self._column.setSpacing(8)
        self._cards: dict[str, tuple[Message, QWidget]] = {}
        centre.changed.connect(self._refresh)
        theme.changed.connect(self._repaint)
        self._refresh()

    def texts(self) -> list[str]:
        return [message.text for message in self._centre.current]

    def _repaint(self) -> None:
        for _message, card in self._cards.values():
            card.deleteLater()
        self._cards.clear()
        self._refresh()

    def _refresh(self) -> None:
        current = {message.identity: message for message in self._centre.current}
        for key in [k for k, (m, _) in self._cards.items() if current.get(k) is not m]:
            _message, card = self._cards.pop(key)
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        for key, message in current.items():
            if key not in self._cards:
                card = self._card(message)
                self._cards[key] = (message, card)
                self._column.insertWidget(0, card)
        self.setVisible(bool(current))

    def _card(self, message: Message) -> QFrame:
        card = QFrame()
        card.setObjectName("message")
        card.setProperty("kind", message.kind.value)
        card.setAccessibleName(f"{message.text} {message.hint}".strip())
        row = QHBoxLayout(card)
        row.setContentsMargins(14, 9, 8, 9)
        row.setSpacing(12)
        edge = Qt.AlignmentFlag.AlignTop if message.hint else Qt.AlignmentFlag.AlignVCenter
        row.addWidget(self._picture(message.kind), 0, edge)
        row.addLayout(_words(message), 1)
        for button in (message.other, message.button):
            if button is not None:
                row.addWidget(self._help_button(message, button))
        row.addWidget(self._close_button(message))
        return card

    def _picture(self, kind: Kind) -> QLabel:
        colours = self._theme.colours
        colour = {
            Kind.INFO: colours.accent,
            Kind.SUCCESS: colours.good,
            Kind.WARNING: colours.warn,
            Kind.ERROR: colours.record,
        }[kind]
        picture = QLabel()
        picture.setPixmap(icons.pixmap(kind.value, 20, colour, self.devicePixelRatioF()))
        picture.setContentsMargins(0, 1, 0, 0)
        return picture

    def _help_button(self, message: Message, button: Button) -> QPushButton:
        widget = QPushButton(button.text)
        widget.setObjectName("messageButton")
        widget.setProperty("role", "link")
        widget.setCursor(Qt.CursorShape.PointingHandCursor)

        def act() -> None:
            if not button.stays:
                self._centre.dismiss(message.identity)
            button.action()

        widget.clicked.connect(act)
        return widget

    def _close_button(self, message: Message) -> QToolButton:
        close = QToolButton()
        close.setObjectName("messageClose")
        close.setIcon(icons.icon("close"))
        close.setIconSize(QSize(16, 16))
        close.setToolTip(self.tr("Dismiss"))
        close.setAccessibleName(self.tr("Dismiss this message"))
        close.clicked.connect(lambda: self._centre.dismiss(message.identity))
        return close


def _words(message: Message) -> QVBoxLayout:
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addStretch(1)
    text = QLabel(message.text)
    text.setObjectName("messageText")
    text.setWordWrap(True)
    text.setTextFormat(Qt.TextFormat.PlainText)
    text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    words.addWidget(text)
    if message.hint:
        hint = QLabel(message.hint)
        hint.setObjectName("messageHint")
        hint.setProperty("role", "muted")
        hint.setWordWrap(True)
        hint.setTextFormat(Qt.TextFormat.PlainText)
        words.addWidget(hint)
    words.addStretch(1)
    return words
