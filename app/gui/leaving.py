"""Where text goes when it leaves the program, and the strip of the window that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from app.gui import icons

if TYPE_CHECKING:
    from app.core.settings import TranslationSettings
    from app.gui.theme import Theme

SERVER = "server"
"""The only engine that sends text anywhere."""


def leaving_to(settings: TranslationSettings) -> str:
    """The computer to which captions are sent with these settings; "" if they stay here."""
    if settings.engine != SERVER or not settings.languages:
        return ""
    return host_of(settings.server_url)


def host_of(url: str) -> str:
    """The computer of an address, with its port; the address as it is if it is not one."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or url
    except ValueError:
        return url


class LeavingSign(QFrame):
    """Shown as long as text is sent away. `stop_asked`: it is to stay here from now on."""

    stop_asked = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("leavingSign")
        self._theme = theme
        self._picture = QLabel()
        self._text = QLabel()
        self._text.setObjectName("leavingText")
        stop = QPushButton(self.tr("Stop translating"))
        stop.setObjectName("leavingStop")
        stop.setProperty("role", "link")
        stop.clicked.connect(self.stop_asked)
        row = QHBoxLayout(self)
        row.setContentsMargins(18, 3, 12, 3)
        row.setSpacing(10)
        row.addWidget(self._picture)
        row.addWidget(self._text, 1)
        row.addWidget(stop)
        theme.changed.connect(self._paint_picture)
        self._paint_picture()
        self.hide()

    def show_leaving(self, where: str) -> None:
        """Text is sent to `where`; "" takes the sign away."""
        text = self.tr("The text of the captions is sent to {where} for translation.")
        self._text.setText(text.format(where=where))
        self.setAccessibleName(self._text.text() if where else "")
        self.setVisible(bool(where))

    def _paint_picture(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(icons.pixmap("cloud", 20, self._theme.colours.warn, ratio))
