"""The top bar: record, pause, stop, and what is recorded how."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui import fonts, icons
from app.gui.guard import guarded
from app.gui.recording.choices import LanguageBox, ModelBox, SourceBox
from app.gui.recording.meter import LevelMeter
from app.gui.recording.state import RecordingState, clock_text, controls
from app.gui.recording.task import TaskBox
from app.gui.theme import scaled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QPaintEvent

    from app.gui.actions import Actions
    from app.gui.theme import Theme

HEIGHT = 68
MOST_CODES = 1
"""Languages that are named on the button; there is little room."""
BREATH_MS = 1_800
BREATH_TICK_MS = 90
"""Slow enough to cost nothing in a meeting of hours."""


class RecordingDot(QWidget):
    """A red dot that breathes while sound is being recorded."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setFixedSize(16, 16)
        self._theme = theme
        self._phase = 0.0
        self._breath = QTimer(self, interval=BREATH_TICK_MS)
        self._breath.timeout.connect(self._on_tick)

    def breathe(self, *, on: bool) -> None:
        if on:
            self._breath.start()
        else:
            self._breath.stop()
        self.update()

    def _on_tick(self) -> None:
        self._phase = (self._phase + BREATH_TICK_MS / BREATH_MS) % 1.0
        self.update()

    @guarded
    def paintEvent(self, event: QPaintEvent) -> None:
        running = self._breath.isActive()
        colour = QColor(self._theme.colours.record if running else self._theme.colours.warn)
        colour.setAlphaF(0.68 + 0.32 * math.cos(math.tau * self._phase) if running else 1.0)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QRectF(3, 3, 10, 10))
        painter.end()


class TopBar(QFrame):
    """Shows the state it is given; what its buttons do is in the actions."""

    def __init__(self, theme: Theme, actions: Actions) -> None:
        super().__init__()
        self.setObjectName("topBar")
        self.setFixedHeight(HEIGHT)
        self._actions = actions
        self.sources = SourceBox()
        self.models = ModelBox()
        self.languages = LanguageBox()
        self.tasks = TaskBox()
        self.terms = self._make_terms()
        self.translate = self._make_translate()
        self.speakers = self._make_speakers()
        self.meter = LevelMeter(theme)
        self._dot = RecordingDot(theme)
        self._record = self._button(actions.record, "recordButton", "record", "#ffffff")
        self._pause = self._button(actions.pause, "pauseButton", "pause")
        self._stop = self._button(actions.stop, "stopButton", "stop", "#e0404c")
        self._elapsed = QLabel("00:00:00")
        self._saved = QLabel()
        self._status = self._make_status()
        self._arrange()
        self.show_state(RecordingState.IDLE)

    def _button(self, action: QAction, name: str, icon: str, colour: str = "") -> QPushButton:
        button = QPushButton()
        button.setObjectName(name)
        button.setIcon(icons.icon(icon, colour))
        button.setIconSize(QSize(20, 20))
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(action.trigger)
        return button

    def _make_status(self) -> QWidget:
        self._elapsed.setObjectName("elapsedLabel")
        self._elapsed.setFont(_steady(scaled(self.font(), 1.25, QFont.Weight.DemiBold)))
        self._elapsed.setAccessibleName(self.tr("Recorded time"))
        self._saved.setObjectName("savedLabel")
        self._saved.setProperty("role", "muted")
        self._saved.setFont(_steady(scaled(self.font(), 0.85)))
        status = QWidget()
        row = QHBoxLayout(status)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._dot)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._elapsed)
        words.addWidget(self._saved)
        words.addStretch(1)
        row.addLayout(words)
        return status

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        for button in (self._record, self._pause, self._stop):
            row.addWidget(button)
        row.addSpacing(6)
        row.addWidget(self._status)
        row.addStretch(1)
        row.addWidget(self.meter)
        row.addSpacing(4)
        row.addWidget(self.sources)
        row.addWidget(self.models)
        row.addWidget(self.languages)
        row.addWidget(self.tasks)
        row.addSpacing(4)
        row.addWidget(self.translate)
        row.addWidget(self.speakers)
        row.addWidget(self.terms)
        row.addWidget(self._tool(self._actions.captions, "captionsButton"))
        row.addWidget(self._tool(self._actions.settings, "settingsButton"))

    def _make_terms(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("termsButton")
        button.setIcon(icons.icon("vocabulary"))
        button.setIconSize(QSize(20, 20))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.tr("Names and terms of this meeting"))
        return button

    def _make_speakers(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("speakersButton")
        button.setIcon(icons.icon("people"))
        button.setIconSize(QSize(20, 20))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(self.tr("Tell speakers apart"))
        return button

    def _make_translate(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("translateButton")
        button.setIcon(icons.icon("translate"))
        button.setIconSize(QSize(20, 20))
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def show_targets(self, codes: Sequence[str]) -> None:
        """The languages into which captions are translated."""
        self.translate.setChecked(bool(codes))
        text = ", ".join(code.upper() for code in codes[:MOST_CODES])
        more = f" +{len(codes) - MOST_CODES}" if len(codes) > MOST_CODES else ""
        self.translate.setText(text + more)
        tip = self.tr("Translate captions…")
        if codes:
            names = ", ".join(fonts.native_name(code) for code in codes)
            tip = self.tr("Captions are translated into {names}").format(names=names)
        self.translate.setToolTip(tip)
        self.translate.setAccessibleName(tip)

    def show_speakers(self, *, on: bool) -> None:
        """Whether the next meeting's speakers will be told apart."""
        self.speakers.setChecked(on)
        self.speakers.setToolTip(
            self.tr("Speakers are told apart") if on else self.tr("Tell speakers apart")
        )

    def show_terms(self, number: int) -> None:
        """How many names and terms the next meeting has of its own."""
        self.terms.setChecked(number > 0)
        text = self.tr("Names and terms of this meeting")
        self.terms.setToolTip(f"{text} ({number})" if number else text)

    def _tool(self, action: QAction, name: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setDefaultAction(action)
        button.setIconSize(QSize(20, 20))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(action.text().replace("&", ""))
        return button

    def show_state(self, state: RecordingState) -> None:
        """Draw what can be done in `state`."""
        able = controls(state)
        starting = state is RecordingState.STARTING
        self._record.setVisible(able.record_visible)
        self._record.setEnabled(able.record)
        self._record.setText(self.tr("Starting…") if starting else self.tr("Record"))
        self._pause.setVisible(not able.record_visible)
        self._stop.setVisible(not able.record_visible)
        self._pause.setEnabled(able.pause)
        self._stop.setEnabled(able.stop)
        self._show_pause(paused=state is RecordingState.PAUSED)
        self._stop.setText(
            self.tr("Saving…") if state is RecordingState.SAVING else self.tr("Stop")
        )
        self._status.setVisible(not able.record_visible)
        self.meter.setVisible(not able.record_visible)  # there is no level before
        self._dot.breathe(on=able.pulsing)
        for box in (self.sources, self.models, self.languages):
            box.setEnabled(able.choices)
        self.terms.setVisible(able.choices)
        self.speakers.setVisible(able.choices)
        self.tasks.setVisible(able.choices)
        self._name_buttons()
        if not able.pulsing:
            self.meter.clear()

    def _show_pause(self, *, paused: bool) -> None:
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._pause.setIcon(icons.icon("resume" if paused else "pause"))

    def _name_buttons(self) -> None:
        self._record.setToolTip(self.tr("Start recording (Ctrl+R)"))
        self._stop.setToolTip(self.tr("Stop and save the recording (Ctrl+R)"))
        self._pause.setToolTip(self.tr("Pause or resume the recording (Ctrl+Shift+P)"))
        for button in (self._record, self._stop, self._pause):
            button.setAccessibleName(button.text())

    def show_time(self, elapsed: float, saved: float | None) -> None:
        """Seconds recorded, and seconds that are safe on disk (None: not known yet)."""
        self._elapsed.setText(clock_text(elapsed))
        self._saved.setText(
            "" if saved is None else self.tr("Saved to {time}").format(time=clock_text(saved))
        )
        self._saved.setVisible(saved is not None)


def _steady(font: QFont) -> QFont:
    """Digits of one width, so that a running clock does not wobble."""
    font.setFeature(QFont.Tag("tnum"), 1)
    return font
