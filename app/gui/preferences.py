"""The settings in use: one place to read them, change them, and have them saved."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import AppError
from app.core.settings import Settings, load_settings, save_settings
from app.gui.messages import Kind, Message

if TYPE_CHECKING:
    from app.core.paths import Paths
    from app.gui.messages import MessageCentre

SAVE_DELAY_MS = 300


class Preferences(QObject):
    """`changed` gives the new Settings. Saved a moment after the last change, and on `flush`."""

    changed = Signal(object)

    def __init__(self, paths: Paths, messages: MessageCentre, parent: QObject) -> None:
        super().__init__(parent)
        self._path = paths.settings
        self._messages = messages
        loaded = load_settings(self._path)
        self._settings = loaded.settings
        self._unknown = loaded.unknown
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self._save)
        for problem in loaded.problems:
            messages.show(Message(f"{problem}.", kind=Kind.WARNING, key="settings"))

    @property
    def settings(self) -> Settings:
        return self._settings

    def adopt(self, settings: Settings) -> None:
        if settings == self._settings:
            return
        self._settings = settings
        self._timer.start()
        self.changed.emit(settings)

    def change(self, topic: str, **values: Any) -> None:
        """Change settings of one topic, for example change("overlay", lines=3)."""
        part = replace(getattr(self._settings, topic), **values)
        self.adopt(replace(self._settings, **{topic: part}))

    def flush(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            self._save()

    def _save(self) -> None:
        try:
            save_settings(self._path, self._settings, self._unknown)
        except AppError as exc:
            self._messages.show_error(exc, key="settings")
