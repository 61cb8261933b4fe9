"""Export, deletion and the like: what is asked for from a meeting's menu."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths, QUrl
from PySide6.QtGui import QDesktopServices

from app.gui.dialogs.ask import Question
from app.gui.dialogs.export import ExportDialog
from app.gui.messages import Button, Kind, Message

if TYPE_CHECKING:
    from app.gui.background import Background
    from app.gui.messages import MessageCentre
    from app.gui.services import Services
    from app.gui.window import MainWindow
    from app.gui.workspace import Workspace


class Chores(QObject):
    """Asks what must be asked, does it in the background, and says what came of it."""

    def __init__(
        self,
        services: Services,
        background: Background,
        messages: MessageCentre,
        window: MainWindow,
        workspace: Workspace,
    ) -> None:
        super().__init__(window)
        self._services = services
        self._background = background
        self._messages = messages
        self._window = window
        self._workspace = workspace
        self._folder: Path | None = None
        window.meetings.export_asked.connect(self.ask_export)
        window.meetings.delete_asked.connect(self.ask_delete)
        window.meetings.folder_asked.connect(self.show_meeting_folder)

    def export_shown(self) -> None:
        """Export the meeting on the screen."""
        if self._workspace.shown:
            self.ask_export(self._workspace.shown)
        else:
            text = self.tr("Choose a meeting to export.")
            self._messages.show(Message(text, key="export", brief=True))

    def ask_export(self, meeting: str) -> None:
        row = self._window.meetings.model.row(meeting)
        if row is None:
            return
        self._window.notes.flush()
        folder = self._folder or _documents()
        dialog = ExportDialog(self._window, row.title, self._services.formats(), folder)
        dialog.export_asked.connect(lambda name, path: self.export(meeting, name, Path(path)))
        dialog.open()

    def export(self, meeting: str, format_name: str, path: Path) -> None:
        self._folder = path.parent
        meetings = self._services.meetings

        def done(_none: None) -> None:
            folder = Button(self.tr("Show folder"), lambda: show_folder(path.parent))
            text = self.tr("Exported to {name}.").format(name=path.name)
            self._messages.show(Message(text, str(path), Kind.SUCCESS, "export", folder))

        def failed(error: Exception) -> None:
            self._messages.show_error(error, key="export")

        job = self._background.job(
            "export", lambda _job: meetings.export(meeting, format_name, path)
        )
        job.on_success(done).on_failure(failed).start()

    def ask_delete(self, meeting: str) -> None:
        row = self._window.meetings.model.row(meeting)
        if row is None:
            return
        question = Question(
            self._window,
            self.tr("Delete “{title}”?").format(title=row.title),
            self.tr("Its recording, transcript and notes are deleted for good."),
            self.tr("Delete"),
        )
        question.warn().then(lambda: self.delete(meeting))

    def delete(self, meeting: str) -> None:
        meetings = self._services.meetings

        def done(_none: None) -> None:
            self._workspace.forget(meeting)

        self._workspace.before_delete(meeting)
        job = self._background.job("delete", lambda _job: meetings.delete(meeting))
        job.on_success(done).start()

    def show_meeting_folder(self, meeting: str) -> None:
        show_folder(self._services.meetings.folder(meeting))


def show_folder(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


def _documents() -> Path:
    kind = QStandardPaths.StandardLocation.DocumentsLocation
    found = Path(QStandardPaths.writableLocation(kind))
    return found if found.is_dir() else Path.home()
