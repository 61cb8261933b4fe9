"""The sound test: records and replays in the background while its dialog is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from app.gui.dialogs.sound import SoundDialog
from app.gui.recording.state import RecordingState

if TYPE_CHECKING:
    from app.gui.background import BackgroundOp, Job
    from app.gui.desktop import Desktop
    from app.gui.rows import SoundRow
    from app.gui.services import Services


class SoundCheck(QObject):
    """Opened from the box that says what is recorded; not during a recording."""

    _heard = Signal(str, float)

    def __init__(self, desktop: Desktop, services: Services) -> None:
        super().__init__(desktop)
        self._desktop = desktop
        self._sounds = services.sounds
        self._playing: BackgroundOp[None] | None = None
        self.dialog: SoundDialog | None = None
        self._heard.connect(self._on_heard, Qt.ConnectionType.QueuedConnection)
        desktop.window.bar.sources.test_asked.connect(self.open)

    def open(self) -> None:
        """Show the dialog, unless something is being recorded."""
        if self.dialog is not None or self._desktop.recorder.state is not RecordingState.IDLE:
            return
        self._desktop.refresh_devices()
        box = self._desktop.window.bar.sources
        dialog = SoundDialog(self._desktop.window, box, self._desktop.theme)
        dialog.test_asked.connect(self.test)
        dialog.play_asked.connect(self.play)
        dialog.chosen.connect(self._on_chosen)
        dialog.finished.connect(self._on_closed)
        self.dialog = dialog
        dialog.open()

    def _on_closed(self) -> None:
        self.dialog = None
        if self._playing is not None:
            self._playing.cancel()

    def _on_chosen(self, kind: str, device: str, system_device: str) -> None:
        box = self._desktop.window.bar.sources
        box.choose(kind, device, system_device)
        box.chosen.emit(kind, device, system_device)

    def test(self) -> None:
        """Record three seconds of what is checked."""
        dialog = self.dialog
        if dialog is None:
            return
        wishes, sounds, heard = dialog.wishes, self._sounds, self._heard

        def show(rows: list[SoundRow]) -> None:
            if self.dialog is dialog:
                dialog.show_busy()
                dialog.show_results(rows)

        def failed(error: Exception) -> None:
            self._desktop.messages.show_error(error, key="sound")
            if self.dialog is dialog:
                dialog.show_busy()

        dialog.show_busy(testing=True)
        job = self._desktop.background.job(
            "test sound", lambda _job: sounds.check(wishes, heard.emit)
        )
        job.on_success(show).on_failure(failed).start()

    def _on_heard(self, source: str, peak: float) -> None:
        if self.dialog is not None:
            self.dialog.show_level(source, peak)

    def play(self, source: str) -> None:
        """Play what was recorded of a source."""
        dialog = self.dialog
        row = dialog.cards[source].result if dialog is not None else None
        if dialog is None or row is None:
            return
        sounds = self._sounds

        def play(job: Job) -> None:
            sounds.play(row, job.cancelled)

        def over() -> None:
            self._playing = None
            if self.dialog is dialog:
                dialog.show_busy()

        def failed(error: Exception) -> None:
            over()
            self._desktop.messages.show_error(error, key="sound")

        dialog.show_busy(playing=True)
        job = self._desktop.background.job("play sound", play)
        self._playing = job.on_success(lambda _none: over()).on_failure(failed)
        job.start()
