"""When the caption panel is seen, and what it does to the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.gui.leaving import leaving_to
from app.gui.overlay.panel import CaptionOverlay
from app.gui.recording.state import RecordingState

if TYPE_CHECKING:
    from app.core.events import Event
    from app.core.settings import Settings
    from app.gui.actions import Actions
    from app.gui.preferences import Preferences

SMALLEST, LARGEST = 10, 72
TRIAL_MS = 6_000


class Captions(QObject):
    """Seen while something is recorded, if the user wants captions.

    Turned on at another time the panel shows itself for a moment, so that it can be put in place.
    """

    def __init__(self, preferences: Preferences, actions: Actions, parent: QObject) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._actions = actions
        self._recording = False
        self._showing = False
        self.panel = CaptionOverlay(preferences.settings.overlay)
        self._trial = QTimer(self, singleShot=True, interval=TRIAL_MS)
        self._trial.timeout.connect(self._update)
        self._connect()
        self._on_settings(preferences.settings)

    def _connect(self) -> None:
        self._actions.captions.toggled.connect(self._on_toggled)
        self._preferences.changed.connect(self._on_settings)
        self.panel.place_changed.connect(self._on_place)
        self.panel.font_change_asked.connect(self._on_font)
        self.panel.lines_change_asked.connect(self._on_lines)
        self.panel.show_asked.connect(self._on_show_asked)
        self.panel.hide_asked.connect(lambda: self._actions.captions.setChecked(False))

    def apply(self, event: Event) -> None:
        self.panel.apply(event)

    def show_state(self, state: RecordingState) -> None:
        recording = state is not RecordingState.IDLE
        if recording and not self._recording:
            self.panel.clear(self.tr("Listening…"))
        self._recording = recording
        self._show_leaving()
        self._update()

    def close(self) -> None:
        self._trial.stop()
        self.panel.close()
        self.panel.deleteLater()

    def _on_toggled(self, wanted: bool) -> None:
        if self._showing:
            return
        self._preferences.change("overlay", visible=wanted)
        if wanted and not self._recording:
            self.panel.clear(self.tr("Captions appear here. Drag me where you like."))
            self._trial.start()
        self._update()

    def _update(self) -> None:
        wanted = self._preferences.settings.overlay.visible
        seen = wanted and (self._recording or self._trial.isActive())
        if seen != self.panel.isVisible():
            self.panel.setVisible(seen)

    def _on_settings(self, settings: Settings) -> None:
        self.panel.adopt(settings.overlay)
        wish = settings.translation
        self.panel.show_translations(wish.languages, wish.overlay)
        self._show_leaving()
        self._showing = True
        self._actions.captions.setChecked(settings.overlay.visible)
        self._showing = False
        self._update()

    def _show_leaving(self) -> None:
        where = leaving_to(self._preferences.settings.translation)
        self.panel.show_leaving(where if self._recording else "")

    def _on_show_asked(self, mode: str) -> None:
        self._preferences.change("translation", overlay=mode)

    def _on_place(self, x: int, y: int, width: int, height: int) -> None:
        self._preferences.change("overlay", place=(x, y, width, height))

    def _on_font(self, step: int) -> None:
        size = self._preferences.settings.overlay.font_size + 2 * step
        self._preferences.change("overlay", font_size=min(LARGEST, max(SMALLEST, size)))

    def _on_lines(self, lines: int) -> None:
        self._preferences.change("overlay", lines=lines)
