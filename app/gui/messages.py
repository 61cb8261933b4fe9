"""The one message centre: what the program has to say, whether or not a window is there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

MOST_SHOWN = 3
BRIEF_MS = 9_000


class Kind(StrEnum):
    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Button:
    """What helps. Pressing it takes the message away, unless it `stays`."""

    text: str
    action: Callable[[], object]
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """`text` says what happened, `hint` what to do. A message replaces one with the same key.

    A brief message leaves by itself; a loud one is told beside the tray's icon in any case.
    """

    text: str
    hint: str = ""
    kind: Kind = Kind.INFO
    key: str = ""
    button: Button | None = None
    brief: bool = False
    loud: bool = False
    other: Button | None = None

    @property
    def identity(self) -> str:
        return self.key or self.text


class MessageCentre(QObject):
    """Keeps the newest messages. Views show `current` whenever `changed` is emitted.

    Messages that come before a view exists simply wait. While no window is visible they also go
    to `balloon`, which the tray sets.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._messages: dict[str, Message] = {}
        self._window_visible: Callable[[], bool] = lambda: True
        self._balloon: Callable[[Message], object] | None = None

    @property
    def current(self) -> tuple[Message, ...]:
        """Oldest first."""
        return tuple(self._messages.values())

    def watch_window(self, visible: Callable[[], bool]) -> None:
        self._window_visible = visible

    def use_balloon(self, balloon: Callable[[Message], object]) -> None:
        self._balloon = balloon

    def show(self, message: Message) -> None:
        """Call on the GUI thread."""
        self._messages.pop(message.identity, None)
        self._messages[message.identity] = message
        self._drop_oldest()
        if message.brief:
            QTimer.singleShot(BRIEF_MS, self, lambda: self._expire(message))
        self.changed.emit()
        if self._balloon is not None and (message.loud or not self._window_visible()):
            self._balloon(message)

    def show_error(
        self,
        error: BaseException,
        *,
        key: str = "",
        button: Button | None = None,
        other: Button | None = None,
    ) -> None:
        """An `AppError` with its hint; anything else as the bug it is."""
        if isinstance(error, AppError):
            text = f"{error}." if not str(error).endswith((".", "!", "?")) else str(error)
            key = key or type(error).__name__
            self.show(Message(text, error.hint, Kind.ERROR, key, button, other=other))
            return
        logger.error("unexpected failure", exc_info=error)
        self.show(
            Message(
                self.tr("Something went wrong inside the program."),
                self.tr("Your recording is not affected. Details ({kind}) are in the log.").format(
                    kind=type(error).__name__
                ),
                Kind.ERROR,
                key or "unexpected",
            )
        )

    def dismiss(self, identity: str) -> None:
        if self._messages.pop(identity, None) is not None:
            self.changed.emit()

    def _expire(self, message: Message) -> None:
        if self._messages.get(message.identity) is message:
            self.dismiss(message.identity)

    def _drop_oldest(self) -> None:
        while len(self._messages) > MOST_SHOWN:
            oldest = next(
                (k for k, m in self._messages.items() if m.kind is not Kind.ERROR),
                next(iter(self._messages)),
            )
            del self._messages[oldest]
