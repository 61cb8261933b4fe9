"""Export, deletion and the like: what is asked for from a meeting's menu."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QStandardPaths

from app.gui.dialogs.ask import Question
from app.gui.dialogs.export import ExportDialog
from app.gui.dialogs.folder import show_folder
from app.gui.messages import Button, Kind, Message

if TYPE_CHECKING:
    from app.gui.background import Background
    from app.gui.messages import MessageCentre
    from app.gui.rows import MeetingRow
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
        self._transcribing = False
        window.meetings.export_asked.connect(self.ask_export)
        window.meetings.delete_asked.connect(self.ask_delete)
        window.meetings.folder_asked.connect(self.show_meeting_folder)
        window.meetings.transcribe_asked.connect(self.transcribe)

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
        meetings = self._services.meetings
        job = self._background.job("read languages", lambda _job: meetings.read(meeting))
        job.on_success(lambda opened: self._open_export(row, opened.translated)).start()

    def _open_export(self, row: MeetingRow, translated: list[str]) -> None:
        folder = self._folder or _documents()
        title, formats = row.title, self._services.formats()
        dialog = ExportDialog(self._window, title, formats, folder, translated)
        dialog.export_asked.connect(
            lambda name, path, text: self.export(row.id, name, Path(path), text)
        )
        dialog.open()

    def export(self, meeting: str, format_name: str, path: Path, text: str = "") -> None:
        self._folder = path.parent
        meetings = self._services.meetings

        def exported(_none: None) -> None:
            folder = Button(self.tr("Show folder"), lambda: show_folder(path.parent))
            done = self.tr("Exported to {name}.").format(name=path.name)
            self._messages.show(Message(done, str(path), Kind.SUCCESS, "export", folder))

        def failed(error: Exception) -> None:
            self._messages.show_error(error, key="export")

        job = self._background.job(
            "export", lambda _job: meetings.export(meeting, format_name, path, text)
        )
        job.on_success(exported).on_failure(failed).start()

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

    def transcribe(self, meeting: str) -> bool:
        """Recognise what has no captions yet, with the model that is chosen.

        False, and it is said why, if that cannot begin now.
        """
        row = self._window.meetings.model.row(meeting)
        obstacle = self._obstacle()
        if row is None or obstacle:
            if obstacle:
                self._say_transcribed(obstacle, Kind.INFO)
            return False
        meetings, model = self._services.meetings, self._window.bar.models.chosen_model
        job = self._background.job(
            "transcribe", lambda job: meetings.transcribe(meeting, model, job.cancelled)
        )

        def done(missing: bool) -> None:
            self._transcribing = False
            text = self.tr("“{title}” has been transcribed.")
            if not missing:
                text = self.tr("Everything in “{title}” has been transcribed already.")
            if job.cancelled:
                self._messages.dismiss("transcribe")
            else:
                self._say_transcribed(text.format(title=row.title), Kind.SUCCESS)
            self._workspace.reload(meeting)

        def failed(error: Exception) -> None:
            self._transcribing = False
            self._messages.show_error(error, key="transcribe")

        self._transcribing = True
        text = self.tr("Transcribing “{title}”…").format(title=row.title)
        hint = self.tr("This takes a while; you can go on working.")
        stop = Button(self.tr("Cancel"), job.cancel)
        self._messages.show(Message(text, hint, Kind.INFO, "transcribe", stop))
        job.on_success(done).on_failure(failed).start()
        return True

    def _obstacle(self) -> str:
        """Why nothing can be transcribed now; "" if it can."""
        if self._transcribing:
            return self.tr("Another meeting is being transcribed.")
        if self._workspace.recording:
            return self.tr("A meeting is being recorded. Transcribe this one afterwards.")
        if not self._window.bar.models.chosen_model:
            return self.tr("Choose a model first: it turns speech into text.")
        return ""

    def _say_transcribed(self, text: str, kind: Kind) -> None:
        key = "" if self._transcribing else "transcribe"
        self._messages.show(Message(text, kind=kind, key=key, brief=True))

    def show_meeting_folder(self, meeting: str) -> None:
        show_folder(self._services.meetings.folder(meeting))


def _documents() -> Path:
    kind = QStandardPaths.StandardLocation.DocumentsLocation
    found = Path(QStandardPaths.writableLocation(kind))
    return found if found.is_dir() else Path.home()
