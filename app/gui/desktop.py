"""The desktop program: makes the parts, joins them, and ends them in order."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QObject, QTimer, Signal

from app.gui.actions import Actions
from app.gui.background import Background
from app.gui.captions import Captions
from app.gui.dialogs.alert import Alert
from app.gui.dialogs.ask import Question
from app.gui.dialogs.folder import show_folder
from app.gui.dialogs.settings import OwnPages, SettingsDialog
from app.gui.dialogs.vocabulary import VocabularyPage
from app.gui.dialogs.voices import VoicesList
from app.gui.downloads import DownloadCard
from app.gui.meetings.chores import Chores
from app.gui.meetings.recovery import Recovery
from app.gui.meetings.resuming import Resuming
from app.gui.meetings.shrinking import Shrinking
from app.gui.meetings.translating import SavedTranslating
from app.gui.meetings.voices import SpeakerSearch
from app.gui.messages import Kind, Message, MessageCentre
from app.gui.model_choice import ModelChoice
from app.gui.model_manager import ModelManager
from app.gui.preferences import Preferences
from app.gui.recording.controller import RecordingController
from app.gui.recording.desk import RecordingDesk
from app.gui.recording.privacy import Privacy
from app.gui.recording.soundcheck import SoundCheck
from app.gui.recording.state import RecordingState
from app.gui.recording.translating import Translating
from app.gui.recording.watchdog import Watchdog
from app.gui.sound_settings import sound_settings
from app.gui.transcript.naming import Naming
from app.gui.tray import Tray
from app.gui.window import MainWindow
from app.gui.workspace import Workspace

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent

    from app.core.errors import AppError
    from app.core.events import Event
    from app.core.settings import Settings
    from app.gui.rows import DeviceRow, MeetingRow
    from app.gui.services import Services
    from app.gui.theme import Theme
    from app.gui.threads import QtThreadHost

logger = logging.getLogger(__name__)

DEVICES_FRESH_MS = 10_000


class Desktop(QObject):
    """Owns everything on the screen. `ended` is emitted when nothing is left to be saved."""

    ended = Signal()

    def __init__(
        self, services: Services, host: QtThreadHost, theme: Theme, messages: MessageCentre
    ) -> None:
        super().__init__()
        self._services = services
        self.theme = theme
        self.messages = messages
        self.quitting = False
        self._devices_age = QElapsedTimer()
        self._devices_age.start()
        self._dialog: SettingsDialog | None = None
        self._vocabulary: VocabularyPage | None = None
        self.preferences = Preferences(services.paths, messages, self)
        theme.choose(self.preferences.settings.general.theme)
        self.background = Background(host, messages.show_error)
        self.actions = Actions(self)
        self.recorder = RecordingController(services, self.background, self)
        self._downloads = DownloadCard(services, self.background, messages, theme)
        self.window = MainWindow(theme, self.actions, messages, self._downloads)
        self.captions = Captions(self.preferences, self.actions, self)
        self.tray = Tray(self.actions, self)
        self.workspace = Workspace(services, self.background, messages, self.window, self.recorder)
        self._chores = Chores(services, self.background, messages, self.window, self.workspace)
        self._voices = SpeakerSearch(
            services, self.background, messages, self.window, self.workspace
        )
        self._voices.follow(self.preferences)
        self._watchdog = Watchdog(
            services.meetings,
            self.background,
            messages,
            lambda: show_folder(services.paths.meetings),
            sound_settings(),
        )
        self._naming = Naming(services, self.background, self.preferences, self.workspace)
        self._desk = RecordingDesk(
            self.window.bar, self.actions, self.recorder, self.preferences, messages
        )
        self.models = ModelChoice(self, services, self._downloads, self._desk)
        self.translating = Translating(self, services, self.models.ask)
        self.shrinking = Shrinking(self, services)
        self.sound_check = SoundCheck(self, services)
        self._privacy = Privacy(self, services)
        self._resuming = Resuming(self, services, self._desk)
        self.recovery = Recovery(self, self._chores, self._resuming)
        self._later = SavedTranslating(self, services, self.models.ask, self.translating.offered)
        self._connect()

    def _connect(self) -> None:
        self.window.closing.connect(self._on_closing)
        self.window.activated.connect(self._on_activated)
        self.messages.watch_window(self.window.isVisible)
        self.messages.use_balloon(self.tray.balloon)
        self.tray.activated.connect(self.window.bring_to_front)
        self.actions.show_window.triggered.connect(self.window.bring_to_front)
        self.actions.quit.triggered.connect(self.quit)
        self.actions.settings.triggered.connect(self.show_settings)
        self.actions.export.triggered.connect(self._chores.export_shown)
        self.preferences.changed.connect(self._on_settings)
        self.window.centre.view.naming.connect(self._naming.help)
        self.workspace.live_told.connect(self.captions.apply)
        self._voices.settled.connect(self._naming.learn)
        self._voices.settled.connect(self.shrinking.add)
        self.recovery.done.connect(self.shrinking.look)
        self._watchdog.trouble_changed.connect(self.tray.show_trouble)
        self._watchdog.space_ended.connect(self._on_space_ended)
        self._desk.devices_asked.connect(self.sound_check.open)
        self.models.refreshed.connect(self.translating.check)
        self.models.refreshed.connect(self._later.look)
        self._desk.began.connect(self._on_began)
        self.recorder.state_changed.connect(self._on_state)
        self.recorder.event_received.connect(self._on_event)
        self.recorder.finished.connect(self.workspace.end_live)
        self.recorder.finished.connect(self._on_finished)

    # Start

    def show(self) -> None:
        """Show the window now; what takes time begins once it is on the screen."""
        self.window.take_place(self.preferences.settings.general.window)
        self.window.show()
        self.window.setFocus()
        self.tray.show()
        QTimer.singleShot(0, self, self._begin)

    def _begin(self) -> None:
        self.models.refresh()
        self.workspace.refresh(self.workspace.recover)
        self.refresh_devices()

    def _on_activated(self) -> None:
        """The user may have plugged something in meanwhile."""
        if self._devices_age.hasExpired(DEVICES_FRESH_MS):
            self.refresh_devices()

    def refresh_devices(self) -> None:
        """Look what there is to record from, unless it is being recorded from."""
        if self.quitting or self.recorder.state is not RecordingState.IDLE:
            return
        self._devices_age.start()

        def show(found: dict[str, list[DeviceRow]]) -> None:
            for kind, devices in found.items():
                self.window.bar.sources.show_devices(kind, devices)

        def failed(error: Exception) -> None:
            logger.info("devices cannot be listed: %s", error)  # starting says what is wrong

        services = self._services
        job = self.background.job(
            "list devices", lambda _job: {k: services.devices(k) for k in ("mic", "system")}
        )
        job.on_success(show).on_failure(failed).start()

    # While it runs

    def _on_began(self, row: MeetingRow) -> None:
        self.workspace.begin_live(row, self._resuming.take_before(row.id))
        if not self.window.bar.models.chosen_model:
            self.models.say_no_captions()

    def _on_state(self, state: RecordingState) -> None:
        self.captions.show_state(state)
        self.tray.show_state(state)
        self._watchdog.show_state(state)
        self.window.meetings.show_recording(on=state is not RecordingState.IDLE)
        if self.quitting and state is RecordingState.IDLE:
            self._finish_quit()

    def _on_finished(self, meeting: str) -> None:
        if not self.quitting:
            self._voices.after_meeting(meeting)

    def _on_event(self, event: Event) -> None:
        self._watchdog.apply(event)
        self.workspace.apply(event)
        self.captions.apply(event)

    def _on_space_ended(self, message: Message) -> None:
        """Save while there is still room for that, and say it so that nobody can miss it."""
        self.recorder.stop()
        if not self.quitting:
            Alert(self.window, message).open()

    def _on_settings(self, settings: Settings) -> None:
        self.theme.choose(settings.general.theme)
        if self._dialog is not None:
            self._dialog.adopt(settings)

    def show_settings(self) -> None:
        if self._dialog is None:
            words = VocabularyPage(self._services.paths, self._report_vocabulary)
            voices = VoicesList(self._services.voices, self._report_voices)
            own = OwnPages(self._services.paths.meetings, words, voices, self._make_manager().page)
            self._dialog = SettingsDialog(self.window, self.preferences.settings, own)
            self._dialog.finished.connect(words.flush)
            self._vocabulary = words
            self._dialog.changed.connect(self.preferences.adopt)
            self._dialog.finished.connect(self._on_settings_closed)
            self._find_processor(self._dialog)
        self._dialog.show()
        self._dialog.raise_()
        self._dialog.activateWindow()

    def _make_manager(self) -> ModelManager:
        manager = ModelManager(
            self._services, self.background, self.messages, self._downloads, self.models.ask
        )
        manager.after_removal = self.models.refresh
        return manager

    def _find_processor(self, dialog: SettingsDialog) -> None:
        """The engine has to be loaded to be asked, so the answer comes a moment later."""

        def show(clause: str) -> None:
            if self._dialog is dialog:
                dialog.show_processor(clause)

        def failed(error: Exception) -> None:
            logger.info("the processor cannot be named: %s", error)  # starting says what is wrong

        services, model = self._services, self.window.bar.models.chosen_model
        job = self.background.job("find processor", lambda _job: services.processor(model))
        job.on_success(show).on_failure(failed).start()

    def _on_settings_closed(self) -> None:
        self._dialog = self._vocabulary = None

    def _report_vocabulary(self, error: AppError) -> None:
        self.messages.show_error(error, key="vocabulary")

    def _report_voices(self, error: AppError) -> None:
        self.messages.show_error(error, key="voices")

    # End

    def _on_closing(self, event: QCloseEvent) -> None:
        """With a tray the program lives on there; without one, closing means quitting."""
        if self.quitting:
            event.accept()
            return
        event.ignore()
        if self.tray.available:
            self._remember_window()
            self.window.hide()
            self._say_in_tray()
        elif self.recorder.state is RecordingState.IDLE:
            QTimer.singleShot(0, self, self.quit)  # not within the event: it closes the window
        else:
            self._ask_to_quit()

    def _say_in_tray(self) -> None:
        if self.preferences.settings.general.tray_hint_shown:
            return
        self.preferences.change("general", tray_hint_shown=True)
        text = self.tr("Captionist is still running.")
        hint = self.tr("Click its icon to open the window again; use the icon's menu to quit.")
        self.messages.show(Message(text, hint, key="tray", brief=True))

    def _ask_to_quit(self) -> None:
        question = Question(
            self.window,
            self.tr("Stop recording and quit?"),
            self.tr("The recording is saved first, so nothing is lost."),
            self.tr("Stop and quit"),
        )
        question.then(self.quit)

    def quit(self) -> None:
        """Stop and save what is running, then leave. Returns at once."""
        if self.quitting:
            return
        self.quitting = True
        self.window.notes.flush()
        self._downloads.cancel()
        if self.recorder.state is RecordingState.IDLE:
            self._finish_quit()
            return
        self.window.show_saving(on=True)
        self.window.bring_to_front()
        self.recorder.stop()

    def _finish_quit(self) -> None:
        self._remember_window()
        self.preferences.flush()
        if self._vocabulary is not None:
            self._vocabulary.flush()
        self.background.cancel_all()
        self.background.when_idle(self._leave)

    def _leave(self) -> None:
        self.tray.hide()
        self.captions.close()
        self.window.close()
        self.ended.emit()

    def _remember_window(self) -> None:
        self.preferences.change("general", window=self.window.place())


def crash_message() -> Message:
    """What to say when the last run ended in a crash."""
    text = QCoreApplication.translate("Desktop", "The program crashed last time.")
    hint = QCoreApplication.translate("Desktop", "What was recorded until then is kept.")
    return Message(text, hint, Kind.WARNING, key="crash")
