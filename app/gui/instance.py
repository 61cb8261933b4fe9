"""One program for each data folder: a second start brings the first one to the front."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if TYPE_CHECKING:
    from pathlib import Path

ANSWER_MS = 1_000


class SingleInstance(QObject):
    """`asked_to_show` is emitted when the program was started again."""

    asked_to_show = Signal()

    def __init__(self, data: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        digest = hashlib.sha256(str(data).encode("utf-8", "replace")).hexdigest()
        self._name = f"captionist-{digest[:20]}"
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)

    def claim(self) -> bool:
        """True if this is the only program; otherwise the other one has been told to show."""
        if self._tell_other():
            return False
        QLocalServer.removeServer(self._name)  # what a program that crashed has left
        self._server.listen(self._name)
        return True

    def release(self) -> None:
        self._server.close()

    def _tell_other(self) -> bool:
        socket = QLocalSocket()
        socket.connectToServer(self._name)
        if not socket.waitForConnected(ANSWER_MS):
            return False
        socket.disconnectFromServer()
        return True

    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.disconnected.connect(socket.deleteLater)
            self.asked_to_show.emit()
