"""What the window shows: the meetings, the chosen one, its lines and its notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.errors import AppError
from app.core.events import CaptionEdited, TranslationEdited
from app.gui.meetings.model import detail_text
from app.gui.notes.saver import NotesSaver
from app.gui.transcript.lines import TranscriptLines
from app.gui.transcript.pane import Blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.events import Event
    from app.gui.background import Background
    from app.gui.messages import MessageCentre
    from app.gui.recording.controller import RecordingController
    from app.gui.rows import MeetingRow, OpenedMeeting, RecoveredRow
    from app.gui.services import Services
    from app.gui.window import MainWindow


class Workspace(QObject):
    """Answers what the user does in the list and the editors. Slow work is in the background.

    `speaker_told` gives a saved meeting, and what a person has said about its speakers;
    `live_told` what was said about those of the live one.
    """

    speaker_told = Signal(str, object)
    live_told = Signal(object)
    recovered = Signal(object)

    def __init__(
        self,
        services: Services,
        background: Background,
        messages: MessageCentre,
        window: MainWindow,
        recorder: RecordingController,
    ) -> None:
        super().__init__(window)
        self._meetings = services.meetings
        self._background = background
        self._messages = messages
        self._window = window
        self._recorder = recorder
        self._live_lines = TranscriptLines()
        self._live_row: MeetingRow | None = None
        self._shown = ""
        self._welcome = Blank("captions", "", "")
        self._notes = NotesSaver(services.meetings, background, messages, self)
        self._connect()
        self.show_nothing()

    def _connect(self) -> None:
        self._window.meetings.chosen.connect(self.open)
        self._window.meetings.rename_asked.connect(self.rename)
        centre = self._window.centre
        centre.title_edited.connect(lambda title: self.rename(self._shown, title))
        centre.view.line_edited.connect(self._on_line_edited)
        centre.view.translation_edited.connect(self._on_translation_edited)
        centre.view.speaker_said.connect(self._on_speaker_said)
        self._window.notes.save_asked.connect(self._notes.save)
        self._notes.saved.connect(self._window.notes.confirm_saved)

    @property
    def shown(self) -> str:
        """ID of the meeting on the screen; "" if there is none."""
        return self._shown

    @property
    def live_shown(self) -> bool:
        return self._live_row is not None and self._shown == self._live_row.id

    @property
    def recording(self) -> bool:
        return self._live_row is not None

    def reload(self, meeting: str) -> None:
        """A meeting has changed on disk."""

        def reopen() -> None:
            if self._shown == meeting:
                self._load(meeting, keep_place=True)

        self.refresh(reopen)

    # The list

    def refresh(self, then: Callable[[], object] | None = None) -> None:
        """Read the list of meetings again, then call `then`."""

        def show(rows: list[MeetingRow]) -> None:
            self._window.meetings.show_meetings(self._with_live(rows))
            if then is not None:
                then()

        meetings = self._meetings
        self._background.job("list meetings", lambda _job: meetings.rows()).on_success(show).start()

    def _with_live(self, rows: list[MeetingRow]) -> list[MeetingRow]:
        live = self._live_row
        if live is None:
            return rows
        return [live, *(row for row in rows if row.id != live.id)]

    def recover(self) -> None:
        """Mend meetings that were interrupted, list them, and tell by `recovered` what came back.

        Nothing else is done with the meetings before.
        """
        meetings = self._meetings

        def done(found: list[RecoveredRow]) -> None:
            self.refresh(lambda: self.recovered.emit(found))

        self._background.job("recover", lambda _job: meetings.recover()).on_success(done).start()

    # What is shown

    def welcome(self, blank: Blank) -> None:
        """What stands in the middle while no meeting is chosen."""
        self._welcome = blank
        if not self._shown:
            self._window.centre.show_blank(blank)

    def show_nothing(self) -> None:
        self._shown = ""
        self._window.notes.show_notes("", "")
        self._window.centre.show_title("", "")
        self._window.centre.show_blank(self._welcome)

    def open(self, meeting: str) -> None:
        """Show a meeting: the live one as it is, others as they are on disk."""
        if meeting == self._shown:
            return
        self._window.notes.flush()
        self._shown = meeting
        if self.live_shown:
            self._show_live()
        else:
            self._load(meeting)

    def _load(self, meeting: str, *, keep_place: bool = False) -> None:
        def show(opened: OpenedMeeting) -> None:
            if self._shown == meeting:
                self._show_opened(opened, keep_place=keep_place)

        def failed(error: Exception) -> None:
            self._messages.show_error(error, key="open")
            if self._shown == meeting:
                self._window.meetings.choose("")
                self.show_nothing()

        meetings = self._meetings
        job = self._background.job("open meeting", lambda _job: meetings.read(meeting))
        job.on_success(show).on_failure(failed).start()

    def _show_opened(self, opened: OpenedMeeting, *, keep_place: bool) -> None:
        centre = self._window.centre
        centre.show_title(opened.row.title, self._details(opened))
        lines = TranscriptLines()
        lines.load(opened.lines, opened.marks, opened.names)
        if lines.text():
            centre.view.show_lines(lines, keep_place=keep_place)
            centre.show_transcript(live=False)
        else:
            centre.show_blank(self._no_words())
        if self._window.notes.meeting != opened.row.id:
            notes = self._notes.pending(opened.row.id)
            self._window.notes.show_notes(opened.row.id, opened.notes if notes is None else notes)

    def _details(self, opened: OpenedMeeting) -> str:
        if not opened.falls:
            return detail_text(opened.row)
        late = self.tr("captions were late")
        return f"{detail_text(opened.row)}  ·  {late}"

    def _no_words(self) -> Blank:
        return Blank(
            "notes",
            self.tr("No words in this meeting"),
            self.tr(
                "Only the sound was recorded. To write down what was said, choose Transcribe in "
                "the meeting's menu in the list."
            ),
        )

    def _show_live(self) -> None:
        row = self._live_row
        if row is None:
            return
        centre = self._window.centre
        centre.show_title(row.title, detail_text(row))
        centre.view.show_lines(self._live_lines, follow=True)
        if len(self._live_lines):
            centre.show_transcript(live=True)
        else:
            self._show_listening()
        self._window.notes.show_notes(row.id, self._notes.latest(row.id))

    def _show_listening(self) -> None:
        request = self._recorder.request
        if request is not None and not request.model:
            title, hint = (
                self.tr("Recording"),
                self.tr("No model is chosen, so there are no captions. The sound is being saved."),
            )
        else:
            title, hint = self.tr("Listening…"), self.tr("Words appear here as they are spoken.")
        self._window.centre.show_blank(Blank("microphone", title, hint))

    # The live meeting

    def begin_live(self, row: MeetingRow, before: OpenedMeeting | None = None) -> None:
        """A meeting has begun, or goes on after what was said `before`; show it."""
        self._live_lines = TranscriptLines()
        if before is not None:
            row = replace(row, title=before.row.title, started=before.row.started)
            self._live_lines.load(before.lines, before.marks, before.names)
            self._notes.know(row.id, before.notes)
            self._shown = ""
        self._live_row = row
        self._window.meetings.model.put(row)
        self._window.meetings.choose(row.id)
        self.open(row.id)
        self._window.setFocus()

    def apply(self, event: Event) -> None:
        """Take in an event of the live meeting."""
        centre = self._window.centre
        for change in self._live_lines.changes(event):
            if self.live_shown:
                centre.view.follow_change(change)
                if centre.is_blank:
                    centre.show_transcript(live=True)

    def end_live(self, meeting: str) -> None:
        """The meeting is complete on disk; from now on it is shown from there."""
        self._live_row = None
        self.reload(meeting)

    # Changes

    def rename(self, meeting: str, title: str) -> None:
        row = self._window.meetings.model.row(meeting)
        if row is None:
            return
        live = self._recorder.live
        if live is not None and live.id == meeting:
            self._run_now(lambda: live.rename(title))
            self._live_row = replace(row, title=title)
        else:
            meetings = self._meetings
            job = self._background.job("rename", lambda _job: meetings.rename(meeting, title))
            job.on_failure(self._after_failed_change).start()
        self._window.meetings.model.put(replace(row, title=title))
        if meeting == self._shown:
            self._window.centre.show_title(title, detail_text(row))

    def _on_line_edited(self, utterance: int, text: str) -> None:
        view = self._window.centre.view
        live = self._recorder.live
        meeting = self._shown
        split = view.lines.is_split(utterance)
        for change in view.lines.changes(CaptionEdited(utterance, text)):
            view.follow_change(change)
        if live is not None and live.id == meeting:
            self._run_now(lambda: live.edit(utterance, text))
            return
        meetings = self._meetings
        job = self._background.job("edit", lambda _job: meetings.edit(meeting, utterance, text))
        if split:  # where the speaker changes in the new text is known when it is read
            job.on_success(lambda _none: self.reload(meeting))
        job.on_failure(self._after_failed_change).start()

    def _on_translation_edited(self, utterance: int, language: str, text: str) -> None:
        view = self._window.centre.view
        meeting, live = self._shown, self._recorder.live
        event = TranslationEdited(utterance, language, text)
        for change in view.lines.changes(event):
            view.follow_change(change)
        if live is not None and live.id == meeting:
            self._run_now(lambda: live.tell(event))
            return
        meetings = self._meetings
        job = self._background.job("edit", lambda _job: meetings.tell(meeting, event))
        job.on_failure(self._after_failed_change).start()

    def _on_speaker_said(self, event: Event) -> None:
        meeting, live = self._shown, self._recorder.live
        if live is not None and live.id == meeting:
            self._run_now(lambda: live.tell(event))
            self.apply(event)
            self.live_told.emit(event)
            return
        meetings = self._meetings
        job = self._background.job("tell", lambda _job: meetings.tell(meeting, event))
        job.on_success(lambda _none: self._on_told(meeting, event))
        job.on_failure(self._after_failed_change).start()

    def _on_told(self, meeting: str, event: Event) -> None:
        self.reload(meeting)
        self.speaker_told.emit(meeting, event)

    def _run_now(self, change: Callable[[], None]) -> None:
        try:
            change()
        except AppError as exc:
            self._messages.show_error(exc)

    def _after_failed_change(self, error: Exception) -> None:
        """Say it, and show again what is really on disk."""
        self._messages.show_error(error, key="change")
        self.refresh()
        if self._shown and not self.live_shown:
            self._load(self._shown, keep_place=True)

    def before_delete(self, meeting: str) -> None:
        """Nothing is to be written into the meeting any more."""
        self._notes.forget(meeting)
        if self._window.notes.meeting == meeting:
            self._window.notes.discard()

    def forget(self, meeting: str) -> None:
        """The meeting was deleted."""
        self._notes.forget(meeting)
        if self._shown == meeting:
            self._window.meetings.choose("")
            self.show_nothing()
        self._window.meetings.model.remove(meeting)
