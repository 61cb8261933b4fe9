"""The program's actions: one of each, shared by buttons, menus, shortcuts and the tray."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from app.gui import icons
from app.gui.recording.state import RecordingState, controls


class Actions(QObject):
    """Their state follows the recording."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.record = self._action("record", self.tr("Record"), "Ctrl+R", "recordAction")
        self.pause = self._action("pause", self.tr("Pause"), "Ctrl+Shift+P", "pauseAction")
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

    def all(self) -> list[QAction]:
        return [
            self.record, self.pause, self.stop, self.captions, self.export, self.settings,
            self.show_window, self.quit,
        ]  # fmt: skip

    def show_state(self, state: RecordingState) -> None:
        """`record` starts and stops: the same key and menu entry in every state."""
        able = controls(state)
        self.record.setEnabled(able.record or able.stop)
        self.record.setText(self.tr("Stop recording") if able.stop else self.tr("Record"))
        self.record.setIcon(icons.icon("stop" if able.stop else "record"))
        self.pause.setEnabled(able.pause)
        paused = state is RecordingState.PAUSED
        self.pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self.stop.setEnabled(able.stop)
