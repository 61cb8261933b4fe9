"""The only way across from the threads of a meeting to the widgets."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.core.events import AudioSaved, LevelMeasured, PreviewChanged

if TYPE_CHECKING:
    from collections.abc import Hashable

    from app.core.events import Event


class EventBridge(QObject):
    """Hands events to the thread on which it was created, in order and in batches.

    Of levels, previews and saved positions only the newest waits: they say what is, not what
    happened, so a busy window sees fewer of them and never a backlog.
    """

    received = Signal(object)
    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Event] = {}
        self._serial = itertools.count()
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def publish(self, event: Event) -> None:
        """Queue `event`; returns at once, from any thread."""
        with self._lock:
            wake = not self._waiting
            key = self._key(event)
            self._waiting.pop(key, None)
            self._waiting[key] = event
        if wake:
            self._woken.emit()

    def _key(self, event: Event) -> Hashable:
        match event:
            case LevelMeasured(source=source):
                return ("level", source)
            case PreviewChanged(utterance=utterance):
                return ("preview", utterance)
            case AudioSaved():
                return ("saved",)
            case _:
                return next(self._serial)

    def _deliver(self) -> None:
        with self._lock:
            events = list(self._waiting.values())
            self._waiting.clear()
        for event in events:
            self.received.emit(event)
