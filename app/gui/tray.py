"""The icon in the notification area, where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.gui import icons
from app.gui.messages import Kind
from app.gui.recording.state import ACTIVE, RecordingState

if TYPE_CHECKING:
    from app.gui.actions import Actions
    from app.gui.messages import Message

BALLOON_MS = 8_000


class Tray(QObject):
    """`activated` is emitted when the icon is clicked."""

    activated = Signal()

    def __init__(self, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._quiet = icons.program_icon()
        self._busy = icons.program_icon("captionist-recording")
        self._alarmed = icons.program_icon("captionist-trouble")
        self._recording = False
        self._trouble = ""
        self.icon = QSystemTrayIcon(self._quiet, self)
        self.icon.setToolTip("Captionist")
        self.menu = QMenu()
        self.menu.setObjectName("trayMenu")
        self._fill(actions)
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.activated)

    def _fill(self, actions: Actions) -> None:
        self.menu.addAction(actions.record)
        self.menu.addAction(actions.pause)
        self.menu.addMenu(actions.forget_menu)
        self.menu.addSeparator()
        self.menu.addAction(actions.captions)
        self.menu.addAction(actions.show_window)
        self.menu.addSeparator()
        self.menu.addAction(actions.quit)

    @property
    def available(self) -> bool:
        """Whether the icon is really there for the user to click."""
        return QSystemTrayIcon.isSystemTrayAvailable() and self.icon.isVisible()

    def show(self) -> None:
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()

    def hide(self) -> None:
        self.icon.hide()

    def show_state(self, state: RecordingState) -> None:
        self._recording = state in ACTIVE
        self._show()

    def show_trouble(self, text: str) -> None:
        """Something is wrong with the recording; "": it is no more."""
        self._trouble = text
        self._show()

    def _show(self) -> None:
        tip = self.tr("Captionist is recording") if self._recording else self.tr("Captionist")
        icon = self._busy if self._recording else self._quiet
        if self._trouble:
            icon, tip = self._alarmed, f"{tip}\n{self._trouble}"
        self.icon.setIcon(icon)
        self.icon.setToolTip(tip)

    def balloon(self, message: Message) -> None:
        """Say it beside the icon, for as long as no window can."""
        if not self.available or not QSystemTrayIcon.supportsMessages():
            return
        kind = {
            Kind.ERROR: QSystemTrayIcon.MessageIcon.Critical,
            Kind.WARNING: QSystemTrayIcon.MessageIcon.Warning,
        }.get(message.kind, QSystemTrayIcon.MessageIcon.Information)
        text = f"{message.text}\n{message.hint}" if message.hint else message.text
        self.icon.showMessage("Captionist", text, kind, BALLOON_MS)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        clicks = (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        )
        if reason in clicks:
            self.activated.emit()
