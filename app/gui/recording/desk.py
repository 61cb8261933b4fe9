"""Joins the top bar, the actions and the settings with the recording."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDateTime, QLocale, QObject, QTimer, Signal

from app.core.errors import CaptureError
from app.core.events import (
    AudioSaved,
    CaptureEnded,
    CaptureResumed,
    ClockJumped,
    DeviceChanged,
    LanguageDetected,
    LevelMeasured,
    LoadChanged,
    LoadLevel,
    MeetingStarted,
    StageChanged,
    StageState,
)
from app.gui.dialogs.languages import LanguagesDialog
from app.gui.dialogs.terms import TermsDialog
from app.gui.messages import Button, Kind, Message
from app.gui.recording.sources import MIC, SYSTEM, source_name, sources_of
from app.gui.recording.state import ACTIVE, RecordingState, SavedLag
from app.gui.rows import MeetingRow, MeetingState, Wish
from app.translate.stage import failed_language

if TYPE_CHECKING:
    from app.core.events import Event
    from app.gui.actions import Actions
    from app.gui.messages import MessageCentre
    from app.gui.preferences import Preferences
    from app.gui.recording.bar import TopBar
    from app.gui.recording.controller import RecordingController

TICK_MS = 250
SAVING_STAGES = ("session", "recorder")
"""Stages whose failure means that what is said is lost."""
DOUBTS = "doubts"
"""What looks whether the sound can be right."""


class RecordingDesk(QObject):
    """`began` gives the row of a meeting that is now being recorded.

    `devices_asked`: what is chosen cannot be recorded, and the user wants to choose.
    """

    began = Signal(object)
    devices_asked = Signal()

    def __init__(
        self,
        bar: TopBar,
        actions: Actions,
        recorder: RecordingController,
        preferences: Preferences,
        messages: MessageCentre,
    ) -> None:
        super().__init__(bar)
        self._bar = bar
        self._actions = actions
        self._recorder = recorder
        self._preferences = preferences
        self._messages = messages
        self._lag = SavedLag()
        self._terms: tuple[str, ...] = ()
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(self._show_time)
        self._connect()
        self._show_settings()

    def _connect(self) -> None:
        self._actions.record.triggered.connect(self.toggle)
        self._actions.pause.triggered.connect(self._on_pause)
        self._actions.stop.triggered.connect(self._recorder.stop)
        self._recorder.state_changed.connect(self._on_state)
        self._recorder.started.connect(self._on_started)
        self._recorder.failed.connect(self._on_failed)
        self._recorder.event_received.connect(self._on_event)
        self._bar.sources.chosen.connect(self._on_source)
        self._bar.models.chosen.connect(self._on_model)
        self._bar.languages.chosen.connect(self._on_language)
        self._bar.languages.several_asked.connect(self._ask_languages)
        self._bar.tasks.chosen.connect(self._on_task)
        self._bar.speakers.clicked.connect(self._on_speakers)
        self._preferences.changed.connect(lambda _settings: self._show_speakers())
        self._bar.terms.clicked.connect(self._ask_terms)

    def _show_settings(self) -> None:
        settings = self._preferences.settings
        capture = settings.capture
        self._bar.sources.choose(capture.source, capture.device, capture.system_device)
        self._bar.languages.choose(settings.recognition.language)
        self._bar.tasks.choose(settings.recognition.task)
        self._use_terms(())
        self._show_speakers()

    def _show_speakers(self) -> None:
        self._bar.show_speakers(on=self._preferences.settings.speakers.engine != "off")

    def toggle(self) -> None:
        """What the record key does: start when idle, stop while recording."""
        if self._recorder.state is RecordingState.IDLE:
            self.start()
        elif self._recorder.state in ACTIVE:
            self._recorder.stop()

    def start(self, resume: str = "", begin: float = 0.0, title: str = "") -> None:
        """Record as it is chosen: a new meeting, or a saved one that goes on at `begin` (s)."""
        source, device, system_device = self._bar.sources.choice
        model = self._bar.models.chosen_model
        language = self._bar.languages.language
        self._lag.reset()
        self._bar.meters.show_sources(sources_of(source))
        self._bar.languages.forget_detected()
        for key in ("record", "stage", "saving", "speakers", f"source {MIC}", f"source {SYSTEM}"):
            self._messages.dismiss(key)
        chosen = self._preferences.settings.recognition
        voices = self._preferences.settings.speakers
        translation = self._preferences.settings.translation
        self._recorder.record(
            Wish(
                source,
                device,
                model,
                language,
                title or self._title(),
                threads=chosen.threads,
                preset=chosen.preset,
                policy=chosen.policy,
                translate=self._bar.tasks.translate,
                vocabulary=self._terms,
                engine="" if voices.engine == "off" else voices.engine,
                speakers=voices.number,
                targets=translation.languages if model else (),
                translator=translation.engine,
                system_device=system_device,
                own_voice=voices.own_voice,
                resume=resume,
                begin=begin,
            )
        )

    def _title(self) -> str:
        now = QLocale().toString(QDateTime.currentDateTime(), "d MMMM")
        return self.tr("Meeting on {when}").format(when=now)

    def _on_pause(self) -> None:
        if self._recorder.state is RecordingState.PAUSED:
            self._recorder.resume()
        else:
            self._recorder.pause()

    def limit_languages(self) -> None:
        """Offer the languages that the chosen model understands."""
        row = self._bar.models.row
        codes = row.languages if row is not None else ()
        self._bar.languages.limit(codes)
        self._bar.tasks.limit(row.name if row is not None and codes == ("en",) else "")

    # The user's choices

    def _on_source(self, kind: str, device: str, system_device: str) -> None:
        self._preferences.change("capture", source=kind, device=device, system_device=system_device)

    def _on_model(self, name: str) -> None:
        self._preferences.change("recognition", model=name)
        self.limit_languages()

    def _on_language(self, code: str) -> None:
        self._preferences.change("recognition", language=code)

    def _on_task(self, task: str) -> None:
        self._preferences.change("recognition", task=task)

    def _on_speakers(self, on: bool) -> None:
        """Turned on it is the engine that works for any number of people."""
        self._preferences.change("speakers", engine="embedded" if on else "off")

    def _ask_languages(self) -> None:
        chosen = self._bar.languages.language
        dialog = LanguagesDialog(self._bar.window(), chosen.split(",") if "," in chosen else ())
        dialog.chosen.connect(self._on_several)
        dialog.open()

    def _on_several(self, codes: str) -> None:
        self._bar.languages.choose(codes)
        self._on_language(codes)

    def _ask_terms(self) -> None:
        self._bar.show_terms(len(self._terms))  # a click has toggled the button
        dialog = TermsDialog(self._bar.window(), self._terms)
        dialog.chosen.connect(self._use_terms)
        dialog.open()

    def _use_terms(self, terms: tuple[str, ...]) -> None:
        self._terms = terms
        self._bar.show_terms(len(terms))

    # The recording

    def _on_state(self, state: RecordingState) -> None:
        self._bar.show_state(state)
        self._actions.show_state(state)
        if state in ACTIVE:
            self._ticker.start()
        else:
            self._ticker.stop()
        self._show_time()

    def _on_started(self, meeting: str) -> None:
        request = self._recorder.request
        title = request.title if request is not None else ""
        begin = request.begin if request is not None else 0.0
        now = datetime.now().astimezone()
        self._use_terms(())  # they were for this meeting alone
        self.began.emit(MeetingRow(meeting, title, now, begin, MeetingState.RECORDING))

    def _on_failed(self, error: Exception) -> None:
        again = Button(self.tr("Try again"), self._actions.record.trigger)
        idle = self._recorder.state is RecordingState.IDLE and self._recorder.never_started
        choose = None
        if isinstance(error, CaptureError):
            choose = Button(self.tr("Choose a device"), self.devices_asked.emit)
        buttons = (again, choose) if idle else (None, None)
        self._messages.show_error(error, key="record", button=buttons[0], other=buttons[1])

    def _show_time(self) -> None:
        elapsed = self._recorder.elapsed
        recording = self._recorder.state is RecordingState.RECORDING
        behind = self._lag.behind(elapsed) if recording else 0.0
        self._bar.show_time(elapsed, self._lag.saved, behind)

    def _on_event(self, event: Event) -> None:
        match event:
            case LevelMeasured(source=source, rms=rms, peak=peak):
                if self._recorder.state is RecordingState.RECORDING:
                    self._bar.meters.show_level(source, rms, peak)
            case AudioSaved(seconds=seconds):
                self._recorder.advance(seconds)
                self._lag.note(seconds, self._recorder.elapsed)
                self._show_time()
            case MeetingStarted(at=at, sources=sources):
                self._recorder.advance(at)
                self._bar.meters.show_sources(sources)
            case CaptureResumed() | DeviceChanged() | ClockJumped():
                self._lag.rebase()
            case CaptureEnded():
                self._on_capture_ended(event)
            case LoadChanged():
                self._say_load(event)
            case LanguageDetected(language=code):
                self._bar.languages.show_detected(code)
            case StageChanged(state=StageState.FAILED):
                self._say_failed(event)
            case _:
                pass

    def _say_load(self, event: LoadChanged) -> None:
        match event.level:
            case LoadLevel.NORMAL | LoadLevel.LONGER_STEPS:
                self._messages.dismiss("load")
                return
            case LoadLevel.NO_PREVIEW:
                text = self.tr("This computer is busy: captions come later, without a preview.")
                hint = self.tr("Nothing is lost. A smaller model needs less.")
            case LoadLevel.PAUSED:
                text = self.tr("Captions fell {n:.0f} seconds behind and left out a part.")
                text = text.format(n=event.behind)
                hint = self.tr("It was recorded and is written down as soon as there is time.")
        self._messages.show(Message(text, hint, Kind.WARNING, key="load"))

    def _on_capture_ended(self, event: CaptureEnded) -> None:
        """Nothing more will come: save what there is, and say why."""
        self._recorder.stop()
        if event.error:
            text = self.tr("The recording has ended: {error}.").format(
                error=event.error.rstrip(".")
            )
            hint = self.tr("Everything until then is saved. {hint}").format(hint=event.hint)
            self._messages.show(Message(text, hint.strip(), Kind.ERROR, key="record"))

    def _say_failed(self, event: StageChanged) -> None:
        error = event.error.rstrip(".")
        if event.stage in SAVING_STAGES:
            text = self.tr("The meeting cannot be saved: {error}.").format(error=error)
            self._messages.show(Message(text, event.hint, Kind.ERROR, key="saving"))
            return
        if event.stage == DOUBTS:  # it is only watched less
            return
        if event.stage in (MIC, SYSTEM):
            text = self.tr("{source}: it is not recorded any more: {error}.")
            text = text.format(source=source_name(event.stage), error=error)
            hint = self.tr("The rest is still being recorded. {hint}").format(hint=event.hint)
            key = f"source {event.stage}"
            self._messages.show(Message(text, hint.strip(), Kind.ERROR, key=key, loud=True))
            return
        if event.stage == "diarize":
            text = self.tr("Speakers are not told apart: {error}.").format(error=error)
            self._messages.show(Message(text, event.hint, Kind.WARNING, key="speakers"))
            return
        if failed_language(event) is not None:  # `Translating` says it
            return
        text = self.tr("There are no captions: {error}.").format(error=error)
        hint = event.hint or self.tr("You can stop and start again.")
        hint = self.tr("The sound is still being recorded. {hint}").format(hint=hint)
        self._messages.show(Message(text, hint, Kind.WARNING, key="stage"))
