"""The top bar: record, pause, stop, and what is recorded how."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton

from app.gui import fonts, icons
from app.gui.guard import guarded
from app.gui.recording.choices import LanguageBox, ModelBox
from app.gui.recording.meter import Meters
from app.gui.recording.sources import SourceBox
from app.gui.recording.state import RecordingState, controls
from app.gui.recording.status import RecordingStatus
from app.gui.recording.task import TaskBox

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction, QResizeEvent

    from app.gui.actions import Actions
    from app.gui.theme import Theme

HEIGHT = 68
_STEPS = ("pause", "locked", "tight", "tasks", "sources")
"""What is left out where there is little room, the least important first."""
ANY_WIDTH = 16_777_215
"""What Qt takes for no limit."""
MOST_CODES = 1
"""Languages that are named on the button; there is little room."""


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
        self.meters = Meters(theme)
        self._record = self._button(actions.record, "recordButton", "record", "#ffffff")
        self._pause = self._button(actions.pause, "pauseButton", "pause")
        self._stop = self._button(actions.stop, "stopButton", "stop", "#e0404c")
        self._status = RecordingStatus(theme)
        self.forget = self._make_forget()
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

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(8)
        for button in (self._record, self._pause, self._stop):
            row.addWidget(button)
        row.addSpacing(6)
        row.addWidget(self._status)
        row.addWidget(self.forget)
        row.addStretch(1)
        row.addWidget(self.meters)
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

    def _make_forget(self) -> QToolButton:
        button = QToolButton()
        button.setObjectName("forgetButton")
        button.setIcon(icons.icon("forget"))
        button.setIconSize(QSize(20, 20))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._actions.forget_menu)
        button.setToolTip(self._actions.forget.toolTip())
        button.setAccessibleName(self._actions.forget.text())
        return button

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
        self.meters.setVisible(not able.record_visible)  # there is no level before
        self.forget.setVisible(able.pause)
        self._status.dot.breathe(on=able.pulsing)
        for box in (self.sources, self.models, self.languages):
            box.setEnabled(able.choices)
        self.terms.setVisible(able.choices)
        self.speakers.setVisible(able.choices)
        self.tasks.setVisible(able.choices)
        self._name_buttons()
        if not able.pulsing:
            self.meters.clear()
        self._fit()

    def _show_pause(self, *, paused: bool) -> None:
        self._pause.setText(self.tr("Resume") if paused else self.tr("Pause"))
        self._pause.setIcon(icons.icon("resume" if paused else "pause"))

    def _name_buttons(self) -> None:
        self._record.setToolTip(self.tr("Start recording (Ctrl+R)"))
        self._stop.setToolTip(self.tr("Stop and save the recording (Ctrl+R)"))
        self._pause.setToolTip(self.tr("Pause or resume the recording (Ctrl+Shift+P)"))
        for button in (self._record, self._stop, self._pause):
            button.setAccessibleName(button.text())

    def show_time(self, elapsed: float, saved: float | None, behind: float = 0.0) -> None:
        """As `RecordingStatus.show_time`."""
        self._status.show_time(elapsed, saved, behind)

    # Room

    def minimumSizeHint(self) -> QSize:
        """The bar makes do with what there is: it leaves out what matters least."""
        return QSize(0, HEIGHT)

    @guarded
    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Take words, then whole boxes away until the rest fits."""
        layout = self.layout()
        if layout is None or not self.width():
            return
        recording = self._status.isVisibleTo(self)
        for step in range(len(_STEPS) + 1):
            self._leave_out(_STEPS[:step], recording=recording)
            layout.invalidate()
            if layout.totalMinimumSize().width() <= self.width():
                return

    def _leave_out(self, steps: Sequence[str], *, recording: bool) -> None:
        self._pause.setText("" if "pause" in steps else self._pause.accessibleName())
        self._pause.setProperty("bare", "pause" in steps)
        self._pause.style().polish(self._pause)
        for box, width in ((self.languages, 150), (self.models, 108), (self.sources, 152)):
            box.setMaximumWidth(width if "tight" in steps else ANY_WIDTH)
        locked = recording and "locked" in steps
        self.models.setVisible(not locked)
        self.sources.setVisible(not (recording and "sources" in steps))
        self.tasks.setVisible(not recording and "tasks" not in steps)
