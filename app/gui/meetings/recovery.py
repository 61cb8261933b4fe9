"""Shows what came back at the start, and does what is wished with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.gui.dialogs.ask import Question
from app.gui.dialogs.recovery import RecoveryDialog

if TYPE_CHECKING:
    from app.gui.desktop import Desktop
    from app.gui.meetings.chores import Chores
    from app.gui.meetings.resuming import Resuming
    from app.gui.rows import RecoveredRow


class Recovery(QObject):
    """`done`: nothing is open about meetings that came back, also if none did."""

    done = Signal()

    def __init__(self, desktop: Desktop, chores: Chores, resuming: Resuming) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._chores = chores
        self._resuming = resuming
        self._rows: dict[str, RecoveredRow] = {}
        self.dialog: RecoveryDialog | None = None
        desktop.workspace.recovered.connect(self.show)

    def show(self, rows: list[RecoveredRow]) -> None:
        """Ask about `rows`; at once there is nothing to ask if there are none."""
        if not rows:
            self.done.emit()
            return
        self._rows = {row.id: row for row in rows}
        self.dialog = RecoveryDialog(self._desktop.window, rows)
        self.dialog.answered.connect(self._on_answered)
        self.dialog.finished.connect(self._on_finished)
        self.dialog.show()

    def _on_finished(self) -> None:
        self.dialog = None
        self.done.emit()

    def _on_answered(self, answer: str, meeting: str) -> None:
        match answer:
            case "continue" if not self._resuming.go_on(meeting):
                return
            case "transcribe" if not self._chores.transcribe(meeting):
                return
            case "discard":
                self._ask_discard(meeting)
                return
            case "transcribe":
                self._desktop.window.meetings.choose(meeting)
            case _:
                pass
        self._settle(meeting)

    def _ask_discard(self, meeting: str) -> None:
        question = Question(
            self.dialog or self._desktop.window,
            self.tr("Discard “{title}”?").format(title=self._rows[meeting].title),
            self.tr("What came back of it is deleted for good: its sound, text and notes."),
            self.tr("Discard"),
        )
        question.warn().then(lambda: self._discard(meeting))

    def _discard(self, meeting: str) -> None:
        self._chores.delete(meeting)
        self._settle(meeting)

    def _settle(self, meeting: str) -> None:
        if self.dialog is not None:
            self.dialog.settle(meeting)
