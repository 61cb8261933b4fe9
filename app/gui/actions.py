"""The program's actions: one of each, shared by buttons, menus, shortcuts and the tray."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu

from app.gui import icons
from app.gui.recording.state import RecordingState, controls

FORGET_MINUTES = (1, 5, 10)


class Actions(QObject):
    """Their state follows the recording. `forget_asked` gives minutes, 0 for any other number."""

    forget_asked = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.record = self._action("record", self.tr("Record"), "Ctrl+R", "recordAction")
        self.pause = self._action("pause", self.tr("Pause"), "Ctrl+Shift+P", "pauseAction")
        self.forget = self._action(
            "forget", self.tr("Forget the last minutes…"), "Ctrl+Shift+Backspace", "forgetAction"
        )
        self.forget.triggered.connect(lambda: self.forget_asked.emit(1))
        self.forget_menu = self._make_forget_menu()
        self.stop = self._action("stop", self.tr("Stop"), "", "stopAction")
        self.captions = self._action(
            "captions", self.tr("Show captions"), "Ctrl+Shift+C", "captionsAction"
        )
        self.captions.setCheckable(True)
        self.captions.setIconVisibleInMenu(False)  # the menu shows the check mark there
        self.export = self._action("export", self.tr("Export…"), "Ctrl+E", "exportAction")
        self.settings = self._action("settings", self.tr("Settings"), "Ctrl+,", "settingsAction")
        self.show_window = self._action("window", self.tr("Show window"), "", "showAction")
        self.quit = self._action("quit", self.tr("Quit"), "Ctrl+Q", "quitAction")
        self.show_state(RecordingState.IDLE)

    def _action(self, icon: str, text: str, keys: str, name: str) -> QAction:
        action = QAction(icons.icon(icon), text, self)
        action.setObjectName(name)
        action.setToolTip(f"{text} ({keys})" if keys else text)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        return action

    def _make_forget_menu(self) -> QMenu:
        menu = QMenu()
        menu.setObjectName("forgetMenu")
        menu.setTitle(self.tr("Forget"))
        menu.setIcon(icons.icon("forget"))
        for minutes in FORGET_MINUTES:
            text = self.tr("The last {n} minutes…").format(n=minutes)
            menu.addAction(
                self.tr("The last minute…") if minutes == 1 else text,
                partial(self.forget_asked.emit, minutes),
            )
        menu.addAction(self.tr("Another time…"), partial(self.forget_asked.emit, 0))
        return menu

    def all(self) -> list[QAction]:
        return [
            self.record, self.pause, self.forget, self.stop, self.captions, self.export,
            self.settings, self.show_window, self.quit,
        ]  # fmt: skip

    def show_state(self, state: RecordingState) -> None:
        """`record` starts and stops: the same key and menu entry in every state."""
        able = controls(state)
        self.record.setEnabled(able.record or able.stop)
        self.record.setText(self.tr("Stop recording") if able.stop else self.tr("Record"))
        self.record.setIcon(icons.icon("stop" if able.stop else "record"))
        self.pause.setEnabled(able.pause)
        self.forget.setEnabled(able.pause)
        self.forget_menu.menuAction().setEnabled(able.pause)
        paused = state is RecordingState.PAUSED
        self.pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.stop.setEnabled(able.stop)
